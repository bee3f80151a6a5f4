internal import FaultCore

/// `do_user_addr_fault()` and `lock_mm_and_find_vma()` (Linux 6.1), from the exception to its outcome.
///
///     userAddress ─▶ findWithoutLock ─▶ lockArea ─▶ checkAccess ...    a program's fault, where areas have locks
///                         └──────────────┴─▶ lockMmap                  the area's can't be had, or RETRY under it
///
///     classify ─┬─▶ kernelAddress ─▶ bad area              (no lock is ever taken)
///               └─▶ userAddress ─▶ lockMmap ─▶ [lockTaken ─▶] findArea ─┬─▶ checkAccess ─▶ handled ─▶ outcome
///                                     ▲         (sleeps)                │        ▲            │
///                                     │                                 └─▶ growArea          │
///                                     └────────────── RETRY: TRIED ───────────────────────────┘
///
/// Locks: `findArea` to `handled` run with the mmap lock held for reading, `growArea` with it held for writing; after
/// `lockArea` it is the area's own lock instead, for which nothing waits. It is released on every way out; `handled` is
/// entered without it after `RETRY` and `COMPLETED`.
extension X86FaultEntry {
    enum Stage: UInt8, RoutineStage {
        case classify
        case kernelAddress
        case userAddress
        case lockMmap  // retry:
        case lockTaken
        case findArea
        case growArea
        case checkAccess
        case handled
        case findWithoutLock
        case lockArea
        case handleError  // mm_fault_error(), where it releases the lock
    }

    func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let code = X86ErrorCode(fault.exception)
        let registers = X86Registers(fault.exception.mode)
        switch stage {
        case .classify:
            return .next(isKernelAddress(fault.page) ? .kernelAddress : .userAddress)

        case .kernelAddress:
            if Self.isSpurious(code, kernelEntry: .none) { return .returned(EntryOutcome.replay.rawValue) }
            return refuse(.notMapped, fault, &machine)

        case .userAddress:
            switch verdict(onUserAddress: code, registers, hasMap: fault.map != .none, under: machine.model) {
            case .handle: break
            case .badArea: return refuse(.notMapped, fault, &machine)
            case .oops: return .returned(EntryOutcome.oops.rawValue)
            }
            fault.flags = Self.flags(for: code, registers)
            if fault.page == Self.vsyscallPage {
                switch emulate(code, offset: fault.exception.offset) {
                case .declined: break
                case .badEntryPoint: return refuse(.notMapped, fault, &machine)
                case .done(let call): return .returned(EntryOutcome.emulated.rawValue | Int64(call.rawValue) << 8)
                }
            }
            let triesArea = registers.isUserMode && machine.model.areaLocks != .none
            return .next(triesArea ? .findWithoutLock : .lockMmap)

        case .findWithoutLock:
            return .next(machine.findAreaWithoutLock(of: &fault) ? .lockArea : .lockMmap)

        case .lockArea:
            switch machine.tryAreaLock(of: &fault) {
            case .locked: return .next(.checkAccess)
            case .replaced: return .next(.findWithoutLock)
            case .refused: return .next(.lockMmap)
            }

        case .lockMmap:
            if machine.tryLock(.mmap(fault.map), .read, for: fault.task) {
                fault.lock = .mmap
                return .next(.findArea)
            }
            machine.noteTrylockFailure(fault.task)
            // A stray access may come from who holds the lock for writing: it must not wait for it.
            guard registers.isUserMode || registers.hasFixup else { return refuse(.notMapped, fault, &machine) }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .lockTaken)

        case .lockTaken:
            guard call.returned == 0 else { return refuse(.notMapped, fault, &machine) }
            fault.lock = .mmap
            return .next(.findArea)

        case .findArea:
            let area = machine.findArea(of: &fault)
            if let area, area.start <= fault.page { return .next(.checkAccess) }
            if machine.model.stackGrowth == .underReadLock {
                if let area, mayGrow(area, fault, registers, machine), machine.expandStack(of: &fault) == nil {
                    return .next(.checkAccess)
                }
                unlock(&fault, &machine)
                return refuse(.notMapped, fault, &machine)
            }
            unlock(&fault, &machine)
            guard let area, mayGrow(area, fault, registers, machine), registers.isUserMode || registers.hasFixup else {
                return refuse(.notMapped, fault, &machine)
            }
            return .call(machine.takingForFault(.mmap(fault.map), .write), then: .growArea)

        case .growArea:
            guard call.returned == 0 else { return refuse(.notMapped, fault, &machine) }
            fault.lock = .mmap
            if let wait = machine.waitToGrow(fault) { return .sleep(wait, then: .growArea) }
            guard growArea(&fault, &machine) else {
                unlock(&fault, &machine)
                return refuse(.notMapped, fault, &machine)
            }
            machine.downgrade(.mmap(fault.map), by: fault.task)
            return .next(.checkAccess)

        case .checkAccess:
            let area = machine.area(of: fault)
            let keyRefuses = machine.keyRefuses(area, fault.exception.access, by: fault.task)
            guard Self.isRefused(code, by: area.flags, keyRefuses: keyRefuses) else {
                return .call(machine.handleMMFault(), then: .handled)
            }
            if fault.lock == .area {
                guard machine.refuseUnderAreaLock(&fault) else { return .next(.lockMmap) }
            } else {
                unlock(&fault, &machine)
            }
            let refusal = refusal(ofAccess: code, keyRefuses: keyRefuses)
            let key = refusal == .protectionKey ? area.flags.protectionKey : 0
            return refuse(refusal, key: key, fault, &machine)

        case .handled:
            return handled(call.faultResult, &fault, &machine)

        case .handleError:
            unlock(&fault, &machine)
            return answer(call.faultResult, fault, &machine)
        }
    }

    /// Whether the first area above the page may grow down to it, as far as the entry looks at that.
    private func mayGrow(_ area: VMA, _ fault: VMFault, _ registers: X86Registers, _ machine: Machine) -> Bool {
        guard area.flags.contains(.growsDown) else { return false }
        guard registers.isUserMode, machine.model.stackPointerTest == .refuses else { return true }
        return !Self.isBelowStack(fault.page, stackPointer: machine.stackPointer(of: fault.task))
    }

    /// The area may be gone, or cover the page, by the time that the lock is held for writing.
    private func growArea(_ fault: inout VMFault, _ machine: inout Machine) -> Bool {
        guard let area = machine.findArea(of: &fault) else { return false }
        if area.start <= fault.page { return true }
        return machine.expandStack(of: &fault) == nil
    }

    /// What follows `handle_mm_fault()`. After `RETRY` and `COMPLETED` the core has released the lock.
    private func handled(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        if fault.flags.contains(.vmaLock) { return handledUnderAreaLock(result, &fault, &machine) }
        if result.contains(.retry) {
            return afterRetry(&fault, &machine) {
                $0.flags.insert(.tried)
                if $1.model.retryLock == .triesFirst { return .next(.lockMmap) }
                return .call($1.takingForFault(.mmap($0.map), .read), then: .lockTaken)
            }
        }
        if result.contains(.completed) { return .returned(EntryOutcome.replay.rawValue) }
        if result.isError, machine.model.errorUnlock == .errorHandler { return .next(.handleError) }
        unlock(&fault, &machine)
        return answer(result, fault, &machine)
    }

    /// What follows an attempt that was guarded by the area's lock; it is released now.
    private func handledUnderAreaLock(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let triesAgain = machine.endAreaAttempt(result, &fault)
        if triesAgain {
            return afterRetry(&fault, &machine) {
                // Under the mmap lock it may be a first attempt once more.
                .next($1.retriesUnderAreaLock(result, &$0) ? .findWithoutLock : .lockMmap)
            }
        }
        if result.contains(.completed) { return .returned(EntryOutcome.replay.rawValue) }
        return answer(result, fault, &machine)
    }

    /// What follows `RETRY`: another attempt, unless a signal is in the way.
    private func afterRetry(
        _ fault: inout VMFault, _ machine: inout Machine,
        tryAgain: (inout VMFault, inout Machine) -> OldStep<Stage>
    ) -> OldStep<Stage> {
        let decision = machine.model.afterRetry(
            inUserMode: X86Registers(fault.exception.mode).isUserMode,
            fatalSignal: machine.hasFatalSignal(fault.task), signal: machine.hasSignal(fault.task))
        switch decision {
        case .triesAgain: return tryAgain(&fault, &machine)
        case .replays:
            // An ordinary signal's handler runs before the access is tried again, as a fault of its own.
            return .returned(EntryOutcome.replay.rawValue)
        case .givesUp: return refuse(.dying, fault, &machine)
        }
    }

    /// Ends the exception with what follows on an attempt that has ended with the lock held; now it is released.
    private func answer(_ result: FaultResult, _ fault: VMFault, _ machine: inout Machine) -> OldStep<Stage> {
        let registers = X86Registers(fault.exception.mode)
        let hasFatalSignal = machine.hasFatalSignal(fault.task)
        guard let refusal = Self.refusal(of: result, registers, hasFatalSignal: hasFatalSignal) else {
            return .returned(EntryOutcome.replay.rawValue)
        }
        if refusal == .outOfMemory, machine.model.kernelOutOfMemory == .isReplayed {
            return .returned(EntryOutcome.replay.rawValue)  // out_of_memory:, whoever asked
        }
        return refuse(refusal, fault, &machine)
    }

    private func unlock(_ fault: inout VMFault, _ machine: inout Machine) {
        machine.unlock(.mmap(fault.map), by: fault.task)
        fault.lock = .none
    }

    /// Ends the exception with what its context gets for a refusal. No lock is held.
    private func refuse(
        _ refusal: Refusal, key: UInt8 = 0, _ fault: VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let code = X86ErrorCode(fault.exception)
        let outcome: EntryOutcome
        switch Self.reply(to: refusal, code, X86Registers(fault.exception.mode)) {
        case .signal(let signal):
            let detail = SignalDetail(code, at: fault.page, userLimit: geometry.userLimit, key: key)
            machine.forceSignal(signal, on: fault.task, detail)
            outcome = .signal
        case .replay: outcome = .replay
        case .killed: outcome = .killed
        case .fixup: outcome = .fixup
        case .oops: outcome = .oops
        }
        return .returned(outcome.rawValue)
    }
}
