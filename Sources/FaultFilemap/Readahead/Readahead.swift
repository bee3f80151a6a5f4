package import FaultCore

/// Readahead: which pages are read with the one that is needed. Models mm/readahead.c of Linux 6.1.
///
/// Two halves. A *plan* looks at the state of the open file, moves it on, and names a window; *reading* a window puts
/// its missing pages into the page cache and submits them. The kernel takes the file's invalidate lock for reading
/// between the two, so a fault, which may sleep there, does them in two stages. The functions that do both are for
/// callers that hold it already.
package enum Readahead {
    /// Reads because the page at `index` is missing: `page_cache_sync_ra()`. The invalidate lock is held for reading.
    package static func synchronous(
        _ file: FileID, at index: PageIndex, requested: Int, by task: TaskID, _ machine: inout Machine
    ) {
        guard let window = planSynchronous(file, at: index, requested: requested, &machine) else { return }
        read(window, of: file, by: task, &machine)
    }

    /// Reads on because the page at `index` carries the mark: `page_cache_async_ra()`. The invalidate lock is held for
    /// reading.
    package static func asynchronous(
        _ file: FileID, marked folio: FrameNumber, at index: PageIndex, requested: Int, by task: TaskID,
        _ machine: inout Machine
    ) {
        guard let window = planAsynchronous(file, marked: folio, at: index, requested: requested, &machine) else {
            return
        }
        read(window, of: file, by: task, &machine)
    }

    /// Reads just `pages` pages from `index` on, without marks: `force_page_cache_ra()`. The invalidate lock is held
    /// for reading.
    ///
    /// The whole request is cut to the largest that the device takes, or to the readahead window if that is larger, and
    /// at the end that the file had (`filePages`) before the caller took the lock.
    package static func force(
        _ file: FileID, ofPages filePages: Int, at index: PageIndex, pages: Int, by task: TaskID,
        _ machine: inout Machine
    ) {
        let largest = max(machine.settings.largestRequestPages, machine[readaheadOf: file].maximum)
        let bytesPerChunk = 2 << 20
        let chunk = max(1, bytesPerChunk / Int(machine.geometry.pageSize))
        var left = min(pages, largest)
        var first = index
        while left > 0 {
            let count = min(chunk, left)
            if let window = ReadaheadWindow(first, count, lookahead: 0, ofFileWith: filePages) {
                read(window, of: file, by: task, &machine)
            }
            first = first + count
            left -= count
        }
    }

    /// Notes that read(2) has copied up to the page at `index`: `ra->prev_pos`, the byte behind it.
    package static func noteRead(of file: FileID, through index: PageIndex, _ machine: inout Machine) {
        machine[readaheadOf: file].previousPosition = Int64((index.value + 1) << Int(machine.geometry.pageShift))
    }

    // MARK: Reading a window

    /// Puts the missing pages of a window into the page cache and submits them: `page_cache_ra_unbounded()`.
    ///
    /// Pages that are there are passed over, and never marked. A hole is zeroed, uptodate and unlocked at once. The
    /// others stay locked until the device has read them. Stops where memory is short.
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
            let isHole = !isCached && !FileIO.isCovered(index.value, by: blocks)
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

/// A run of pages to be read ahead, cut at the end of the file.
package struct ReadaheadWindow: Equatable, FieldList {
    /// The first page.
    package var start: PageIndex
    /// How many pages.
    package var pages: Int
    /// The page that is so many before the end gets the mark; 0 for none.
    package var lookahead: Int

    /// Names a window as it was stored in words.
    package init(start: PageIndex, pages: Int, lookahead: Int) {
        self.start = start
        self.pages = pages
        self.lookahead = lookahead
    }

    /// Cuts a window at the end of a file of `filePages` pages: `do_page_cache_ra()`. `nil` if nothing is left.
    ///
    /// The lookahead is not cut, so that the mark moves down with the end of the window.
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

/// What a routine keeps of the readahead that it is about to do, and how it does it.
struct ReadaheadFrame: HandlerFrame {
    /// What is about to be read.
    var window = ReadaheadWindow(start: 0, pages: 0, lookahead: 0)
    /// Whether room was made for it.
    var hasMadeRoom = false

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("window", window)
        visitor.visit("hasMadeRoom", hasMadeRoom)
    }

    /// Does the stage that reads the window: makes room for it first, once in a call, and waits for its submission.
    ///
    /// - Parameters:
    ///   - again: The stage itself, which follows on the making of room.
    ///   - next: The stage at which the routine goes on, the window submitted.
    mutating func read<Stage: RoutineStage, Result: RoutineResult>(
        of file: FileID, by task: TaskID, at again: Stage, then next: Stage, _ machine: inout Machine
    ) -> RoutineStep<Stage, Result> {
        if !hasMadeRoom, machine.lacksRoom(forPages: window.pages) {
            hasMadeRoom = true
            return .call(machine.makingRoom(forPages: window.pages), then: again)
        }
        Readahead.read(window, of: file, by: task, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: next) }
        return .next(next)
    }
}
