/// The style and the skeleton of the HTML page.
enum PageStyle {
    static let style = #"""
        :root { color-scheme: light dark; }
        :root, :root[data-theme=light] { --back: #ffffff; --text: #1d2330; --faint: #5c6472; --line: #e3e6ec; --bar: #f4f6f9;
          --select: #d9480f; }
        :root[data-theme=dark] { --back: #14171d; --text: #e4e7ee; --faint: #98a1b3; --line: #2a303b; --bar: #1c2029;
          --select: #ffa94d; }
        @media (prefers-color-scheme: dark) { :root:not([data-theme]) { --back: #14171d; --text: #e4e7ee; --faint: #98a1b3;
          --line: #2a303b; --bar: #1c2029; --select: #ffa94d; } }
        * { box-sizing: border-box; }
        html, body { margin: 0; height: 100%; }
        body { display: flex; flex-direction: column; background: var(--back); color: var(--text);
          font: 13px/1.4 system-ui, sans-serif; overflow: hidden; }
        header { display: flex; gap: 10px; align-items: center; padding: 6px 12px; background: var(--bar);
          border-bottom: 1px solid var(--line); flex-wrap: wrap; }
        header h1 { font-size: 15px; margin: 0 10px 0 0; }
        header .grow { flex: 1; }
        button, input { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line);
          border-radius: 5px; padding: 2px 8px; }
        button[aria-pressed=true] { border-color: var(--select); }
        input { width: 190px; }
        #view { flex: 1; position: relative; min-height: 60px; }
        canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block; outline: none; touch-action: none; }
        #tip { position: fixed; pointer-events: none; background: var(--bar); border: 1px solid var(--line);
          border-radius: 5px; padding: 4px 8px; max-width: 560px; display: none; box-shadow: 0 2px 8px #0004; z-index: 3; }
        #tip small, #detail small, .faint { color: var(--faint); }
        #detail, #waits { display: none; border-top: 1px solid var(--line); background: var(--bar); padding: 6px 12px;
          max-height: 34vh; overflow: auto; }
        #detail ol { margin: 2px 0; padding-left: 22px; }
        #detail li { cursor: pointer; }
        #detail li[aria-current] { font-weight: 600; }
        #detail li:hover { color: var(--select); }
        table { border-collapse: collapse; }
        th, td { text-align: left; padding: 1px 14px 1px 0; white-space: nowrap; }
        #waits td { cursor: pointer; }
        #waits tr:hover td { color: var(--select); }
        th:nth-child(n+5), td:nth-child(n+5) { text-align: right; }
        th { color: var(--faint); font-weight: 500; position: sticky; top: -6px; background: var(--bar); }
        #legend { display: flex; gap: 12px; flex-wrap: wrap; padding: 3px 12px; border-top: 1px solid var(--line);
          color: var(--faint); font-size: 12px; }
        #legend i { display: inline-block; width: 12px; height: 10px; margin-right: 4px; border-radius: 2px; }
        @media (max-width: 720px) {
          header { gap: 6px; padding: 4px 8px; }
          header #span { flex: 1 1 100%; }
          header .grow { display: none; }
          input { flex: 1; min-width: 120px; }
          dialog td { white-space: normal; vertical-align: top; }
          #legend { flex-wrap: nowrap; overflow-x: auto; white-space: nowrap; }
        }
        @media print {
          @page { size: landscape; margin: 10mm; }
          html, body { height: auto; overflow: visible; }
          header input, header button, #found, #tip { display: none; }
          #view { flex: none; min-height: 0; }
          canvas { position: static; height: auto; }
          #detail, #waits { max-height: none; overflow: visible; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        dialog { color: var(--text); background: var(--bar); border: 1px solid var(--line); border-radius: 8px; }
        dialog td:first-child { font-family: ui-monospace, monospace; }
        """#

    /// The skeleton, with a title that is HTML.
    static func skeleton(title: String) -> String {
        #"""
        <header>
        <h1 id="title">\#(title)</h1><span id="span" class="faint">reading…</span><span class="grow"></span>
        <input id="search" type="search" placeholder="search ( / )" aria-label="search">
        <span id="found" class="faint"></span>
        <button id="axis" title="virtual time, or the order of events at equal distances (t)"></button>
        <button id="compact" title="one lane a task (c)">compact</button>
        <button id="arrows" title="who wakes whom (r)">arrows</button>
        <button id="table" title="who waited for whom (b)">waits</button>
        <button id="fit" title="show all (f)">fit</button>
        <button id="theme" title="light or dark (l)">light/dark</button>
        <button id="help" title="keys (?)">?</button>
        </header>
        <div id="view"><canvas id="canvas" tabindex="0" aria-label="timeline"></canvas></div>
        <div id="detail"></div>
        <div id="waits"></div>
        <div id="legend"></div>
        <div id="tip"></div>
        <dialog id="keys"><table>
        <tr><td>w s, + -, Ctrl+wheel</td><td>zoom</td></tr>
        <tr><td>a d, left right, Shift+wheel, drag</td><td>pan</td></tr>
        <tr><td>up down, wheel, scroll bar</td><td>scroll; Page Up, Page Down, Home, End, too</td></tr>
        <tr><td>1 2 3 4</td><td>to tasks, locks, devices, counters</td></tr>
        <tr><td>f</td><td>show all</td></tr>
        <tr><td>t</td><td>time or order of events</td></tr>
        <tr><td>click</td><td>select; for a wait, show the chain to its cause</td></tr>
        <tr><td>Enter</td><td>follow the chain one step</td></tr>
        <tr><td>double click, z</td><td>zoom to what is selected</td></tr>
        <tr><td>[ ]</td><td>the span before, after in the lane</td></tr>
        <tr><td>/, n, N</td><td>search, next, previous</td></tr>
        <tr><td>c, r, l</td><td>compact, arrows, light or dark</td></tr>
        <tr><td>b</td><td>table of waits; a click on a line goes to the longest</td></tr>
        <tr><td>Esc, ?</td><td>deselect; close this</td></tr>
        </table></dialog>
        """#
    }
}
