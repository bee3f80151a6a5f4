extension PageScript {
    /// The legend, the table of waits, and the page on paper.
    static let legend = #"""
        const LEGEND = [['run', 'runs'], ['ready', 'ready'], ['lock', 'sleeps: lock'], ['io', 'sleeps: I/O'],
          ['page', 'sleeps: page lock'], ['answer', 'sleeps: answer'], ['other', 'sleeps: other'], ['operation', 'operation'],
          ['major', 'major fault'], ['minor', 'minor fault'], ['attempt', 'attempt'], ['retry', 'attempt: RETRY'],
          ['stages', 'stage'], ['holdRead', 'held: read'], ['holdWrite', 'held: write'], ['waits', 'waits for the lock'],
          ['request', 'request']];
        // What the rows show.
        const shown = new Set();
        for (const row of rows) for (let i = 0; i < row.spans.n; i++) shown.add(colourName(row.spans, i));
        const marked = new Set();
        for (const row of rows) for (const mark of row.marks) marked.add(markClass[mark[2]]);
        const hasArrows = waits.kind.some((kind, w) => kind && waits.row[w] >= 0);
        function legend() {
          const item = (text, mark) => {
            const all = document.createElement('span');
            all.append(mark, text);
            return all;
          };
          const box = name => {
            const box = document.createElement('i');
            box.style.background = name === 'stages' ? colours.stages[1] : colours[name];
            return box;
          };
          const items = LEGEND.filter(([name]) => shown.has(name)).map(([name, text]) => item(text, box(name)));
          ['counts, drops the fault lock', 'signal, failure', 'broken law'].forEach((text, weight) => {
            if (!marked.has(weight)) return;
            const mark = document.createElement('b');
            mark.textContent = '▴ ';
            mark.style.color = markColour(weight);
            items.push(item(text, mark));
          });
          if (hasArrows) {
            items.push(item('wakes', '↕ '));
            items[items.length - 1].id = 'wakes';
          }
          $('legend').replaceChildren(...items);
        }
        // Says why there are no arrows, if there are too many.
        function noteArrows(areTooMany) {
          const text = areTooMany ? `↕ wakes (over ${MOST_ARROWS} in view: zoom in)` : '↕ wakes', item = $('wakes');
          if (item && item.textContent !== text) item.textContent = text;
        }
        function table() {
          const box = $('waits'), all = document.createElement('table');
          const add = (cells, tag) => {
            const line = document.createElement('tr');
            for (const text of cells) {
              const cell = document.createElement(tag);
              cell.textContent = text;
              line.append(cell);
            }
            all.append(line);
            return line;
          };
          add(H.columns, 'th');
          H.table.forEach((cells, i) => {
            const line = add(cells, 'td');
            line.title = 'to the longest of these waits';
            line.onclick = () => { state.chain = []; go(H.longest[i]); };
          });
          if (!H.table.length) { box.textContent = 'no task waited'; return; }
          box.append(all);
          if (H.table.length < H.tableRows) {
            const rest = document.createElement('div');
            rest.textContent = `and ${H.tableRows - H.table.length} rows more`;
            box.append(rest);
          }
        }
        // Paper is light. It shows what the window shows.
        let kept;
        const retheme = () => { theme(); legend(); paint(); };
        addEventListener('beforeprint', () => { kept = document.documentElement.dataset.theme; document.documentElement.dataset.theme = 'light'; retheme(); });
        addEventListener('afterprint', () => {
          if (kept) document.documentElement.dataset.theme = kept; else delete document.documentElement.dataset.theme;
          retheme();
        });

        """#
}
