/// A ``FaultRequest``: the callers of `handle_mm_fault()` that take no exception. The result is the number of pages done,
/// or an errno if the first is refused.
///
///     start ─┬─────────────────▶ lock ─▶ locked ─▶ findArea ─▶ handled ─▶ findArea ...
///            │                   ▲                    ▲           │
///            │                   │                    └─ relocked ◀ fixup with `unlocked` alone
///            └─▶ tryAtomic ─▶ tried ─▶ tryAtomic ...
///                 (futex)        └─▶ copied            a load: an ordinary user copy
///
/// Every caller but `fixupUnlockable` keeps the lock from `locked` to its end. Those that allow no retry never see
/// `RETRY` or `COMPLETED`, and know no way to go on if they did.
///
/// The words: 0 is the next page, 1 how many are left, 2 how many are done, 3 what will be returned, 4 the flags of the
/// next attempt.
enum FaultCallerRoutine {
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

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        let task = machine.currentTask
        guard case .faultIn(let request) = machine.tasks[task.index].operation else { return .failed(.invalid) }
        return step(Stage(rawValue: call.stage.rawValue)!, request, &call, &fault, &machine).erased
    }

    static func step(
        _ stage: Stage, _ request: FaultRequest, _ call: inout Activation, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.remoteMap(of: task)
        switch stage {
        case .start:
            guard Int64(bitPattern: call.words.1) > 0 else { return .done }
            guard machine.isInUse(map) else { return .failed(request.map == .none ? .badAddress : .noSuchProcess) }
            if request.map != .none { machine.useMap(map) }
            call.words.4 = UInt64(flags(of: request, by: task, machine).rawValue)
            // Another's futex has no address here: the fault alone is left of it.
            return .next(request.caller == .futex && map == machine.tasks[task.index].map ? .tryAtomic : .lock)

        case .tryAtomic:
            guard call.words.1 > 0 else { return end(0, request, &call, &fault, &machine) }
            return .call(access(request, call, .kernelAtomic), then: .tried)

        case .tried:
            if call.returned == 0 {
                count(&call)
                return .next(.tryAtomic)
            }
            guard !machine.hasFatalSignal(task) else {
                return end(Errno.interrupted.returned, request, &call, &fault, &machine)
            }
            // What may not be read by the program is fixed up by the copy's own fault, with everything allowed.
            return request.access == .write
                ? .next(.lock) : .call(access(request, call, .kernelWithFixup), then: .copied)

        case .copied:
            guard call.returned == 0 else { return end(call.returned, request, &call, &fault, &machine) }
            return .next(.tryAtomic)

        case .lock:
            let wait: Wait.Mode = request.caller == .coprocessor ? .killable : .uninterruptible
            return .call(machine.taking(.mmap(map), .read, wait), then: .locked)

        case .locked:
            guard call.returned == 0 else {
                return end(Errno.badAddress.returned, request, &call, &fault, &machine)
            }
            return .next(.findArea)

        case .findArea:
            return findArea(request, &call, &fault, &machine)

        case .handled:
            return handled(call.faultResult, request, &call, &fault, &machine)

        case .relocked:
            fault.lock = .mmap
            return .next(.findArea)

        case .dropped:
            return .returned(Int64(bitPattern: call.words.3))
        }
    }

    // MARK: One page

    /// Looks the next page up, and has it faulted in if its caller wants that.
    private static func findArea(
        _ request: FaultRequest, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        guard call.words.1 > 0 else { return end(0, request, &call, &fault, &machine) }
        let task = machine.currentTask
        fault = VMFault()
        fault.task = task
        fault.map = machine.remoteMap(of: task)
        fault.page = PageNumber(call.words.0)
        fault.lock = .mmap
        guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
            return end(Errno.badAddress.returned, request, &call, &fault, &machine)
        }
        let isOwn = fault.map == machine.tasks[task.index].map
        let access: FaultException.Access = request.access == .write ? .write : .read
        if let errno = refusal(by: area, request) {
            return end(errno.returned, request, &call, &fault, &machine)
        }
        guard request.caller == .breakKSM || !isOwn || !machine.keyRefuses(area, access, by: task) else {
            return end(Errno.badAddress.returned, request, &call, &fault, &machine)
        }
        let entry = machine.entry(of: fault.page, in: fault.map)
        guard wants(entry, request, machine) else {
            count(&call)
            return .next(.findArea)
        }
        fault.flags = FaultFlags(rawValue: UInt32(truncatingIfNeeded: call.words.4))
        if fault.flags.contains(.killable), machine.hasFatalSignal(task) {
            return end(Errno.interrupted.returned, request, &call, &fault, &machine)
        }
        fault.exception = FaultException(
            fault.isWrite ? .write : .read, .kernelWithFixup, translationPresent: entry.isPresent)
        return .call(machine.handleMMFault(), then: .handled)
    }

    /// Why an area refuses a request: `vma_permits_fault()`, `hmm_vma_walk_test()` and `hmm_vma_fault()`, the tests of
    /// `copro_handle_mm_fault()`. Merged pages are unshared whatever the protection.
    private static func refusal(by area: VMA, _ request: FaultRequest) -> Errno? {
        let isWrite = request.access == .write
        switch request.caller {
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

    /// Whether the caller has a page with this entry faulted in: some look first, some were told by the hardware.
    private static func wants(_ entry: PTE, _ request: FaultRequest, _ machine: Machine) -> Bool {
        switch request.caller {
        case .fixup, .fixupUnlockable, .futex, .coprocessor:
            return true
        case .hmm:
            return !entry.translates || (request.access == .write && !entry.isWritable)
        case .breakKSM:
            guard entry.mapsCountedFrame else { return false }
            let flags = machine.flags(of: entry.frame)
            return flags.contains(.anonymous) && !flags.contains(.anonExclusive) && !entry.isWritable
                && machine.references(of: entry.frame) > 1
        }
    }

    /// What a caller makes of an attempt's result.
    private static func handled(
        _ result: FaultResult, _ request: FaultRequest, _ call: inout Activation, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> OldStep<Stage> {
        if fault.lock == .none { machine.noteLostLock(of: fault.task) }
        if let errno = FaultinPage.errno(of: result) {
            // break_ksm() takes SIGBUS and SIGSEGV for an answer: the page is gone, and with it what was merged.
            let isFine = request.caller == .breakKSM && errno != .noMemory
            if isFine { count(&call) }
            return isFine ? .next(.findArea) : end(errno.returned, request, &call, &fault, &machine)
        }
        switch request.caller {
        case .fixupUnlockable:
            if result.contains(.completed) {
                // Done; but the callers will unlock, so the lock is taken for them.
                count(&call)
                call.words.4 = UInt64(flags(of: request, by: fault.task, machine).rawValue)
                return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
            }
            if result.contains(.retry) {
                machine.prepareRetry(of: &fault)
                call.words.4 = UInt64(fault.flags.rawValue)
                return .call(machine.taking(.mmap(fault.map), .read), then: .relocked)
            }
            call.words.4 = UInt64(flags(of: request, by: fault.task, machine).rawValue)
        case .futex where fault.map == machine.tasks[fault.task.index].map:
            machine.releaseFaultLock(of: &fault)
            return .next(.tryAtomic)
        case .fixup, .futex, .coprocessor:
            break
        case .hmm, .breakKSM:
            // -EBUSY: the walk begins again at this page. break_ksm() looks as long as it finds a merged page.
            return fault.lock == .none ? end(0, request, &call, &fault, &machine) : .next(.findArea)
        }
        count(&call)
        return fault.lock == .none ? end(0, request, &call, &fault, &machine) : .next(.findArea)
    }

    // MARK: Helpers

    private static func flags(of request: FaultRequest, by task: TaskID, _ machine: Machine) -> FaultFlags {
        request.caller.flags(
            for: request.access, isRemote: machine.remoteMap(of: task) != machine.tasks[task.index].map)
    }

    private static func access(_ request: FaultRequest, _ call: Activation, _ mode: FaultException.Mode) -> Call {
        let access: FaultException.Access = request.access == .write ? .write : .read
        return Call(
            UserAccessRoutine.self,
            UserAccessRoutine.Frame(page: PageNumber(call.words.0), access: access, mode: mode, mostTries: 1))
    }

    private static func count(_ call: inout Activation) {
        call.words.0 += 1
        call.words.1 -= 1
        call.words.2 += 1
    }

    /// Releases the lock if it is held, and ends with the pages that are done, or with `value` if there are none.
    private static func end(
        _ value: Int64, _ request: FaultRequest, _ call: inout Activation, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.remoteMap(of: task)
        if machine.holds(.mmap(map), task) != nil { machine.unlock(.mmap(map), by: task) }
        fault.lock = .none
        call.words.3 = call.words.2 > 0 ? call.words.2 : UInt64(bitPattern: value)
        return request.map == .none ? .next(.dropped) : .call(ExitRoutine.dropping(map), then: .dropped)
    }
}

extension Machine {
    /// Remembers that a call has lost the mmap lock that it held: `*locked = 0`, `*unlocked = true`.
    mutating func noteLostLock(of task: TaskID) { tasks[task.index].outcome.lockWasLost = true }
}
