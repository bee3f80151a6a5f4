/// A ``FaultRequest``: the callers of `handle_mm_fault()` that take no exception. The result is the number of pages
/// done, or an errno if the first is refused.
///
///     start ─┬─────────────────▶ lock ─▶ locked ─▶ findArea ─▶ handled ─▶ findArea ...
///            │                   ▲                    ▲           │
///            │                   │                    └─ relocked ◀ only fixup with `unlocked`
///            └─▶ tryAtomic ─▶ tried ─▶ tryAtomic ...
///                 (futex)        └─▶ copied            a load: an ordinary user copy
///
/// Every caller except `fixupUnlockable` keeps the lock from `locked` to its end; a futex in the task's own map keeps
/// it until the page is handled. Callers that allow no retry never get `RETRY` or `COMPLETED`, and could not handle
/// them.
enum FaultCallerRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case start
        case tryAtomic
        case tried
        case copied
        case lock
        case locked
        case findArea  // retry:
        case handled
        case relocked
        case dropped
    }

    struct Frame: RoutineFrame {
        /// The kernel code that calls the fault path.
        var caller: FaultCaller
        /// Whether the pages are to be written to.
        var isWrite: Bool
        /// The next page.
        var page: PageNumber
        /// How many pages are left.
        var left: Int
        /// How many pages are done.
        var done = 0
        /// The memory map, as the caller gave it: none for the task's own.
        var map: MapID
        /// Keeps the map alive, if it was given; from `tryAtomic` or `lock` on, until it is given back.
        var use = MapUse.none
        /// The flags of the next attempt; known from `tryAtomic` or `lock` on.
        var flags: FaultFlags = []
        /// The error if no page is done; known in `dropped`.
        var error: Errno?

        init(_ request: FaultRequest) {
            caller = request.caller
            isWrite = request.access == .write
            page = request.page
            left = request.pages
            map = request.map
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("caller", caller)
            visitor.visit("isWrite", isWrite)
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("done", done)
            visitor.visit("map", map)
            visitor.visit("use", use)
            visitor.visit("flags", flags)
            visitor.visit("error", error)
        }

        /// The access for which the pages are wanted.
        fileprivate var access: FaultException.Access { isWrite ? .write : .read }

        /// Moves on to the next page.
        fileprivate mutating func count() {
            page = page + 1
            left -= 1
            done += 1
        }
    }

    static var number: RoutineNumber { .faultCaller }
    static func needsOwnMap(_ frame: Frame) -> Bool { frame.map == .none }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = map(of: frame, machine)
        switch stage {
        case .start:
            guard frame.left > 0 else { return .done }
            guard machine.isInUse(map) else { return .failed(frame.map == .none ? .badAddress : .noSuchProcess) }
            if frame.map != .none { frame.use = machine.using(map) }
            frame.flags = firstFlags(of: frame, machine)
            // A futex in another map has no address here: only its fault is simulated.
            return .next(frame.caller == .futex && isOwn(map, machine) ? .tryAtomic : .lock)

        case .tryAtomic:
            guard frame.left > 0 else { return end(nil, &frame, &fault, &machine) }
            return .call(machine.accessing(frame.page, frame.access, .kernelAtomic, mostTries: 1), then: .tried)

        case .tried:
            if resumed.errno == nil {
                frame.count()
                return .next(.tryAtomic)
            }
            guard !machine.hasFatalSignal(task) else { return end(.interrupted, &frame, &fault, &machine) }
            // A page that the program may not read is handled by the copy's own fault, with all flags allowed.
            if frame.isWrite { return .next(.lock) }
            return .call(machine.accessing(frame.page, frame.access, .kernelWithFixup, mostTries: 1), then: .copied)

        case .copied:
            if let errno = resumed.errno { return end(errno, &frame, &fault, &machine) }
            return .next(.tryAtomic)

        case .lock:
            let wait: TaskWait.Mode = frame.caller == .coprocessor ? .killable : .uninterruptible
            return .call(machine.taking(.mmap(map), .read, wait), then: .locked)

        case .locked:
            guard resumed.errno == nil else { return end(.badAddress, &frame, &fault, &machine) }
            return .next(.findArea)

        case .findArea:
            return findArea(&frame, &fault, &machine)

        case .handled:
            return handled(resumed.faultResult, &frame, &fault, &machine)

        case .relocked:
            fault.lock = .mmap
            return .next(.findArea)

        case .dropped:
            guard frame.done == 0, let error = frame.error else { return .returned(frame.done) }
            return .failed(error)
        }
    }

    // MARK: One page

    /// Looks up the next page, and has it faulted in if its caller wants that.
    private static func findArea(
        _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        guard frame.left > 0 else { return end(nil, &frame, &fault, &machine) }
        let task = machine.currentTask
        fault = VMFault()
        fault.task = task
        fault.map = map(of: frame, machine)
        fault.page = frame.page
        fault.lock = .mmap
        guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
            return end(.badAddress, &frame, &fault, &machine)
        }
        if let errno = refusal(by: area, frame) { return end(errno, &frame, &fault, &machine) }
        guard
            frame.caller == .breakKSM || !isOwn(fault.map, machine)
                || !machine.keyRefuses(area, frame.access, by: task)
        else {
            return end(.badAddress, &frame, &fault, &machine)
        }
        let entry = machine.entry(of: fault.page, in: fault.map)
        guard wants(entry, frame, machine) else {
            frame.count()
            return .next(.findArea)
        }
        fault.flags = frame.flags
        if fault.flags.contains(.killable), machine.hasFatalSignal(task) {
            return end(.interrupted, &frame, &fault, &machine)
        }
        fault.exception = FaultException(
            fault.isWrite ? .write : .read, .kernelWithFixup, translationPresent: entry.isPresent)
        return .call(machine.handleMMFault(), then: .handled)
    }

    /// Why an area refuses a request: `vma_permits_fault()`, `hmm_vma_walk_test()` and `hmm_vma_fault()`, the checks of
    /// `copro_handle_mm_fault()`. Merged pages are unshared whatever the protection.
    private static func refusal(by area: VMA, _ frame: Frame) -> Errno? {
        let isWrite = frame.isWrite
        switch frame.caller {
        case .fixup, .fixupUnlockable, .futex:
            return area.flags.contains(isWrite ? .write : .read) ? nil : .badAddress
        case .hmm:
            guard area.flags.contains(.read) else { return .badAddress }
            return isWrite && !area.flags.contains(.write) ? .notPermitted : nil
        case .breakKSM:
            return nil
        case .coprocessor:
            let isAllowed = isWrite ? area.flags.contains(.write) : !area.flags.isDisjoint(with: [.read, .execute])
            return isAllowed ? nil : .badAddress
        }
    }

    /// Whether the caller has a page with this entry faulted in: some callers look first, some were told by the
    /// hardware.
    private static func wants(_ entry: PTE, _ frame: Frame, _ machine: Machine) -> Bool {
        switch frame.caller {
        case .fixup, .fixupUnlockable, .futex, .coprocessor:
            return true
        case .hmm:
            return !entry.translates || (frame.isWrite && !entry.isWritable)
        case .breakKSM:
            guard entry.mapsCountedFrame else { return false }
            let flags = machine.flags(of: entry.frame)
            return flags.contains(.anonymous) && !flags.contains(.anonExclusive) && !entry.isWritable
                && machine.references(of: entry.frame) > 1
        }
    }

    /// Handles the result of an attempt for a caller.
    private static func handled(
        _ result: FaultResult, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        if fault.lock == .none { machine.noteLostLock(of: fault.task) }
        if let errno = FaultinPage.errno(of: result) {
            // break_ksm() accepts SIGBUS and SIGSEGV: the page is gone, and with it what was merged.
            let isFine = frame.caller == .breakKSM && errno != .noMemory
            if isFine {
                frame.count()
                return .next(.findArea)
            }
            // hmm_vma_fault() does not tell errors apart.
            return end(frame.caller == .hmm ? .badAddress : errno, &frame, &fault, &machine)
        }
        switch frame.caller {
        case .fixupUnlockable:
            if result.contains(.completed), !mistaken(.fixupTakesCompletedForRetry) {
                // The page is done. The callers will unlock, so the lock is taken for them.
                frame.count()
                frame.flags = firstFlags(of: frame, machine)
                return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
            }
            if !result.isDisjoint(with: [.retry, .completed]) {
                let givesUp = machine.model.fixupRetries == .one || mistaken(.fixupGivesUpAtSecondRetry)
                if givesUp, fault.flags.contains(.tried) { frame.count() }
                machine.prepareRetry(of: &fault)
                frame.flags = fault.flags
                return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
            }
            frame.flags = firstFlags(of: frame, machine)
        case .futex where isOwn(fault.map, machine):
            machine.releaseFaultLock(of: &fault)
            return .next(.tryAtomic)
        case .fixup, .futex, .coprocessor:
            break
        case .hmm, .breakKSM:
            // -EBUSY: the walk begins again at this page. break_ksm() repeats as long as it finds a merged page.
            return fault.lock == .none ? end(nil, &frame, &fault, &machine) : .next(.findArea)
        }
        frame.count()
        return fault.lock == .none ? end(nil, &frame, &fault, &machine) : .next(.findArea)
    }

    // MARK: Helpers

    /// The map in which pages are faulted in.
    private static func map(of frame: Frame, _ machine: Machine) -> MapID {
        frame.map == .none ? machine.tasks[machine.currentTask.index].map : frame.map
    }

    private static func isOwn(_ map: MapID, _ machine: Machine) -> Bool {
        map == machine.tasks[machine.currentTask.index].map
    }

    /// The flags of the first attempt at a page.
    private static func firstFlags(of frame: Frame, _ machine: Machine) -> FaultFlags {
        frame.caller.flags(for: frame.access, isRemote: !isOwn(map(of: frame, machine), machine))
    }

    /// Releases the lock if it is held, and ends with the pages that are done, or with an error if there are none.
    private static func end(
        _ error: Errno?, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = map(of: frame, machine)
        if machine.holds(.mmap(map), task) != nil { machine.unlock(.mmap(map), by: task) }
        fault.lock = .none
        frame.error = error
        guard frame.use != .none else { return .next(.dropped) }
        return .call(machine.dropping(&frame.use), then: .dropped)
    }
}

extension Machine {
    /// Notes that a call has lost the mmap lock that it held: `*locked = 0`, `*unlocked = true`.
    mutating func noteLostLock(of task: TaskID) { tasks[task.index].outcome.lockWasLost = true }
}

// MARK: - What it reads and holds

extension FaultCallerRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = frame.map == .none ? view.map : frame.map
        guard map != .none else { return [] }
        switch stage {
        case .start: return [.users(map)]
        case .lock, .dropped, .relocked: return []
        case .tryAtomic, .tried, .copied, .locked, .handled: return view.releasing(.mmap(map))
        case .findArea:
            return view.releasing(.mmap(map)).union([.areas(map)], view.entry(frame.page, in: map))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let map = frame.map == .none ? view.map : frame.map
        switch stage {
        case .start, .tryAtomic, .tried, .copied, .lock, .dropped: return .nothing
        case .locked, .relocked: return .lock(.mmap(map), .read, if: view.resumed.errno == nil)
        case .findArea: return .lock(.mmap(map), .read)
        case .handled: return .lock(.mmap(map), .read, if: view.fault.lock != .none)
        }
    }
}
