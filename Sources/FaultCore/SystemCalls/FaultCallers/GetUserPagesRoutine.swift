/// `__get_user_pages()` (mm/gup.c, Linux 6.1): makes sure that pages of a memory map are present, and finds them.
///
///     start ─┬───────────────────────▶ findArea ─▶ followPage ◀─▶ faultHandled     __get_user_pages()
///            └─▶ lockTaken ─▶ allReturned ─▶ relocked ─▶ oneReturned ─▶ ...        __get_user_pages_locked()
///
/// Every mode except ``Mode/unlocked`` is entered with the mmap lock of the map held by this task. On return,
/// ``VMFault/lock`` of the task says whether the lock is still held: it is ``FaultLock/none`` if the lock was lost, in
/// the modes that may lose it. The result is the number of pages done. If no page is done, it is the errno, or 0 if the
/// call stopped because the lock was lost, or because ``GUPFlags/noWait`` forbade sleeping.
enum GetUserPagesRoutine: OperationRoutine {
    /// The kind of caller, which decides what may happen to the lock.
    enum Mode: UInt8, BitwiseCopyable, Sendable {
        /// `get_user_pages_unlocked()`, also as an operation by itself: takes the lock for reading, and releases it.
        case unlocked = 0
        /// The caller passed `locked`: the lock may be dropped, and stays dropped.
        case unlockable = 1
        /// The caller passed no `locked`: the lock stays held, even while a device reads.
        case held = 2
        /// `populate_vma_page_range()` without `locked`, as mprotect(2) of a locked area calls it: the range lies in
        /// one area, whose protection decides the flags; the lock stays held; errors are ignored.
        case populateHeld = 3
        /// `faultin_page_range()`: the lock may be dropped; the page at which it was dropped is tried once more, with
        /// `TRIED`. If the lock was ever lost, it is released in the end.
        case unlockableRange = 4
    }

    enum Stage: UInt8, RoutineStage {
        case start
        case findArea
        case followPage  // retry:
        case faultHandled
        case lockTaken
        case allReturned
        case relocked
        case oneReturned
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// How many pages are left.
        var left: Int
        /// How many pages are done.
        var done = 0
        /// The flags of the caller; in ``Mode/populateHeld``, known from `followPage` on.
        var flags: GUPFlags
        /// The map of the pages.
        var map: MapID
        /// The kind of caller.
        var mode: Mode
        /// Whether a fault has lost the lock.
        var lockWasLost = false
        /// Whether the page is looked for as one to read, although it is wanted for writing: ``KernelModel/ForcedWrites``.
        var looksToRead = false

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("done", done)
            visitor.visit("flags", flags)
            visitor.visit("map", map)
            visitor.visit("mode", mode)
            visitor.visit("lockWasLost", lockWasLost)
            visitor.visit("looksToRead", looksToRead)
        }

        /// Moves on past these pages.
        fileprivate mutating func count(_ pages: Int) {
            page = page + pages
            left -= pages
            done += pages
            looksToRead = false
        }

        /// What the next look is for.
        fileprivate var lookFlags: GUPFlags { looksToRead ? flags.subtracting(.write) : flags }
    }

    static var number: RoutineNumber { .getUserPages }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        switch stage {
        case .start:
            return start(frame, machine)

        case .findArea:
            return findArea(&frame, &fault, &machine)

        case .followPage:
            return followPage(&frame, &fault, &machine)

        case .faultHandled:
            let action = FaultinPage.action(after: resumed.faultResult, frame.flags)
            if action == .busy, frame.mode == .unlockable, frame.flags.contains(.noWait),
                !frame.flags.contains(.tried), machine.model.noWaitRetry == .losesTrack
            {
                fault.lock = .none  // *nonblocking = 0: the lock is held, but the caller takes it for lost
            }
            if fault.lock == .none { machine.noteLostLock(of: fault.task) }
            switch action {
            case .lookAgain:
                if dropsWrite(resumed.faultResult, fault, machine) { frame.looksToRead = true }
                if mistaken(.lookupBelievesAnswer) { frame.count(1) }
                return .next(.followPage)
            case .busy, .again: return .returned(frame.done)
            case .error(let errno): return stop(errno, frame, &fault)
            }

        case .lockTaken:
            guard resumed.errno == nil else { return .failed(.tryAgain) }  // killed
            let mayDrop = frame.mode == .unlockableRange || frame.flags.contains(.unlockable)
            let inner = call(
                mayDrop ? .unlockable : .held, from: frame.page, pages: frame.left, frame.flags, in: frame.map)
            return .call(inner, then: .allReturned)

        case .allReturned:
            return lockedReturned(resumed.result(), &frame, &fault, &machine)

        case .relocked:
            if let errno = resumed.errno { return end(.failed(errno), frame, &fault, &machine) }
            let again = call(
                .unlockable, from: frame.page, pages: 1,
                mistaken(.lookupForgetsTried) ? frame.flags : frame.flags.union(.tried), in: frame.map)
            return .call(again, then: .oneReturned)

        case .oneReturned:
            let result: CallResult = resumed.result()
            if fault.lock == .none { return relock(&frame, &fault, &machine) }
            guard result == .value(1) else { return end(result, frame, &fault, &machine) }
            frame.count(1)
            // The next page may drop the lock again: TRIED was only for this page.
            return frame.left == 0 ? end(.done, frame, &fault, &machine) : .next(.lockTaken)
        }
    }

    /// The call for `pages` pages of `map` from `page` on.
    static func call(
        _ mode: Mode, from page: PageNumber, pages: Int, _ flags: GUPFlags = [], in map: MapID
    ) -> RoutineCall {
        RoutineCall(
            GetUserPagesRoutine.self,
            GetUserPagesRoutine.Frame(page: page, left: pages, flags: flags, map: map, mode: mode))
    }

    // MARK: __get_user_pages()

    private static func start(_ frame: Frame, _ machine: Machine) -> RoutineStep<Stage, CallResult> {
        guard frame.left > 0 else { return .done }
        if frame.mode == .unlockableRange { return .next(.lockTaken) }
        guard frame.mode == .unlocked else { return .next(.findArea) }
        let isKillable = machine.model.pinLockWait == .killable && !frame.flags.contains(.remote)
        let wait: TaskWait.Mode = isKillable ? .killable : .uninterruptible
        return .call(machine.taking(.mmap(frame.map), .read, wait), then: .lockTaken)
    }

    /// Finds the area of the next page, and checks whether the access is allowed: `check_vma_flags()`.
    private static func findArea(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        fault = VMFault()
        fault.task = machine.currentTask
        fault.map = frame.map
        fault.page = frame.page
        fault.lock = .mmap
        // madvise(2) wants more precise errors.
        guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
            return stop(frame.flags.contains(.advice) ? .noMemory : .badAddress, frame, &fault)
        }
        if frame.mode == .populateHeld {
            guard !area.flags.contains(.lockOnFault) else { return done(frame, &fault) }
            frame.flags = PopulateRoutine.flags(for: area)
        }
        let flags = frame.flags
        guard machine.allowsLongTermPins(area, flags) else { return stop(.badAddress, frame, &fault) }
        let isOwn = fault.map == machine.tasks[fault.task.index].map
        guard allows(area, flags),
            !isOwn || !machine.keyRefuses(area, flags.contains(.write) ? .write : .read, by: fault.task)
        else {
            return stop(flags.contains(.advice) ? .invalid : .badAddress, frame, &fault)
        }
        return .next(.followPage)
    }

    /// Whether an area allows taking its pages with these flags: `check_vma_flags()`.
    static func allows(_ area: VMA, _ flags: GUPFlags) -> Bool {
        if flags.contains(.write) {
            return area.flags.contains(.write) || (flags.contains(.force) && !area.flags.contains(.shared))
        }
        return area.flags.contains(.read) || flags.contains(.force)
    }

    /// Looks for a suitable entry, and has it faulted in if there is none: `follow_page_mask()`, `faultin_page()`.
    private static func followPage(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        guard frame.left > 0 else { return done(frame, &fault) }
        let page = frame.page
        let area = machine.area(of: fault)
        guard area.contains(page) else { return .next(.findArea) }
        guard !machine.hasFatalSignal(fault.task) || mistaken(.lookupIgnoresKill) else {
            return stop(.interrupted, frame, &fault)
        }
        let flags = frame.lookFlags
        if flags.contains(.interruptible), machine.hasSignal(fault.task) {
            return stop(.interrupted, frame, &fault)
        }
        let entry = machine.entry(of: page, in: fault.map)
        let fit = fit(of: entry, area, flags, machine)
        guard fit == .suits else {
            guard !flags.contains(.noFault) else { return stop(.badAddress, frame, &fault) }
            fault.page = page
            fault.index = area.fileIndex(of: page)
            fault.exception = FaultException(
                flags.contains(.write) ? .write : .read, .kernelWithFixup, translationPresent: entry.isPresent)
            fault.flags = FaultinPage.faultFlags(
                for: flags, mayDrop: frame.mode == .unlockable, unshare: fit == .mustUnshare)
            return .call(machine.handleMMFault(), then: .faultHandled)
        }
        if entry.mapsCountedFrame, flags.contains(.touch) {
            if flags.contains(.write), !entry.isDirty { _ = machine.markDirty(entry.frame, by: fault.task) }
            machine.touchFound(entry.frame)
        }
        machine.keepInBatch(entry, flags, of: fault.map, by: fault.task)
        machine.tasks[fault.task.index].outcome.stamp = entry.isZeroPage ? 0 : machine.stamp(of: entry.frame)
        frame.count(1)
        return .next(.followPage)
    }

    /// Whether the lookup goes on as one for reading: the end of `faultin_page()` before Linux 4.9.
    private static func dropsWrite(_ result: FaultResult, _ fault: VMFault, _ machine: Machine) -> Bool {
        guard machine.model.forcedWrites == .becomeReads, result.contains(.write) else { return false }
        return !machine.currentArea(fault.area).flags.contains(.write)
    }

    /// How an entry fits a request.
    private enum Fit: Equatable {
        case suits
        case mustFault
        /// A page that is to be pinned for reading is shared with another process, and a write would replace it.
        case mustUnshare
    }

    /// `follow_page_pte()`, `can_follow_write_pte()`, `gup_must_unshare()`.
    private static func fit(of entry: PTE, _ area: VMA, _ flags: GUPFlags, _ machine: Machine) -> Fit {
        guard entry.isPresent else { return .mustFault }
        guard entry.bits.contains(.accessible) || flags.contains(.force) else { return .mustFault }
        if entry.isWritable { return .suits }
        let frameFlags = entry.mapsCountedFrame ? machine.flags(of: entry.frame) : []
        if flags.contains(.write) {
            guard machine.model.forcedWrites == .areRemembered else { return .mustFault }
            let forced = flags.contains(.force) && area.flags.isDisjoint(with: [.shared, .write])
            return forced && frameFlags.contains([.anonymous, .anonExclusive]) ? .suits : .mustFault
        }
        guard flags.contains(.pin) else { return .suits }
        guard frameFlags.contains(.anonymous) else {
            return machine.unsharesLongTerm(flags) && !area.flags.contains(.shared) ? .mustUnshare : .suits
        }
        let shared = !frameFlags.contains(.anonExclusive)
        return shared && machine.model.readPins == .unshares && !mistaken(.readPinShares) ? .mustUnshare : .suits
    }

    /// Ends with the number of pages done.
    private static func done(_ frame: Frame, _ fault: inout VMFault) -> RoutineStep<Stage, CallResult> {
        guard frame.mode == .populateHeld else { return .returned(frame.done) }
        fault.lock = .none  // the lock is the caller's, no longer the fault's
        return .done
    }

    /// Ends with the pages that are done, or with an error if none is.
    private static func stop(_ errno: Errno, _ frame: Frame, _ fault: inout VMFault) -> RoutineStep<Stage, CallResult> {
        frame.mode == .populateHeld || frame.done > 0 ? done(frame, &fault) : .failed(errno)
    }

    // MARK: __get_user_pages_locked()

    /// Continues after a run over all pages that were left.
    private static func lockedReturned(
        _ result: CallResult, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        if case .value(let pages) = result {
            frame.count(pages)
            if frame.left == 0 { return end(.done, frame, &fault, &machine) }
        }
        if fault.lock != .none { return end(result, frame, &fault, &machine) }
        return relock(&frame, &fault, &machine)
    }

    /// Takes the lost lock again, in order to try the page that lost it once more, alone and marked as tried.
    private static func relock(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.lockWasLost = true
        let isInterrupted =
            frame.flags.contains(.interruptible)
            ? machine.hasSignal(fault.task) : machine.hasFatalSignal(fault.task)
        guard !isInterrupted else {
            let returnsZero = machine.model.killedLookup == .returnsZero || mistaken(.killedLookupReturnsZero)
            return end(returnsZero ? .done : .failed(.interrupted), frame, &fault, &machine)
        }
        return .call(machine.taking(.mmap(fault.map), .read, .killable), then: .relocked)
    }

    /// Releases the lock if it is held. Returns the number of pages done, or `otherwise` if none is.
    private static func end(
        _ otherwise: CallResult, _ frame: Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let result: CallResult = frame.done > 0 ? .value(frame.done) : otherwise
        // The lock of a range's caller stays held if it was never lost.
        if frame.mode == .unlockableRange, !frame.lockWasLost { return .done(result) }
        let map = frame.map
        if machine.holds(.mmap(map), machine.currentTask) != nil { machine.unlock(.mmap(map), by: machine.currentTask) }
        fault.lock = .none
        return .done(result)
    }
}

extension Machine {
    /// The call that finds pages of the current task's own memory, faulting them in if necessary:
    /// `get_user_pages_unlocked()`. It returns a ``CallResult``: the number of pages, or the error if there is not even
    /// one.
    package func pinning(_ pages: Int, from page: PageNumber, _ flags: GUPFlags) -> RoutineCall {
        GetUserPagesRoutine.call(.unlocked, from: page, pages: pages, flags, in: tasks[currentTask.index].map)
    }

    /// The call that populates a part of an area of the current task's memory under the mmap lock, which is held and
    /// stays held: `populate_vma_page_range()` without `locked`. It returns a ``CallResult``, always 0.
    func populatingHeld(_ part: Range<PageNumber>) -> RoutineCall {
        let map = tasks[currentTask.index].map
        return GetUserPagesRoutine.call(
            .populateHeld, from: part.lowerBound, pages: part.upperBound - part.lowerBound, in: map)
    }
}

// MARK: - What it reads and holds

extension GetUserPagesRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .start, .lockTaken: []
        case .faultHandled: view.machine.model.forcedWrites == .becomeReads ? [.areas(frame.map)] : []
        case .findArea: [.areas(frame.map)]
        case .followPage: Footprint([.areas(frame.map)]).union(view.entry(frame.page, in: frame.map))
        case .allReturned, .relocked, .oneReturned: view.releasing(.mmap(frame.map))
        }
    }

    /// The routine is responsible for the lock of a range's caller for as long as it runs.
    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch frame.mode {
        case .unlockable, .held, .populateHeld: return .nothing
        case .unlocked, .unlockableRange: break
        }
        switch stage {
        case .start: return .lock(.mmap(frame.map), .read, if: frame.mode == .unlockableRange)
        case .findArea, .followPage, .faultHandled: return .nothing  // of the other modes
        case .lockTaken, .relocked: return .lock(.mmap(frame.map), .read, if: view.resumed.errno == nil)
        case .allReturned, .oneReturned: return view.heldAfterLending(frame.map)
        }
    }
}
