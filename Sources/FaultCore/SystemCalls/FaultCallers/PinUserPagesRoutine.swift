/// `pin_user_pages_fast()` with what its callers do after it (mm/gup.c; io_uring/rsrc.c,
/// drivers/infiniband/core/umem.c, Linux 6.1), and `get_user_pages_fast()` with ``GUPFlags/get``. The result is the
/// ``PinID/number`` of the pin.
///
///     begin ─▶ takePresent ─▶ [taken ─▶] keep               pinUserPages
///       └────▶ [taken ─▶] keep                              getUserPages with FOLL_GET or FOLL_PIN
///
/// If fewer pages are found than were asked for, those are given back, and the call fails. The error is that of the
/// first missing page, or `EFAULT` if it is no longer known. `getUserPages` gives back all pages at its end; its result
/// is the number of pages.
enum PinUserPagesRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case takePresent
        case taken
        case keep
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let page: PageNumber
        /// How many pages.
        let pages: Int
        /// The flags of the caller, including exactly one of ``GUPFlags/get`` and ``GUPFlags/pin``.
        let flags: GUPFlags
        /// Whether the pages are kept beyond the call.
        let isKept: Bool
        /// How many pages there are, if they are not kept; known in `keep`.
        var found = 0
        /// The error if there are too few pages; known in `keep`.
        var error: Errno?

        init(page: PageNumber, pages: Int, flags: GUPFlags, isKept: Bool) {
            self.page = page
            self.pages = pages
            self.flags = flags
            self.isKept = isKept
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("flags", flags)
            visitor.visit("isKept", isKept)
            visitor.visit("found", found)
            visitor.visit("error", error)
        }
    }

    static var number: RoutineNumber { .pinUserPages }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            if frame.isKept { return .next(.takePresent) }
            return .call(machine.pinning(frame.pages, from: frame.page, frame.flags), then: .taken)

        case .takePresent:
            let present = machine.takePresentPages(frame.pages, at: frame.page, frame.flags, by: task)
            if present > 0 { machine.noteStamp(ofLastInBatchOf: task) }
            guard present < frame.pages else { return .next(.keep) }
            let flags = frame.flags.union([.touch, .unlockable])
            return .call(machine.pinning(frame.pages - present, from: frame.page + present, flags), then: .taken)

        case .taken:
            let result: CallResult = resumed.result()
            switch result {
            case .value(let pages): frame.found = pages
            case .failed(let errno): frame.error = errno
            }
            return .next(.keep)

        case .keep:
            let count = machine.folioBatch(of: task).count
            if frame.isKept, count == frame.pages {
                let id = machine.keepBatch(
                    of: task, from: frame.page, in: machine.currentMap, isForWriting: frame.flags.contains(.write))
                return .returned(id.number)
            }
            machine.cutBatch(of: task, to: 0)
            if frame.isKept { return .failed(count > 0 ? .badAddress : frame.error ?? .badAddress) }
            return frame.error.map { .failed($0) } ?? .returned(frame.found)
        }
    }
}

/// Gives back a ``PagePin``: `unpin_user_pages_dirty_lock()` (mm/gup.c, Linux 6.1), or `put_page()` for references.
///
/// With `makesDirty`, each page is first made dirty under its lock, so that what a device wrote is not lost. RDMA and
/// vfio do this for memory that they may write to; io_uring does not.
enum UnpinRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case locked
    }

    struct Frame: RoutineFrame {
        /// The task that took the pin.
        let task: TaskID
        /// Its number.
        let number: Int
        /// Whether its pages are made dirty.
        let makesDirty: Bool
        /// How many pages have been made dirty.
        var done = 0

        init(_ id: PinID, makesDirty: Bool) {
            task = id.task
            number = id.number
            self.makesDirty = makesDirty
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("task", task)
            visitor.visit("number", number)
            visitor.visit("makesDirty", makesDirty)
            visitor.visit("done", done)
        }

        /// The pin.
        fileprivate var id: PinID { PinID(number, of: task) }
    }

    static var number: RoutineNumber { .unpin }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            guard machine.takeToBatch(frame.id, of: task) else { return .failed(.invalid) }
            return goOn(&frame, task, &machine)

        case .locked:
            let folio = machine.folioBatch(of: task)[frame.done]
            _ = machine.markDirty(folio, by: task)
            machine.unlock(folio)
            frame.done += 1
            return goOn(&frame, task, &machine)
        }
    }

    /// Locks the next page that is to be made dirty; after the last page, gives back all.
    private static func goOn(
        _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let batch = machine.folioBatch(of: task)
        while frame.makesDirty, frame.done < batch.count {
            let folio = batch[frame.done]
            // The dirty flag is checked without the lock.
            if folio != .none, !machine.flags(of: folio).contains(.dirty) {
                return .call(machine.locking(folio), then: .locked)
            }
            frame.done += 1
        }
        machine.cutBatch(of: task, to: 0)
        return .done
    }
}

// MARK: - What they read

extension PinUserPagesRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .begin, .taken: return []
        case .takePresent: return view.takingPresent(frame.pages, at: frame.page)
        case .keep: return view.batch.union([.pins(view.task)])
        }
    }
}

extension UnpinRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        guard stage == .begin else { return view.batch }
        let pin = view.machine.pagePin(frame.id)
        return (pin?.frames ?? []).reduce(into: [.pins(frame.task)]) { $0.formUnion(view.page($1)) }
    }
}
