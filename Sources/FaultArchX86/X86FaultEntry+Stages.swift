public import FaultCore

/// `do_user_addr_fault()` and `lock_mm_and_find_vma()` (Linux 6.1), from the exception to its outcome.
///
///     userAddress ─▶ findWithoutLock ─▶ lockArea ─▶ checkAccess ...    a program's fault, where areas have locks
///                         └──────────────┴─▶ lockMmap                  the lock can't be taken, or RETRY under it
///
///     classify ─┬─▶ kernelAddress ─▶ bad area              (no lock is ever taken)
///               └─▶ userAddress ─▶ lockMmap ─▶ [lockTaken ─▶] findArea ─┬─▶ checkAccess ─▶ handled ─▶ outcome
///                                     ▲         (sleeps)                │        ▲            │
///                                     │                                 └─▶ growArea          │
///                                     └────────────── RETRY: TRIED ───────────────────────────┘
///
/// Locks: `findArea` to `handled` run with the mmap lock held for reading, and `growArea` with it held for writing.
/// After `lockArea` it is the area lock instead, which is taken without a wait. Every exit releases the lock.
/// After `RETRY` and `COMPLETED`, `handled` begins without it. Up to Linux 3.18 an error has one more stage, `handleError`,
/// which releases the lock.
extension X86FaultEntry {
    /// The stages, with the labels of `do_user_addr_fault()`.
    public enum Stage: UInt8, RoutineStage {
        /// The choice between a kernel address and a user address.
        case classify
        /// `do_kern_addr_fault()`.
        case kernelAddress
        /// The decisions that need no memory map.
        case userAddress
        /// The mmap lock is taken: trylock first, then a wait.
        case lockMmap  // retry:
        /// The wait for it is over.
        case lockTaken
        /// The area is looked up.
        case findArea
        /// A stack grows to the page.
        case growArea
        /// `access_error()`, then `handle_mm_fault()`.
        case checkAccess
        /// The handling of an attempt's result.
        case handled
        /// The area is looked up without the mmap lock.
        case findWithoutLock
        /// The area lock is tried.
        case lockArea
        /// `mm_fault_error()` releases the lock.
        case handleError
    }

    /// What a fault keeps from stage to stage.
    public struct Frame: HandlerFrame {
        /// The result of an attempt that has failed; known in `handleError`.
        var error: FaultResult = []

        /// Makes the frame of a fault that has not failed.
        public init() {}

        /// Shows the field.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("error", error) }
    }

    /// Does one stage of a fault.
    @inline(__always)
    public func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        let code = X86ErrorCode(fault.exception)
        let registers = X86Registers(fault.exception.mode)
        switch stage {
        case .classify:
            return .next(isKernelAddress(fault.page) ? .kernelAddress : .userAddress)

        case .kernelAddress:
            if Self.isSpurious(code, kernelEntry: .none) { return .done(.replay) }
            return refuse(.notMapped, fault, &machine)

        case .userAddress:
            switch verdict(onUserAddress: code, registers, hasMap: fault.map != .none, under: machine.model) {
            case .handle: break
            case .badArea: return refuse(.notMapped, fault, &machine)
            case .oops: return .done(.oops)
            }
            fault.flags = Self.flags(for: code, registers)
            if fault.page == Self.vsyscallPage {
                switch emulate(code, offset: fault.exception.offset) {
                case .declined: break
                case .badEntryPoint: return refuse(.notMapped, fault, &machine)
                case .done(let call): return .done(.emulated(Int(call.rawValue)))
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
            // A stray access may come from the holder of the write lock, so it must not wait for the lock.
            guard registers.isUserMode || registers.hasFixup else { return refuse(.notMapped, fault, &machine) }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .lockTaken)

        case .lockTaken:
            guard resumed.errno == nil || mistaken(.killedWaitTakenForLock) else {
                return refuse(.notMapped, fault, &machine)
            }
            fault.lock = .mmap
            return .next(.findArea)

        case .findArea:
            if mistaken(.noLookUpAfterDrop), fault.flags.contains(.tried) { return .next(.checkAccess) }
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
            guard resumed.errno == nil else { return refuse(.notMapped, fault, &machine) }
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
            return handled(resumed.faultResult, &frame, &fault, &machine)

        case .handleError:
            unlock(&fault, &machine)
            return endException(frame.error, fault, &machine)
        }
    }

    /// Whether the entry lets the first area above the page grow down to the page.
    private func mayGrow(_ area: VMA, _ fault: VMFault, _ registers: X86Registers, _ machine: Machine) -> Bool {
        guard area.flags.contains(.growsDown) else { return false }
        guard registers.isUserMode, machine.model.stackPointerTest == .refuses else { return true }
        return !Self.isBelowStack(fault.page, stackPointer: machine.stackPointer(of: fault.task))
    }

    /// When the lock is held for writing, the area may be gone, or may already cover the page.
    private func growArea(_ fault: inout VMFault, _ machine: inout Machine) -> Bool {
        guard let area = machine.findArea(of: &fault) else { return false }
        if area.start <= fault.page, !mistaken(.secondGrowerRefused) { return true }
        return machine.expandStack(of: &fault) == nil
    }

    /// Handles the result of `handle_mm_fault()`. After `RETRY` and `COMPLETED` the core has released the lock.
    private func handled(
        _ result: FaultResult, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        if fault.flags.contains(.vmaLock) { return handledUnderAreaLock(result, &fault, &machine) }
        if result.contains(.retry) {
            return afterRetry(&fault, &machine) {
                if !mistaken(.retryForgetsTried) { $0.flags.insert(.tried) }
                if $1.model.retryLock == .triesFirst { return .next(.lockMmap) }
                return .call($1.takingForFault(.mmap($0.map), .read), then: .lockTaken)
            }
        }
        if result.contains(.completed), !mistaken(.completedOverlooked) { return .done(.replay) }
        if result.isError, machine.model.errorUnlock == .errorHandler {
            frame.error = result
            return .next(.handleError)
        }
        unlock(&fault, &machine)
        return endException(result, fault, &machine)
    }

    /// Handles the result of an attempt under the area's lock, and releases that lock.
    private func handledUnderAreaLock(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        let triesAgain = machine.endAreaAttempt(result, &fault)
        if triesAgain {
            return afterRetry(&fault, &machine) {
                // Under the mmap lock it may be a first attempt again.
                .next($1.retriesUnderAreaLock(result, &$0) ? .findWithoutLock : .lockMmap)
            }
        }
        if result.contains(.completed) { return .done(.replay) }
        return endException(result, fault, &machine)
    }

    /// Handles `RETRY`: makes another attempt, unless a signal prevents it.
    private func afterRetry(
        _ fault: inout VMFault, _ machine: inout Machine,
        tryAgain: (inout VMFault, inout Machine) -> RoutineStep<Stage, EntryOutcome>
    ) -> RoutineStep<Stage, EntryOutcome> {
        let decision = machine.model.afterRetry(
            inUserMode: X86Registers(fault.exception.mode).isUserMode,
            fatalSignal: machine.hasFatalSignal(fault.task), signal: machine.hasSignal(fault.task))
        switch decision {
        case .triesAgain: return tryAgain(&fault, &machine)
        case .replays:
            // The handler of an ordinary signal runs before the access is repeated, with a new fault.
            return .done(.replay)
        case .givesUp:
            return mistaken(.killedFaultGoesOn) ? tryAgain(&fault, &machine) : refuse(.dying, fault, &machine)
        }
    }

    /// Ends the exception after an attempt that was neither retried nor completed. Its lock has been released.
    private func endException(
        _ result: FaultResult, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        let registers = X86Registers(fault.exception.mode)
        let hasFatalSignal = machine.hasFatalSignal(fault.task)
        guard let refusal = Self.refusal(of: result, registers, hasFatalSignal: hasFatalSignal) else {
            return .done(.replay)
        }
        if refusal == .outOfMemory, registers.isUserMode || machine.model.kernelOutOfMemory == .isReplayed {
            machine.killForFault(by: fault.task)
        }
        if refusal == .outOfMemory, machine.model.kernelOutOfMemory == .isReplayed {
            return .done(.replay)  // out_of_memory:, in both modes
        }
        return refuse(refusal, fault, &machine)
    }

    private func unlock(_ fault: inout VMFault, _ machine: inout Machine) {
        machine.unlock(.mmap(fault.map), by: fault.task)
        fault.lock = .none
    }

    /// Ends the exception with the reply to a refusal. No lock is held.
    private func refuse(
        _ refusal: Refusal, key: UInt8 = 0, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
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
        return .done(outcome)
    }
}
