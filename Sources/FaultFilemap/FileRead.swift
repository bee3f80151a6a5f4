import FaultCore

/// `filemap_get_pages()` (mm/filemap.c, Linux 6.1): makes a batch of pages ready for read(2) to copy from.
///
///     gather ─▶ [readAhead ─▶ readAheadDone ─▶] none there ─▶ create ─▶ created ─▶ readAlone
///        │  ▲                    │
///        ▼  └─ batch empty ──────│────────────────── waited ◀─ under read ─┐
///     checkMark ◀────────────────┘                     │                   │
///        └─▶ [readOn ─▶ readOnDone ─▶] checkLast ─▶ update ─▶ readAlone ─▶ readAloneWaited
///                                          └─▶ ready ◀──────────────────────────┘
///
/// A batch is at most 15 consecutive pages; one that is marked, or not uptodate, ends it. Readahead for a marked page
/// comes before any wait. Who waited for a page that was being read looks it up again, in the next round.
///
/// Locks: none is held on entry or exit but references. The invalidate lock is held for reading around every insertion
/// and read of pages.
enum FileRead {
    enum Stage: UInt8, RoutineStage {
        case gather  // retry:
        case readAhead
        case readAheadDone
        case create
        case created
        case checkMark
        case readOn
        case readOnDone
        case checkLast
        case update
        case waited
        case readAlone
        case readAloneWaited
        case ready
    }

    /// The call's words: `words.0` is the first page, `words.1` how many are asked for, `words.2` to `words.4` the
    /// window that is read ahead, `words.5` whether room was made for one.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let first = PageIndex(rawValue: call.words.0)
        let pages = Int(call.words.1)
        switch stage {
        case .gather:
            guard first.value < machine.pages(of: file) else { return .next(.ready) }
            if machine.hasFatalSignal(task) { return .failed(.interrupted) }
            if gather(from: first, pages, of: file, task, &machine) { return .next(.checkMark) }
            guard let window = Readahead.planSynchronous(file, at: first, requested: pages, &machine) else {
                return .next(.create)
            }
            keep(window, &call)
            return .call(machine.taking(.invalidate(file), .read), then: .readAhead)

        case .readAhead:
            if call.words.5 == 0, machine.lacksRoom(forPages: window(call).pages) {
                call.words.5 = 1
                return .call(machine.makingRoom(forPages: window(call).pages), then: .readAhead)
            }
            Readahead.read(window(call), of: file, by: task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .readAheadDone) }
            return .next(.readAheadDone)

        case .readAheadDone:
            machine.unlock(.invalidate(file), by: task)
            if gather(from: first, pages, of: file, task, &machine) { return .next(.checkMark) }
            return .next(.create)

        case .create:
            return .call(machine.taking(.invalidate(file), .read), then: .created)

        case .created:
            return create(at: first, of: file, task, &machine)

        case .checkMark:
            let (folio, index) = last(first, task, machine)
            guard machine.flags(of: folio).contains(.readahead) else { return .next(.checkLast) }
            let left = first.value + pages - index.value
            guard let window = Readahead.planAsynchronous(file, marked: folio, at: index, requested: left, &machine)
            else { return .next(.checkLast) }
            keep(window, &call)
            return .call(machine.taking(.invalidate(file), .read), then: .readOn)

        case .readOn:
            if call.words.5 == 0, machine.lacksRoom(forPages: window(call).pages) {
                call.words.5 = 1
                return .call(machine.makingRoom(forPages: window(call).pages), then: .readOn)
            }
            Readahead.read(window(call), of: file, by: task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .readOnDone) }
            return .next(.readOnDone)

        case .readOnDone:
            machine.unlock(.invalidate(file), by: task)
            return .next(.checkLast)

        case .checkLast:
            let (folio, _) = last(first, task, machine)
            if machine.flags(of: folio).contains(.uptodate) { return .next(.ready) }
            return .call(machine.taking(.invalidate(file), .read), then: .update)

        case .update:
            return update(first, file, task, &machine)

        case .waited:
            return machine.folioBatch(of: task).isEmpty ? .next(.gather) : .next(.ready)

        case .readAlone:
            let (folio, _) = last(first, task, machine)
            return .sleep(.folioUnlock(folio, .killable), then: .readAloneWaited)

        case .readAloneWaited:
            return endReadAlone(call, file, task, &machine)

        case .ready:
            return ready(first, file, task, &machine)
        }
    }

    // MARK: The batch

    /// Takes the cached pages from `first` on into the batch: `filemap_get_read_batch()`.
    ///
    /// - Returns: Whether there is one.
    private static func gather(
        from first: PageIndex, _ pages: Int, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> Bool {
        for offset in 0..<min(pages, Machine.folioBatchSize) {
            guard let folio = machine.cachedFolio(at: first + offset, of: file) else { break }
            machine.addToBatch(folio, of: task)
            let flags = machine.flags(of: folio)
            if !flags.contains(.uptodate) || flags.contains(.readahead) { break }
        }
        return !machine.folioBatch(of: task).isEmpty
    }

    /// The last page of the batch and its place in the file.
    private static func last(_ first: PageIndex, _ task: TaskID, _ machine: Machine) -> (FrameNumber, PageIndex) {
        let batch = machine.folioBatch(of: task)
        return (batch[batch.count - 1], first + (batch.count - 1))
    }

    private static func dropLast(_ task: TaskID, _ machine: inout Machine) {
        machine.cutBatch(of: task, to: machine.folioBatch(of: task).count - 1)
    }

    /// Gives the batch, cut at the end of the file, to who copies. Pages become uptodate before the size is looked at.
    private static func ready(
        _ first: PageIndex, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let inFile = max(0, machine.pages(of: file) - first.value)
        machine.cutBatch(of: task, to: inFile)
        let count = machine.folioBatch(of: task).count
        return .returned(ReadyPages(count: count, reachesEnd: count == inFile).returned)
    }

    // MARK: Pages that are not uptodate

    /// Creates the page that readahead did not bring, and reads it: `filemap_create_folio()`.
    private static func create(
        at index: PageIndex, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        guard machine.cachedFolio(at: index, of: file) == nil else {
            machine.unlock(.invalidate(file), by: task)
            return .next(.gather)
        }
        if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .created) }
        guard let folio = machine.addToCache(of: file, at: index, flags: [], point: .cachePage, for: task) else {
            machine.unlock(.invalidate(file), by: task)
            return .failed(.noMemory)
        }
        machine.addToBatch(folio, of: task)
        _ = machine.tryLock(folio, by: task)
        FileIO.readPage(folio, of: file, at: index, by: task, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .readAlone) }
        return .next(.readAlone)
    }

    /// Waits for the last page, or reads it if nobody does: `filemap_update_page()`.
    private static func update(
        _ first: PageIndex, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let (folio, index) = last(first, task, machine)
        guard machine.tryLock(folio, by: task) else {
            // The page is not kept over the wait: it may be gone by then, and is looked up again.
            machine.unlock(.invalidate(file), by: task)
            dropLast(task, &machine)
            return .sleep(.folioUnlock(folio, .killable), then: .waited)
        }
        guard machine.cachedFolio(at: index, of: file) == folio else {
            machine.unlock(folio)
            machine.unlock(.invalidate(file), by: task)
            dropLast(task, &machine)
            return .next(.waited)
        }
        if machine.flags(of: folio).contains(.uptodate) {
            machine.unlock(folio)
            machine.unlock(.invalidate(file), by: task)
            return .next(.ready)
        }
        FileIO.readPage(folio, of: file, at: index, by: task, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .readAlone) }
        return .next(.readAlone)
    }

    /// The end of `filemap_read_folio()`: the page is uptodate, or the pages before it are all there is.
    private static func endReadAlone(
        _ call: Activation, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.unlock(.invalidate(file), by: task)
        let (folio, _) = last(PageIndex(rawValue: call.words.0), task, machine)
        if !call.wasInterrupted, machine.flags(of: folio).contains(.uptodate) { return .next(.ready) }
        dropLast(task, &machine)
        if !call.wasInterrupted { machine[readaheadOf: file].maximum /= 4 }
        guard machine.folioBatch(of: task).isEmpty else { return .next(.ready) }
        return .failed(call.wasInterrupted ? .interrupted : .inputOutput)
    }

    // MARK: The window, in words

    private static func keep(_ window: ReadaheadWindow, _ call: inout Activation) {
        call.words.2 = window.start.rawValue
        call.words.3 = UInt64(window.pages)
        call.words.4 = UInt64(bitPattern: Int64(window.lookahead))
    }

    private static func window(_ call: Activation) -> ReadaheadWindow {
        ReadaheadWindow(
            start: PageIndex(rawValue: call.words.2), pages: Int(call.words.3),
            lookahead: Int(Int64(bitPattern: call.words.4)))
    }
}

/// The look-up of `shmem_file_read_iter()` (mm/shmem.c, Linux 6.1): one page a round, no readahead. A hole is read as
/// zeroes and not filled.
enum ShmemRead {
    enum Stage: UInt8, RoutineStage {
        case find
        case locked
    }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let index = PageIndex(rawValue: call.words.0)
        switch stage {
        case .find:
            guard index.value < machine.pages(of: file) else { return ready(0) }
            guard let folio = machine.cachedFolio(at: index, of: file) else {
                machine.addToBatch(.none, of: task)
                return ready(1)
            }
            machine.addToBatch(folio, of: task)
            return .call(machine.locking(folio), then: .locked)

        case .locked:
            let folio = machine.folioBatch(of: task)[0]
            let isThere = machine.cachedFolio(at: index, of: file) == folio
            machine.unlock(folio)
            guard isThere else {
                machine.cutBatch(of: task, to: 0)
                return .next(.find)
            }
            return ready(1)
        }
    }

    private static func ready(_ count: Int) -> OldStep<Stage> {
        .returned(ReadyPages(count: count, reachesEnd: count == 0).returned)
    }
}
