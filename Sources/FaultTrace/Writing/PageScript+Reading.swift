/// What the page does, in parts that follow each other.
enum PageScript {
    /// Reads the packed numbers into typed arrays.
    static let reading = #"""
        'use strict';
        const H = JSON.parse(document.getElementById('header').textContent);
        const bytes = (() => {
          const packed = document.getElementById('numbers').textContent;
          if (Uint8Array.fromBase64) return Uint8Array.fromBase64(packed);
          const text = atob(packed);
          const all = new Uint8Array(text.length);
          for (let i = 0; i < text.length; i++) all[i] = text.charCodeAt(i);
          return all;
        })();
        let at = 0;
        function num() {
          let b = bytes[at++];
          if (b < 128) return b;
          let v = b & 127, m = 128;
          do { b = bytes[at++]; v += (b & 127) * m; m *= 128; } while (b > 127);
          return v;
        }
        function signed() { const n = num(); return n % 2 ? -(n + 1) / 2 : n / 2; }
        const KIND = { run: 0, ready: 1, sleep: 2, operation: 3, fault: 4, attempt: 5, stage: 6, hold: 7, wait: 8, request: 9 };
        const GROUPS = ['tasks', 'locks', 'locks of areas', 'devices', 'counters'];
        const texts = H.texts;
        // Begin and end on both axes: 0 is time, 1 is order.
        function columns(n) {
          return { n, kind: new Uint8Array(n), open: new Uint8Array(n), lane: new Uint16Array(n), text: new Uint32Array(n),
            number: new Float64Array(n), begin: [new Float64Array(n), new Float64Array(n)],
            end: [new Float64Array(n), new Float64Array(n)] };
        }
        const waitPlace = new Float64Array(H.waits * 2).fill(-1);  // row and span of each wait
        let spanCount = 0;
        const rows = H.rows.map(([group, name, lanes, map], r) => {
          const n = num(), s = columns(n), starts = [];
          let time = H.begin[0], order = H.begin[1];
          for (let i = 0; i < n; i++) {
            const k = num();
            s.kind[i] = k >> 1; s.open[i] = k & 1; s.lane[i] = num(); s.text[i] = num(); s.number[i] = num() - 1;
            order += signed(); time += signed();
            s.begin[1][i] = order; s.begin[0][i] = time;
            s.end[1][i] = order + num(); s.end[0][i] = time + num();
            while (starts.length <= s.lane[i]) starts.push(i);
            if (s.kind[i] === KIND.sleep) { waitPlace[s.number[i] * 2] = r; waitPlace[s.number[i] * 2 + 1] = i; }
          }
          while (starts.length <= lanes) starts.push(n);
          spanCount += n;
          const m = num(), marks = [];
          time = H.begin[0]; order = H.begin[1];
          for (let i = 0; i < m; i++) {
            const text = num();
            order += signed(); time += signed();
            marks.push([time, order, text]);
          }
          return { place: r, group, name, lanes, map, spans: s, starts, marks };
        });
        const waits = { n: H.waits, kind: new Uint8Array(H.waits), row: new Int32Array(H.waits),
          submitter: new Int32Array(H.waits), held: new Uint8Array(H.waits) };
        for (let i = 0; i < H.waits; i++) {
          waits.kind[i] = num(); waits.row[i] = num() - 1; waits.submitter[i] = num() - 1; waits.held[i] = num();
        }
        const counters = H.counters.map(name => {
          const n = num(), points = [new Float64Array(n), new Float64Array(n)], value = new Float64Array(n);
          let time = H.begin[0], order = H.begin[1], most = 1;
          for (let i = 0; i < n; i++) {
            order += signed(); time += signed();
            points[0][i] = time; points[1][i] = order; value[i] = signed();
            if (value[i] > most) most = value[i];
          }
          return { group: 4, name, points, value, most, n };
        });

        // What a text stands for, for its colour.
        const LOCK = 1, IO = 2, PAGE = 3, OTHER = 4, ANSWER = 5;
        const textClass = Uint8Array.from(texts, t =>
          t.startsWith('I/O') || t.startsWith('its own request') || t.startsWith('the device') ? IO
            : t.startsWith('the lock of page') || t.startsWith('the lock of a page') ? PAGE
            : t.startsWith('the ') && t.includes('lock') ? LOCK : t.includes('answer') || t.includes('event') ? ANSWER : OTHER);
        const isRetry = Uint8Array.from(texts, t => t.split(' (', 1)[0].includes('RETRY') ? 1 : 0);
        const isMajor = Uint8Array.from(texts, t => t.startsWith('major') ? 1 : 0);
        const isWrite = Uint8Array.from(texts, t => t.startsWith('write') ? 1 : 0);

        // How much a mark matters: 2 is a broken law, 1 a signal or a failed allocation, 0 all else.
        const markClass = Uint8Array.from(texts, t => / is broken: /.test(t) ? 2 : /^(a signal|an allocation fails)/.test(t) ? 1 : 0);

        function pageName(map, page) {
          for (let i = H.areas.length - 1; i >= 0; i--) {
            const [m, start, pages, name] = H.areas[i];
            if (m === map && page >= start && page < start + pages) return `page ${page - start} of ${name}`;
          }
          return `page 0x${page.toString(16)}`;
        }
        function duration(ns) {
          const short = v => String(Math.round(v * 100) / 100);
          if (ns < 1e3) return `${ns} ns`;
          if (ns < 1e6) return `${short(ns / 1e3)} µs`;
          if (ns < 1e9) return `${short(ns / 1e6)} ms`;
          return `${short(ns / 1e9)} s`;
        }
        function spanText(row, i) {
          const s = row.spans, text = texts[s.text[i]], number = s.number[i];
          switch (s.kind[i]) {
            case KIND.sleep: return `sleeps for ${text}`;
            case KIND.fault: { const [what, access] = text.split(', '); return `${what} (${access}) at ${pageName(row.map, number)}`; }
            case KIND.attempt: return `attempt at ${pageName(row.map, number)}: ${text}`;
            case KIND.hold: return `${number < 0 ? '?' : rows[number].name} holds (${text})`;
            case KIND.wait: return `${number < 0 ? '?' : rows[number].name} waits (${text})`;
            default: return text;
          }
        }
        // The text in a span's bar, which has little room: what the colour does not say.
        function barText(row, i) {
          const s = row.spans, text = texts[s.text[i]], number = s.number[i];
          switch (s.kind[i]) {
            case KIND.run: return text.replace('runs on processor', 'CPU');
            case KIND.ready: return 'ready';
            case KIND.sleep: return text.replace(/^the /, '');
            case KIND.fault: return `${text.split(' ', 1)[0].replace(',', '')} at ${pageName(row.map, number)}`;
            case KIND.attempt: return text;
            case KIND.hold: case KIND.wait: return number < 0 ? '?' : `${rows[number].name} (${text})`;
            default: return text;
          }
        }
        function spanTimes(row, i) {
          const s = row.spans, from = s.begin[0][i] - H.begin[0], length = s.end[0][i] - s.begin[0][i];
          const parts = [`events ${s.begin[1][i]} to ${s.end[1][i]}`];
          if (H.end[0] > H.begin[0]) parts.unshift(`${duration(length)}, begins at ${duration(from)}`);
          return parts.join(', ') + (s.open[i] ? ', and on' : '');
        }
        function waitText(w) {
          const row = rows[waitPlace[w * 2]], i = waitPlace[w * 2 + 1], s = row.spans;
          const name = r => r < 0 ? 'another task' : rows[r].name;
          const length = s.end[0][i] - s.begin[0][i];
          const ending = [
            waits.row[w] >= 0 ? `behind ${name(waits.row[w])}, and lasts` : 'and lasts', `woken by ${name(waits.row[w])}`,
            `woken by ${name(waits.row[w])}: a request of ${name(waits.submitter[w])}`, 'ended by a signal',
            'its timer expired', 'woken by the test'][waits.kind[w]];
          const held = ['', ', holding the mmap lock (read)', ', holding the mmap lock (write)'][waits.held[w]];
          return `${row.name} waits ${length > 0 ? duration(length) + ' ' : ''}for ${texts[s.text[i]]}${held}; ${ending}`;
        }
        // The chain of waits that explains a wait, as Timeline.chain(from:) has it.
        function chain(w) {
          const all = [w], span = w => [rows[waitPlace[w * 2]], waitPlace[w * 2 + 1]];
          let [row, i] = span(w), s = row.spans;
          let window = [s.begin[1][i], s.end[1][i], s.begin[0][i], s.end[0][i]];
          while (all.length < 32) {
            const last = all[all.length - 1], kind = waits.kind[last];
            const blocker = kind === 0 || kind === 1 ? rows[waits.row[last]] : undefined;
            if (!blocker || blocker.group !== 0) break;
            s = blocker.spans;
            let low = 0, high = blocker.starts[1], best = null, looked = 0;
            while (low < high) { const m = (low + high) >> 1; if (s.begin[1][m] <= window[1]) low = m + 1; else high = m; }
            for (let k = low - 1; k >= 0 && looked < 64; k--) {
              if (s.end[1][k] < window[0]) break;
              if (s.kind[k] !== KIND.sleep) continue;
              looked++;
              const isLater = s.begin[1][k] >= window[0], isEarlier = s.end[1][k] <= window[1];
              const part = [isLater ? s.begin[1][k] : window[0], isEarlier ? s.end[1][k] : window[1],
                isLater ? s.begin[0][k] : window[2], isEarlier ? s.end[0][k] : window[3]];
              const time = Math.max(0, part[3] - part[2]), order = part[1] - part[0];
              if (!best || time > best.time || (time === best.time && order > best.order)) best = { time, order, part, w: s.number[k] };
            }
            if (!best || all.includes(best.w)) break;
            window = best.part;
            all.push(best.w);
          }
          return all;
        }

        """#
}
