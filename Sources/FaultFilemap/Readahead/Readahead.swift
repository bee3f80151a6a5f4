package import FaultCore

/// Readahead: which pages are read with the one that is needed. Models mm/readahead.c of Linux 6.1.
///
/// It has two halves. A *plan* looks at the state of the open file, advances it, and returns a window. *Reading* a
/// window puts its missing pages into the page cache and submits them. Between the two, the kernel takes the file's
/// invalidate lock for reading, and may sleep there; so the code that has planned a window calls ``WindowRead``.
package enum Readahead {
    /// Notes that read(2) has copied up to the page at `index`: `ra->prev_pos`, the byte after it.
    package static func noteRead(of file: FileID, through index: PageIndex, _ machine: inout Machine) {
        machine[readaheadOf: file].previousPosition = Int64((index.value + 1) << Int(machine.geometry.pageShift))
    }

    // MARK: Reading a window

    /// Puts the missing pages of a window into the page cache and submits them: `page_cache_ra_unbounded()`.
    ///
    /// Cached pages are skipped, and never marked. A hole is zeroed, uptodate and unlocked immediately. The other pages
    /// stay locked until the device has read them. It stops if memory runs out.
    package static func read(
        _ window: ReadaheadWindow, of file: FileID, by task: TaskID, _ machine: inout Machine
    ) {
        machine.noteSubmission()
        defer { machine.noteSubmission() }
        let blocks = machine[blocksOf: file]
        // With a lookahead longer than the window this is negative: no page is marked.
        let mark = window.pages - window.lookahead
        var runStart = window.start
        var runPages = 0
        for offset in 0..<window.pages {
            let index = window.start + offset
            var flags: FrameFlags = [.locked, .underRead]
            let isCached = machine.cachedFolio(at: index, of: file) != nil
            let isHole = !isCached && !blocks.covers(index.value)
            if isCached || isHole {
                FileIO.submitRead(of: file, at: runStart, pages: runPages, isReadahead: true, by: task, &machine)
                runPages = 0
                if isCached { continue }
                flags = .uptodate
            }
            if offset == mark { flags.insert(.readahead) }
            guard
                machine.addToCache(
                    of: file, at: index, flags: flags, point: .cachePage, for: task, isReadahead: true) != nil
            else {
                guard machine.memoryGroup != nil, machine.model.readaheadShortage == .skipsPage else { break }
                FileIO.submitRead(of: file, at: runStart, pages: runPages, isReadahead: true, by: task, &machine)
                runPages = 0
                continue
            }
            if isHole { continue }
            if runPages == 0 { runStart = index }
            runPages += 1
        }
        FileIO.submitRead(of: file, at: runStart, pages: runPages, isReadahead: true, by: task, &machine)
    }
}

/// A run of pages to read ahead, cut at the end of the file.
package struct ReadaheadWindow: Equatable, FieldList {
    /// The first page.
    package var start: PageIndex
    /// How many pages.
    package var pages: Int
    /// The distance of the marked page from the end of the window; 0 for no mark.
    package var lookahead: Int

    /// Makes a window from its parts.
    package init(start: PageIndex, pages: Int, lookahead: Int) {
        self.start = start
        self.pages = pages
        self.lookahead = lookahead
    }

    /// Cuts a window at the end of a file of `filePages` pages: `do_page_cache_ra()`. `nil` if nothing is left.
    ///
    /// The lookahead is not cut, so the mark moves down with the end of the window.
    init?(_ start: PageIndex, _ pages: Int, lookahead: Int, ofFileWith filePages: Int) {
        let left = filePages - start.value
        guard left > 0, pages > 0 else { return nil }
        self.init(start: start, pages: min(pages, left), lookahead: lookahead)
    }

    /// Shows the fields.
    package func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("start", start)
        visitor.visit("pages", pages)
        visitor.visit("lookahead", lookahead)
    }
}
