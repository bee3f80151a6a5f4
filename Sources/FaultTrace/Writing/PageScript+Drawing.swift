extension PageScript {
    /// Where things lie, and the canvas.
    static let drawing = #"""
        const canvas = document.getElementById('canvas'), context = canvas.getContext('2d', { alpha: false });
        const TOP = 26, HEAD = 18, GAP = 4, BAR = 10;  // heights, and the width of the scroll bar
        let side = 210;  // the width of the names
        // The order of events if hardly anything takes time: on an axis of time, all of that lies at a few moments.
        function firstAxis() {
          const moments = new Set();
          for (const row of rows) for (const time of row.spans.begin[0]) if (moments.add(time).size * 20 > spanCount) return 0;
          return 1;
        }
        const state = { axis: H.axis === 'time' ? firstAxis() : 1, from: 0, to: 1, scroll: 0, compact: rows.length > 80, arrows: true,
          selected: null, chain: [], found: null, foundList: null, foundAt: -1 };
        const LANES = [14, 12, 12, 12, 12];  // a task's: what it does, operations, faults, attempts, stages
        const LANE_NAMES = ['runs, is ready or sleeps', 'operations', 'faults', 'attempts', 'stages'];
        let layout = [], bottom = 0, colours = {};

        function laneHeight(row) { return Math.max(2, Math.min(12, Math.floor(130 / Math.max(1, row.lanes)))); }
        function place() {
          layout = [];
          let y = 0, group = -1;
          const head = g => { group = g; layout.push({ head: GROUPS[g], group: g, y, height: HEAD }); y += HEAD; };
          for (const row of rows) {
            if (row.group !== group) head(row.group);
            const tops = [];
            let height = 0;
            for (let lane = 0; lane < row.lanes; lane++) {
              tops.push(height);
              const isEmpty = row.starts[lane] === row.starts[lane + 1];
              if (row.group !== 0) height += laneHeight(row) + 1;
              else if (lane === 0 || !(state.compact || isEmpty)) height += LANES[lane] + 1;
              else tops[lane] = -1;
            }
            row.tops = tops;
            row.y = y;
            row.height = Math.max(12, height);
            layout.push({ row, y, height: row.height });
            y += row.height + GAP;
          }
          if (counters.length) head(4);
          for (const counter of counters) {
            counter.y = y;
            counter.height = 34;
            layout.push({ counter, y, height: 34 });
            y += 34 + GAP;
          }
          bottom = y;
        }
        function theme() {
          const css = getComputedStyle(document.documentElement), get = name => css.getPropertyValue(name).trim();
          const dark = parseInt(get('--back').slice(1, 3), 16) < 128;
          colours = { back: get('--back'), text: get('--text'), faint: get('--faint'), line: get('--line'), bar: get('--bar'),
            select: get('--select'),
            run: dark ? '#51a868' : '#69c07f', ready: dark ? '#c9a53a' : '#f1d06b', lock: dark ? '#d9534f' : '#e8645f', waits: dark ? '#7a3a3c' : '#f6b5b2',
            io: dark ? '#4a8fd6' : '#6aabec', page: dark ? '#9a6fd0' : '#b48ae6', other: dark ? '#7d8798' : '#aab3c2',
            answer: dark ? '#d9822b' : '#f0a04b', operation: dark ? '#5b6b86' : '#c4cedd', major: dark ? '#d9822b' : '#f4b25e',
            minor: dark ? '#8d7a4b' : '#efdfae', attempt: dark ? '#3f8f8a' : '#86cfc8', retry: dark ? '#c4587a' : '#ee8dab',
            broken: dark ? '#ff4d4d' : '#c00000', stages: dark ? ['#3a4354', '#4a556a', '#566278'] : ['#dfe5ee', '#cfd8e5', '#bfcadb'],
            holdRead: dark ? '#4aa3c7' : '#7cc5e3', holdWrite: dark ? '#2f6fb0' : '#2f75b5', request: dark ? '#7a6fd0' : '#9c92ec' };
        }
        const SLEEPS = [, 'lock', 'io', 'page', 'other', 'answer'];
        // The name of the colour of a span.
        function colourName(s, i) {
          switch (s.kind[i]) {
            case KIND.run: return 'run';
            case KIND.ready: return 'ready';
            case KIND.sleep: return SLEEPS[textClass[s.text[i]]];
            case KIND.operation: return 'operation';
            case KIND.fault: return isMajor[s.text[i]] ? 'major' : 'minor';
            case KIND.attempt: return isRetry[s.text[i]] ? 'retry' : 'attempt';
            case KIND.stage: return 'stages';
            case KIND.hold: return isWrite[s.text[i]] ? 'holdWrite' : 'holdRead';
            case KIND.wait: return 'waits';
            default: return 'request';
          }
        }
        const colour = (s, i) => s.kind[i] === KIND.stage ? colours.stages[s.text[i] % 3] : colours[colourName(s, i)];
        // Black or white, whichever can be read better on a colour.
        const inks = new Map();
        function inkOn(colour) {
          let ink = inks.get(colour);
          if (ink) return ink;
          const part = at => { const v = parseInt(colour.slice(at, at + 2), 16) / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
          const light = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
          ink = light > 0.18 ? '#000000' : '#ffffff';
          inks.set(colour, ink);
          return ink;
        }
        // A text, cut to a width.
        function fitted(text, room) {
          const start = text.slice(0, Math.ceil(room / 2)), wide = context.measureText(start).width;
          if (start.length === text.length && wide <= room) return text;
          let length = Math.min(start.length, Math.floor(start.length * room / wide));
          while (length > 3 && context.measureText(text.slice(0, length).trimEnd() + '…').width > room) length--;
          return length > 3 ? text.slice(0, length).trimEnd() + '…' : '';
        }
        const width = () => canvas.clientWidth - side - BAR;
        const x = value => side + (value - state.from) / (state.to - state.from) * width();
        const valueAt = px => state.from + (px - side) / width() * (state.to - state.from);
        const whole = axis => axis === 0 ? [H.begin[0], Math.max(H.end[0], H.begin[0] + 1)] : [H.begin[1], Math.max(H.end[1], H.begin[1] + 1)];

        // The first span of a lane that ends after `value`.
        function first(s, from, to, value) {
          const end = s.end[state.axis];
          while (from < to) {
            const middle = (from + to) >> 1;
            if (end[middle] <= value) from = middle + 1; else to = middle;
          }
          return from;
        }
        function drawLane(row, lane, y, height) {
          const s = row.spans, begin = s.begin[state.axis], end = s.end[state.axis], stop = row.starts[lane + 1];
          const scale = width() / (state.to - state.from), pixel = 1 / scale, right = state.to;
          let i = first(s, row.starts[lane], stop, state.from), painted = -1;
          while (i < stop && begin[i] < right) {
            const x0 = side + (Math.max(begin[i], state.from) - state.from) * scale;
            const x1 = side + (Math.min(end[i], right) - state.from) * scale;
            if (x1 <= painted) {  // all of it is in a pixel that is painted: continue after that
              const next = first(s, i + 1, stop, state.from + (painted - side) * scale ** -1 + pixel * 1e-3);
              i = Math.max(i + 1, next);
              continue;
            }
            const left = Math.max(x0, painted), w = Math.max(1, x1 - left);
            const fill = colour(s, i);
            context.fillStyle = fill;
            if (state.found && !state.found.has(s.text[i])) context.globalAlpha = 0.2;
            context.fillRect(left, y, w > 3 ? w - 0.5 : w, height);
            if (s.kind[i] === KIND.wait && height >= 8) {
              context.fillStyle = colours.lock;
              context.fillRect(left, y + height - 2, w > 3 ? w - 0.5 : w, 2);
            }
            if (w > 26 && height >= 9) {
              context.fillStyle = inkOn(fill);
              context.font = `${Math.min(11, height - 2)}px system-ui, sans-serif`;
              context.textBaseline = 'middle';
              context.fillText(fitted(barText(row, i), w - 6), left + 3, y + height / 2 + 0.5);
              context.textBaseline = 'alphabetic';
            }
            context.globalAlpha = 1;
            painted = left + w;
            i++;
          }
        }
        function ticks() {
          const length = state.to - state.from;
          let step = 1, n = 0;
          while (length / step > width() / 90) step = n++ % 3 === 1 ? step / 2 * 5 : step * 2;
          const zero = whole(state.axis)[0], all = [];
          for (let v = Math.ceil((state.from - zero) / step) * step; v <= state.to - zero; v += step) all.push(v);
          return all.map(v => [v + zero, state.axis === 0 ? (v === 0 ? '0' : duration(v)) : String(v)]);
        }
        function paint() {
          const ratio = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
          if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
            canvas.width = Math.round(w * ratio);
            canvas.height = Math.round(h * ratio);
          }
          side = Math.round(Math.max(96, Math.min(210, w * 0.26)));
          context.setTransform(ratio, 0, 0, ratio, 0, 0);
          context.fillStyle = colours.back;
          context.fillRect(0, 0, w, h);
          state.scroll = Math.max(0, Math.min(state.scroll, bottom - h + TOP + 10));
          context.save();
          context.beginPath();
          context.rect(0, TOP, w, h - TOP);
          context.clip();
          context.strokeStyle = colours.line;
          context.lineWidth = 1;
          context.beginPath();
          for (const [value] of ticks()) { const px = Math.round(x(value)) + 0.5; context.moveTo(px, TOP); context.lineTo(px, h); }
          context.stroke();
          for (const item of layout) {
            const y = item.y - state.scroll + TOP;
            if (y > h || y + item.height < TOP) continue;
            if (item.head) drawHead(item, y, w);
            else if (item.counter) drawCounter(item.counter, y);
            else drawRow(item.row, y);
          }
          noteArrows(state.arrows && drawArrows(h));
          drawChain(h);
          drawSelection();
          drawScrollbar(w, h);
          context.restore();
          context.fillStyle = colours.faint;
          context.font = '11px system-ui, sans-serif';
          context.fillText(state.axis === 0 ? 'virtual time' : 'events', 12, 17);
          for (const [value, text] of ticks())
            if (x(value) + 3 + context.measureText(text).width < w) context.fillText(text, x(value) + 3, 17);
        }
        function drawHead(item, y, w) {
          context.fillStyle = colours.bar;
          context.fillRect(0, y, w, HEAD - 3);
          context.fillStyle = colours.faint;
          context.font = '600 11px system-ui, sans-serif';
          context.fillText(item.head, 12, y + 12);
        }
        function label(text, y) {
          context.fillStyle = colours.back;
          context.fillRect(0, y - 1, side - 2, 14);
          context.fillStyle = colours.text;
          context.font = '12px system-ui, sans-serif';
          context.fillText(fitted(text, side - 18), 12, y + 10);
        }
        function drawRow(row, y) {
          if (!state.compact) {
            context.fillStyle = colours.line;
            context.fillRect(0, Math.round(y + row.height + 1), canvas.clientWidth, 1);
          }
          for (let lane = 0; lane < row.lanes; lane++) {
            if (row.tops[lane] < 0) continue;
            const height = row.group === 0 ? LANES[lane] : laneHeight(row);
            drawLane(row, lane, y + row.tops[lane], height);
          }
          let last = -9;
          for (const mark of row.marks) {
            const px = x(mark[state.axis]), weight = markClass[mark[2]], size = 3 + weight;
            if (px < side || px > canvas.clientWidth || (weight === 0 && (state.compact || px - last < 3))) continue;
            last = px;
            context.fillStyle = markColour(weight);
            context.beginPath();
            context.moveTo(px, y + LANES[0] - 2 * size + 1); context.lineTo(px - size, y + LANES[0]); context.lineTo(px + size, y + LANES[0]);
            context.fill();
          }
          label(row.name, y);
        }
        const markColour = weight => [colours.text, colours.select, colours.broken][weight];
        function drawCounter(counter, y) {
          const points = counter.points[state.axis], scale = 26 / counter.most;
          context.fillStyle = colours.io;
          context.globalAlpha = 0.6;
          let low = 0, high = counter.n;
          while (low < high) { const m = (low + high) >> 1; if (points[m] <= state.from) low = m + 1; else high = m; }
          let i = Math.max(0, low - 1), px = x(Math.max(state.from, points[i])), peak = counter.value[i];
          for (i++; i <= counter.n && px < canvas.clientWidth; i++) {
            const next = i < counter.n ? Math.min(x(points[i]), canvas.clientWidth) : x(Math.min(state.to, whole(state.axis)[1]));
            if (next - px >= 1 || i === counter.n) {
              context.fillRect(px, y + 30 - peak * scale, next - px, peak * scale);
              px = next;
              peak = i < counter.n ? counter.value[i] : 0;
            } else if (i < counter.n) peak = Math.max(peak, counter.value[i]);
          }
          context.globalAlpha = 1;
          label(counter.name, y + 8);
          context.fillStyle = colours.faint;
          context.font = '10px system-ui, sans-serif';
          context.fillText(fitted(`at most ${counter.most}`, side - 18), 12, y + 30);
        }
        // The middle of a lane, on the screen.
        function middle(row, lane) {
          const height = row.group === 0 ? LANES[lane] : laneHeight(row);
          return row.y - state.scroll + TOP + Math.max(0, row.tops[lane]) + height / 2;
        }
        // The span that ended a wait, as row and span: what the waking task did then, or the request that ended last.
        const enders = new Map();
        function ender(w) {
          const source = waits.row[w];
          if (source < 0) return null;
          if (enders.has(w)) return enders.get(w);
          const row = rows[source], s = row.spans, when = rows[waitPlace[w * 2]].spans.end[1][waitPlace[w * 2 + 1]];
          const isTask = row.group === 0, limit = isTask ? s.begin[1] : s.end[1];
          let best = -1;
          for (let lane = 0; lane < (isTask ? 1 : row.lanes); lane++) {
            let low = row.starts[lane], high = row.starts[lane + 1];
            while (low < high) { const m = (low + high) >> 1; if (limit[m] <= when) low = m + 1; else high = m; }
            if (low > row.starts[lane] && (best < 0 || limit[low - 1] > limit[best])) best = low - 1;
          }
          const found = best < 0 ? null : [source, best];
          enders.set(w, found);
          return found;
        }
        function drawArrow(w, strong, alpha = 1) {
          const row = rows[waitPlace[w * 2]], i = waitPlace[w * 2 + 1], from = ender(w);
          if (!from || from[0] === row.place) return;
          const px = x(row.spans.end[state.axis][i]);
          if (px < side || px > canvas.clientWidth) return;
          const source = rows[from[0]], y0 = middle(source, source.spans.lane[from[1]]), y1 = middle(row, 0);
          context.strokeStyle = context.fillStyle = strong ? colours.select : colours.text;
          context.globalAlpha = strong ? 1 : alpha;
          context.lineWidth = strong ? 2 : 1;
          context.beginPath();
          context.moveTo(px, y0); context.lineTo(px, y1 + (y1 > y0 ? -4 : 4));
          context.stroke();
          context.beginPath();
          const way = y1 > y0 ? -6 : 6;
          context.moveTo(px, y1); context.lineTo(px - 3, y1 + way); context.lineTo(px + 3, y1 + way);
          context.fill();
          context.beginPath();
          context.arc(px, y0, 2, 0, 7);
          context.fill();
          context.globalAlpha = 1;
        }
        const MOST_ARROWS = 120;
        function drawArrows(h) {
          const inView = [];
          for (let w = 0; w < waits.n && inView.length <= MOST_ARROWS; w++) {
            if (waits.kind[w] === 0 || waits.row[w] < 0) continue;
            const row = rows[waitPlace[w * 2]], end = row.spans.end[state.axis][waitPlace[w * 2 + 1]];
            if (end < state.from || end > state.to) continue;
            const y = row.y - state.scroll, other = rows[waits.row[w]].y - state.scroll;
            if (Math.max(y, other) < 0 || Math.min(y, other) > h) continue;
            inView.push(w);
          }
          if (inView.length <= MOST_ARROWS) for (const w of inView) drawArrow(w, false, inView.length > 40 ? 0.35 : 0.6);
          return inView.length > MOST_ARROWS;
        }
        function drawChain() {
          for (const w of state.chain) { drawArrow(w, true); outline(rows[waitPlace[w * 2]], waitPlace[w * 2 + 1]); }
        }
        function outline(row, i) {
          const s = row.spans, lane = s.lane[i];
          if (row.tops[lane] < 0) return;
          const x0 = Math.max(side - 2, x(s.begin[state.axis][i])), x1 = Math.min(canvas.clientWidth + 2, x(s.end[state.axis][i]));
          const height = row.group === 0 ? LANES[lane] : laneHeight(row);
          context.strokeStyle = colours.select;
          context.lineWidth = 2;
          context.strokeRect(x0, row.y - state.scroll + TOP + row.tops[lane] - 0.5, Math.max(2, x1 - x0), height + 1);
        }
        function drawSelection() { if (state.selected) outline(rows[state.selected[0]], state.selected[1]); }
        function drawScrollbar(w, h) {
          const part = (h - TOP) / (bottom + 10);
          if (part >= 1) return;
          context.fillStyle = colours.back;
          context.fillRect(w - BAR, TOP, BAR, h - TOP);
          context.fillStyle = colours.faint;
          context.globalAlpha = 0.5;
          const size = Math.max(24, (h - TOP) * part), rest = bottom + 10 - (h - TOP);
          context.fillRect(w - BAR + 1, TOP + state.scroll / rest * (h - TOP - size), BAR - 2, size);
          context.globalAlpha = 1;
        }
        let isPending = false;
        function draw() {
          if (isPending) return;
          isPending = true;
          requestAnimationFrame(() => { isPending = false; paint(); });
        }

        """#
}
