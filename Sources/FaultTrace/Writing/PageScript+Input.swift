extension PageScript {
    /// Mouse, keys, search, and what stands below the canvas.
    static let input = #"""
        const $ = id => document.getElementById(id);
        function clamp() {
          const [begin, end] = whole(state.axis), least = state.axis === 0 ? 2 : 3;
          let length = Math.min(Math.max(state.to - state.from, least), (end - begin) * 1.04);
          const centre = (state.from + state.to) / 2;
          state.from = Math.max(begin - (end - begin) * 0.02, centre - length / 2);
          state.to = state.from + length;
          if (state.to > end + (end - begin) * 0.02) { state.to = end + (end - begin) * 0.02; state.from = state.to - length; }
        }
        function fit() { [state.from, state.to] = whole(state.axis); draw(); }
        function zoom(factor, px = side + width() / 2) {
          const v = valueAt(px);
          state.from = v - (v - state.from) * factor;
          state.to = v + (state.to - v) * factor;
          clamp(); draw();
        }
        function pan(part) { const d = (state.to - state.from) * part; state.from += d; state.to += d; clamp(); draw(); }
        function toggleAxis() {
          // The same part of the run stays in view.
          const [a0, a1] = whole(state.axis), f = (state.from - a0) / (a1 - a0), t = (state.to - a0) / (a1 - a0);
          state.axis = 1 - state.axis;
          const [b0, b1] = whole(state.axis);
          state.from = b0 + f * (b1 - b0); state.to = b0 + t * (b1 - b0);
          if (state.selected) show(...state.selected, false);
          clamp(); buttons(); draw();
        }
        function buttons() {
          $('axis').textContent = state.axis === 0 ? 'axis: time' : 'axis: order';
          $('compact').setAttribute('aria-pressed', state.compact);
          $('arrows').setAttribute('aria-pressed', state.arrows);
          $('table').setAttribute('aria-pressed', $('waits').style.display === 'block');
        }
        // Brings a span into view.
        function show(r, i, isZoomed) {
          const row = rows[r], s = row.spans, begin = s.begin[state.axis][i], end = s.end[state.axis][i];
          const length = Math.max(end - begin, 1);
          if (isZoomed) { state.from = begin - length * 0.4; state.to = end + length * 0.4; }
          else if (end < state.from || begin > state.to) {
            const half = (state.to - state.from) / 2, centre = (begin + end) / 2;
            state.from = centre - half; state.to = centre + half;
          }
          const h = canvas.clientHeight - TOP;
          if (row.y < state.scroll || row.y + row.height > state.scroll + h) state.scroll = row.y - h / 2;
          clamp(); draw();
        }
        function select(r, i) {
          state.selected = r < 0 ? null : [r, i];
          state.chain = [];
          if (state.selected) {
            const w = waitOf(r, i);
            if (w >= 0) state.chain = chain(w);
          }
          detail(); draw();
        }
        // The wait of a span: a task's sleep, the sleep in a lock's queue, or the longest sleep within the span.
        function waitOf(r, i) {
          const row = rows[r], s = row.spans;
          if (s.kind[i] === KIND.sleep) return s.number[i];
          if (s.kind[i] === KIND.wait) return sleepWithin(rows[s.number[i]], s.begin[1][i] - 1, s.end[1][i] + 1);
          if (row.group === 0 && s.kind[i] >= KIND.operation) return sleepWithin(row, s.begin[1][i], s.end[1][i]);
          return -1;
        }
        function sleepWithin(row, from, to) {
          if (!row) return -1;
          const s = row.spans, stop = row.starts[1];
          let low = 0, high = stop, best = -1, most = -1;
          while (low < high) { const m = (low + high) >> 1; if (s.end[1][m] < from) low = m + 1; else high = m; }
          for (let i = low; i < stop && s.begin[1][i] <= to && i < low + 5000; i++) {
            if (s.kind[i] !== KIND.sleep) continue;
            const length = (s.end[0][i] - s.begin[0][i]) * 1e6 + s.end[1][i] - s.begin[1][i];
            if (length > most) { most = length; best = s.number[i]; }
          }
          return best;
        }
        function detail() {
          const box = $('detail');
          box.style.display = state.selected ? 'block' : 'none';
          if (!state.selected) return;
          const [r, i] = state.selected;
          box.replaceChildren();
          const line = document.createElement('div');
          line.textContent = `${rows[r].name}: ${spanText(rows[r], i)} `;
          const small = document.createElement('small');
          small.textContent = spanTimes(rows[r], i);
          line.append(small);
          box.append(line);
          const within = rows[r].marks.filter(m => m[1] >= rows[r].spans.begin[1][i] && m[1] <= rows[r].spans.end[1][i]);
          if (within.length) {
            const marks = document.createElement('div');
            marks.textContent = '▴ ' + within.slice(0, 5).map(m => texts[m[2]]).join('; ') + (within.length > 5 ? '; …' : '');
            box.append(marks);
          }
          if (!state.chain.length) return;
          const list = document.createElement('ol');
          for (const w of state.chain) {
            const item = document.createElement('li');
            item.textContent = waitText(w);
            item.onclick = () => go(w);
            if (waitPlace[w * 2] === r && waitPlace[w * 2 + 1] === i) item.setAttribute('aria-current', 'true');
            list.append(item);
          }
          box.append(list);
        }
        function go(w) { const r = waitPlace[w * 2], i = waitPlace[w * 2 + 1]; const all = state.chain; select(r, i); if (all.includes(w)) state.chain = all; detail(); show(r, i, false); }
        // One step along the chain: to the next wait, or from the last one to what ended it.
        function follow() {
          if (!state.selected || !state.chain.length) return;
          const [r, i] = state.selected, s = rows[r].spans, own = s.kind[i] === KIND.sleep ? s.number[i] : -1;
          const at = state.chain.indexOf(own);
          if (at < 0) return go(state.chain[0]);
          if (at + 1 < state.chain.length) return go(state.chain[at + 1]);
          const end = ender(own), all = state.chain;
          if (!end) return;
          state.selected = end; state.chain = all; detail(); show(...end, false);
        }
        function hit(px, py) {
          const y = py - TOP + state.scroll;
          if (py < TOP) return null;
          let low = 0, high = layout.length - 1;
          while (low < high) { const m = (low + high + 1) >> 1; if (layout[m].y <= y) low = m; else high = m - 1; }
          const item = layout[low];
          if (!item || !item.row) return null;
          const row = item.row;
          if (px < side) return { row, i: -1 };
          let lane = -1;
          for (let l = 0; l < row.lanes; l++) if (row.tops[l] >= 0 && row.tops[l] <= y - row.y) lane = l;
          if (lane < 0) return { row, i: -1 };
          const s = row.spans, slack = 3 / width() * (state.to - state.from), v = valueAt(px);
          const i = first(s, row.starts[lane], row.starts[lane + 1], v - slack);
          if (i < row.starts[lane + 1] && s.begin[state.axis][i] <= v + slack) {
            // If two spans are within reach, this chooses the one under the pointer.
            if (s.end[state.axis][i] < v && i + 1 < row.starts[lane + 1] && s.begin[state.axis][i + 1] <= v) return { row, i: i + 1 };
            return { row, i };
          }
          return { row, i: -1 };
        }
        function marksNear(row, px) {
          return row.marks.filter(m => Math.abs(x(m[state.axis]) - px) < 4).slice(0, 4).map(m => texts[m[2]]);
        }
        let drag = null;
        // Puts the middle of the scroll bar's handle at a height.
        function scrollTo(y) {
          const h = canvas.clientHeight - TOP, size = Math.max(24, h * h / (bottom + 10));
          state.scroll = (y - TOP - size / 2) / (h - size) * (bottom + 10 - h);
          draw();
        }
        canvas.addEventListener('pointerdown', e => {
          const bar = e.offsetX > canvas.clientWidth - BAR && e.offsetY > TOP && canvas.clientHeight - TOP < bottom + 10;
          drag = { bar, x: e.offsetX, y: e.offsetY, from: state.from, to: state.to, scroll: state.scroll, moved: false };
          canvas.setPointerCapture(e.pointerId);
          if (bar) scrollTo(e.offsetY);
        });
        canvas.addEventListener('pointermove', e => {
          const tip = $('tip');
          if (drag) {
            tip.style.display = 'none';
            if (drag.bar) return scrollTo(e.offsetY);
            const dx = e.offsetX - drag.x, dy = e.offsetY - drag.y;
            if (Math.abs(dx) + Math.abs(dy) > 3) drag.moved = true;
            if (drag.moved) {
              const d = dx / width() * (drag.to - drag.from);
              state.from = drag.from - d; state.to = drag.to - d; state.scroll = drag.scroll - dy;
              clamp(); draw();
            }
            return;
          }
          const found = hit(e.offsetX, e.offsetY);
          if (!found) { tip.style.display = 'none'; return; }
          tip.replaceChildren();
          const line = document.createElement('div');
          line.textContent = found.i < 0 ? found.row.name : `${found.row.name}: ${spanText(found.row, found.i)}`;
          tip.append(line);
          const isTask = found.row.group === 0;
          const lanes = () => isTask ? ['lanes: ' + LANE_NAMES.filter((_, l) => found.row.tops[l] >= 0).join('; ')] : [];
          const more = found.i < 0 ? lanes() : [spanTimes(found.row, found.i)];
          if (found.i >= 0 && found.row.spans.kind[found.i] === KIND.sleep) more.push(waitText(found.row.spans.number[found.i]));
          for (const text of [...more, ...marksNear(found.row, e.offsetX)]) {
            const small = document.createElement('small');
            small.textContent = text;
            tip.append(small, document.createElement('br'));
          }
          tip.style.display = 'block';
          tip.style.left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px';
          tip.style.top = Math.min(e.clientY + 16, innerHeight - tip.offsetHeight - 8) + 'px';
        });
        canvas.addEventListener('pointerup', e => {
          const wasMoved = drag && (drag.moved || drag.bar);
          drag = null;
          if (wasMoved) return;
          const found = hit(e.offsetX, e.offsetY);
          if (!found || found.i < 0) return select(-1, -1);
          select(found.row.place, found.i);
          // What stands below may have taken the place of the row.
          state.scroll = Math.max(state.scroll, found.row.y + Math.min(found.row.height, 60) - (canvas.clientHeight - TOP));
          draw();
        });
        canvas.addEventListener('pointerleave', () => { $('tip').style.display = 'none'; });
        canvas.addEventListener('dblclick', () => { if (state.selected) show(...state.selected, true); });
        canvas.addEventListener('wheel', e => {
          e.preventDefault();
          $('tip').style.display = 'none';
          const step = e.deltaMode === 1 ? 20 : 1;
          if (e.ctrlKey || e.metaKey) zoom(Math.exp(e.deltaY * step * 0.004), e.offsetX);
          else if (e.shiftKey) pan((e.deltaY + e.deltaX) * step / width());
          else { state.scroll += e.deltaY * step; if (e.deltaX) pan(e.deltaX * step / width()); draw(); }
        }, { passive: false });

        // What a task did at a mark: the last span of its first lane that had begun.
        function markedSpan(row, mark) {
          let low = row.starts[0], high = row.starts[1];
          while (low < high) { const m = (low + high) >> 1; if (row.spans.begin[1][m] <= mark[1]) low = m + 1; else high = m; }
          return low - 1;
        }
        function search(text) {
          const wanted = text.trim().toLowerCase();
          state.found = null; state.foundList = null; state.foundAt = -1;
          if (wanted) {
            const set = new Set();
            texts.forEach((t, i) => { if (t.toLowerCase().includes(wanted)) set.add(i); });
            const list = [];
            for (const row of rows) {
              const all = row.name.toLowerCase().includes(wanted), s = row.spans;
              if (all && row.starts[0] < s.n) list.push([row.place, row.starts[0]]);
              for (let i = 0; i < s.n && list.length < 100000; i++) if (set.has(s.text[i])) list.push([row.place, i]);
              for (const mark of row.marks) {
                if (!set.has(mark[2])) continue;
                const i = markedSpan(row, mark);
                if (i >= 0) list.push([row.place, i]);
              }
            }
            const when = p => rows[p[0]].spans.begin[1][p[1]];
            list.sort((a, b) => when(a) - when(b));
            state.found = set.size ? set : null;
            state.foundList = list;
          }
          $('found').textContent = wanted ? `${state.foundList.length} found` : '';
          draw();
        }
        function step(by) {
          const list = state.foundList;
          if (!list || !list.length) return;
          state.foundAt = (state.foundAt + by + list.length) % list.length;
          const [r, i] = list[state.foundAt];
          $('found').textContent = `${state.foundAt + 1} of ${list.length}`;
          select(r, i); show(r, i, false);
        }
        $('search').addEventListener('input', e => search(e.target.value));
        $('search').addEventListener('keydown', e => {
          if (e.key === 'Enter') { step(e.shiftKey ? -1 : 1); e.preventDefault(); }
          if (e.key === 'Escape') { e.target.value = ''; search(''); canvas.focus(); }
          e.stopPropagation();
        });
        function neighbour(by) {
          if (!state.selected) return;
          const [r, i] = state.selected, s = rows[r].spans, next = i + by;
          if (next < 0 || next >= s.n || s.lane[next] !== s.lane[i]) return;
          select(r, next); show(r, next, false);
        }
        function jump(group) { const item = layout.find(l => l.head && (l.group === group || (group === 1 && l.group === 2))); if (item) { state.scroll = item.y; draw(); } }
        function toggleTheme() {
          const root = document.documentElement, dark = parseInt(colours.back.slice(1, 3), 16) < 128;
          root.dataset.theme = dark ? 'light' : 'dark';
          theme(); legend(); draw();
        }
        function toggleTable() { const box = $('waits'); box.style.display = box.style.display === 'block' ? 'none' : 'block'; buttons(); draw(); }
        const keys = {
          w: () => zoom(0.7), '+': () => zoom(0.7), '=': () => zoom(0.7), s: () => zoom(1 / 0.7), '-': () => zoom(1 / 0.7),
          a: () => pan(-0.2), d: () => pan(0.2), ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2),
          ArrowUp: () => { state.scroll -= 60; draw(); }, ArrowDown: () => { state.scroll += 60; draw(); },
          PageUp: () => { state.scroll -= canvas.clientHeight * 0.8; draw(); },
          PageDown: () => { state.scroll += canvas.clientHeight * 0.8; draw(); },
          Home: () => { state.scroll = 0; draw(); }, End: () => { state.scroll = bottom; draw(); },
          f: fit, 0: fit, t: toggleAxis, c: () => { state.compact = !state.compact; place(); buttons(); draw(); },
          r: () => { state.arrows = !state.arrows; buttons(); draw(); }, b: toggleTable, l: toggleTheme,
          z: () => { if (state.selected) show(...state.selected, true); }, Enter: follow, '[': () => neighbour(-1), ']': () => neighbour(1),
          n: () => step(1), N: () => step(-1), '/': () => $('search').focus(), '?': () => $('keys').showModal(),
          Escape: () => select(-1, -1), 1: () => jump(0), 2: () => jump(1), 3: () => jump(3), 4: () => jump(4),
        };
        addEventListener('keydown', e => {
          if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === 'INPUT') return;
          if ($('keys').open) {
            if (e.key === '?' || e.key === 'Escape') { $('keys').close(); e.preventDefault(); }
            return;
          }
          const action = keys[e.key];
          $('tip').style.display = 'none';
          if (action) { action(); e.preventDefault(); }
        });
        $('axis').onclick = toggleAxis; $('compact').onclick = keys.c; $('arrows').onclick = keys.r;
        $('table').onclick = toggleTable; $('fit').onclick = fit; $('theme').onclick = toggleTheme;
        $('help').onclick = keys['?']; $('keys').onclick = () => $('keys').close();

        $('span').textContent = `${H.end[0] > H.begin[0] ? duration(H.end[0] - H.begin[0]) + ', ' : ''}${H.end[1] - H.begin[1]} events, ${spanCount} spans, ${H.waits} waits`;
        theme(); table(); place(); legend(); [state.from, state.to] = whole(state.axis); buttons(); paint();
        // After the second frame, the first is on the screen.
        requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('timeline painted')));
        new ResizeObserver(draw).observe($('view'));
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { theme(); legend(); draw(); });
        canvas.focus();

        """#
}
