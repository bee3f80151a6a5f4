import FaultCore

/// `filemap_get_pages()` (mm/filemap.c, Linux 6.1): makes a batch of pages ready for read(2) to copy from.
///
///     gather ─▶ [WindowRead ─▶ readAheadDone ─▶] none there ─▶ create ─▶ created ─▶ readAlone
///        │  ▲                    │
///        ▼  └─ retry ◀─ empty ───│────────────────── waited ◀─ under read ─┐
///     checkMark ◀────────────────┘                     │                   │
///        └─▶ [WindowRead ─▶] checkLast ─▶ update ─▶ readAlone ─▶ readAloneWaited
///                                          └─▶ ready ◀──────────────────────────┘
///
/// A batch has at most ``Machine/folioBatchSize`` consecutive pages. A page that is marked, or not uptodate, ends it.
/// Readahead for a marked page comes before any wait. After a wait for a page under read, the page is looked up again,
/// in the next round.
///
/// The size of the file is looked at before the first lookup only (`filemap_read()` does that), and again when the pages
/// are ready. So a reader that waited for a page which a truncation then removed makes that page anew, beyond the end of
/// the file, and copies nothing of it. The page stays in the cache.
///
/// Locks: none is held on entry or exit, only references. The invalidate lock is held for reading during every
/// insertion and read of pages.
enum FileRead: Routine {
    enum Stage: UInt8, RoutineStage {
        case gather
        case readAheadDone
        case create
        case created
        case checkMark
        case checkLast
        case update
        case waited
        case readAlone
        case readAloneWaited
        case ready
        case retry  // retry:
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let first: PageIndex
        /// How many pages are asked for.
        let pages: Int
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let first = frame.first
        let pages = frame.pages
        switch stage {
        case .gather:
            guard first.value < machine.pages(of: file) else { return .next(.ready) }
            return gatherOrReadAhead(frame, task, &machine)

        case .retry:
            return gatherOrReadAhead(frame, task, &machine)

        case .readAheadDone:
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
            return .call(machine.readingAhead(window, of: file), then: .checkLast)

        case .checkLast:
            let (folio, _) = last(first, task, machine)
            if machine.flags(of: folio).contains(.uptodate) { return .next(.ready) }
            return .call(machine.taking(.invalidate(file), .read), then: .update)

        case .update:
            return update(first, file, task, &machine)

        case .waited:
            return machine.folioBatch(of: task).isEmpty ? .next(.retry) : .next(.ready)

        case .readAlone:
            let (folio, _) = last(first, task, machine)
            return .sleep(.folioUnlock(folio, .killable), then: .readAloneWaited)

        case .readAloneWaited:
            return endReadAlone(first, resumed, file, task, &machine)

        case .ready:
            return ready(first, file, task, &machine)
        }
    }

    // MARK: The batch

    /// Fills the batch with cached pages, after readahead if there are none.
    private static func gatherOrReadAhead(
        _ frame: Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        if machine.hasFatalSignal(task) { return .failed(.interrupted) }
        if gather(from: frame.first, frame.pages, of: frame.file, task, &machine) { return .next(.checkMark) }
        let window = Readahead.planSynchronous(frame.file, at: frame.first, requested: frame.pages, &machine)
        guard let window else { return .next(.create) }
        return .call(machine.readingAhead(window, of: frame.file), then: .readAheadDone)
    }

    /// Puts the cached pages from `first` on into the batch: `filemap_get_read_batch()`.
    ///
    /// - Returns: Whether there is one.
    private static func gather(
        from first: PageIndex, _ pages: Int, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> Bool {
        for offset in 0..<min(pages, machine.folioBatchSize) {
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

    /// Returns the batch, cut at the end of the file, to the copying code. Pages become uptodate before the size is
    /// read.
    private static func ready(
        _ first: PageIndex, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let inFile = max(0, machine.pages(of: file) - first.value)
        if !mistaken(.readsBeyondEnd) { machine.cutBatch(of: task, to: inFile) }
        let count = machine.folioBatch(of: task).count
        return .done(.ready(ReadyPages(count: count, reachesEnd: count == inFile)))
    }

    // MARK: Pages that are not uptodate

    /// Creates the page that readahead did not bring, and reads it: `filemap_create_folio()`.
    private static func create(
        at index: PageIndex, of file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        guard machine.cachedFolio(at: index, of: file) == nil || mistaken(.readMakesPageTwice) else {
            machine.unlock(.invalidate(file), by: task)
            return .next(.retry)
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

    /// Waits for the last page, or reads it if no read is under way: `filemap_update_page()`.
    private static func update(
        _ first: PageIndex, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let (folio, index) = last(first, task, machine)
        guard machine.tryLock(folio, by: task) else {
            // The page is not kept during the wait. It may be gone afterwards, so it is looked up again.
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

    /// The end of `filemap_read_folio()`: the page is uptodate, or the batch ends before it.
    private static func endReadAlone(
        _ first: PageIndex, _ resumed: Resumption, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        machine.unlock(.invalidate(file), by: task)
        let (folio, _) = last(first, task, machine)
        if !resumed.wasInterrupted, machine.flags(of: folio).contains(.uptodate) { return .next(.ready) }
        dropLast(task, &machine)
        if !resumed.wasInterrupted { machine[readaheadOf: file].maximum /= 4 }
        guard machine.folioBatch(of: task).isEmpty else { return .next(.ready) }
        return .failed(resumed.wasInterrupted && !mistaken(.killedReadIsError) ? .interrupted : .inputOutput)
    }
}

// MARK: - What it reads and holds

extension FileRead {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        let planning = view.cache(of: file).union([.file(file)], view.batch)
        switch stage {
        case .gather, .retry, .readAheadDone, .checkMark, .ready: return planning
        case .readAloneWaited: return planning.union(view.releasing(.invalidate(file)))
        case .created, .update: return planning.union(view.submitting(of: file), view.releasing(.invalidate(file)))
        case .create, .waited: return []
        case .checkLast, .readAlone: return view.batch
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .gather, .retry, .readAheadDone, .create, .checkMark, .checkLast, .waited, .ready: .nothing
        case .created, .update, .readAlone, .readAloneWaited:
            .lock(.invalidate(frame.file), .read)
        }
    }
}
