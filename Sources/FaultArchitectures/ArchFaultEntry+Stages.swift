public import FaultCore

/// The stages that all entries have in common, from the exception to its outcome.
///
///     classify ─▶ [findWithoutLock ─▶ lockArea ─▶] lockMmap ─▶ lockTaken ─▶ findArea ─┬─▶ checkAccess ─▶ handled
///                                                     ▲                               └─▶ growArea ──▲       │
///                                                     └────────────── RETRY: TRIED ──────────────────────────┤
///                                                              runTail ◀─ [lockedForTail ◀─] done, COMPLETED ┘
///
/// Locks: as in the x86 entry, `findArea` to `handled` run with the fault lock held for reading, and `growArea` with
/// the mmap lock held for writing. Every exit releases the lock. After `RETRY` (except under `RETRY_NOWAIT`) and
/// `COMPLETED`, `handled` begins without it.
extension ArchFaultEntry {
    /// The stages, with the labels of `do_page_fault()`.
    public enum Stage: UInt8, RoutineStage {
        /// The decisions that need no memory map.
        case classify
        /// The area is looked up without the mmap lock.
        case findWithoutLock
        /// The area lock is tried.
        case lockArea
        /// The mmap lock is taken.
        case lockMmap  // retry:
        /// The wait for it is over.
        case lockTaken
        /// The area is looked up.
        case findArea
        /// A stack grows to the page.
        case growArea
        /// The check of the access, then `handle_mm_fault()`.
        case checkAccess
        /// The handling of an attempt's result.
        case handled
        /// The mmap lock is held again.
        case lockedForTail
        /// The work that the architecture does at the end.
        case runTail
    }

    /// What a fault keeps from stage to stage.
    public struct Frame: HandlerFrame {
        /// The union of the results of all attempts.
        var results: FaultResult = []

        /// Makes the frame of a fault before its first attempt.
        public init() {}

        /// Shows the field.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("results", results) }
    }

    /// Does one stage of a fault.
    public func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        let isUserMode = isUserMode(fault, machine)
        let hasFixup = fault.exception.mode != .kernelWithoutFixup
        switch stage {
        case .classify:
            let faultsDisabled = fault.exception.mode == .kernelAtomic
            if fault.page >= geometry.userLimit || faultsDisabled || fault.map == .none {
                return refuse(.notMapped, fault, &machine)
            }
            if fault.exception.entryIsDamaged { return .done(.oops) }
            fault.flags = flags(for: fault.exception, isUserMode: isUserMode)
            if hasPseudoFaults(fault.task, machine) { fault.flags.insert(.retryNoWait) }
            let triesArea = isUserMode && architecture.triesAreaLock && machine.model.areaLocks != .none
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
            // If the trylock is in the entry itself, the retry label comes after it.
            let triesFirst =
                switch architecture.lookUp {
                case .lockAndFind: true
                case .trylock: !fault.flags.contains(.tried)
                case .lock: false
                }
            if triesFirst {
                if machine.tryLock(.mmap(fault.map), .read, for: fault.task) {
                    fault.lock = .mmap
                    return .next(.findArea)
                }
                machine.noteTrylockFailure(fault.task)
                // A stray access may come from the holder of the write lock, so it must not wait for the lock.
                guard hasFixup else { return refuse(.notMapped, fault, &machine) }
            }
            guard architecture.lookUp == .lockAndFind else {
                return .call(machine.taking(.mmap(fault.map), .read), then: .lockTaken)
            }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .lockTaken)

        case .lockTaken:
            guard resumed.errno == nil else { return refuse(.notMapped, fault, &machine) }
            fault.lock = .mmap
            return .next(.findArea)

        case .findArea:
            let area = machine.findArea(of: &fault)
            if let area, area.start <= fault.page { return .next(.checkAccess) }
            machine.releaseFaultLock(of: &fault)
            guard let area, area.flags.contains(.growsDown), hasFixup else {
                return refuse(.notMapped, fault, &machine)
            }
            return .call(machine.takingForFault(.mmap(fault.map), .write), then: .growArea)

        case .growArea:
            guard resumed.errno == nil else { return refuse(.notMapped, fault, &machine) }
            fault.lock = .mmap
            if let wait = machine.waitToGrow(fault) { return .sleep(wait, then: .growArea) }
            guard growArea(&fault, &machine) else {
                machine.releaseFaultLock(of: &fault)
                return refuse(.notMapped, fault, &machine)
            }
            machine.downgrade(.mmap(fault.map), by: fault.task)
            return .next(.checkAccess)

        case .checkAccess:
            guard isRefused(fault.exception, by: machine.area(of: fault).flags) else {
                return .call(machine.handleMMFault(), then: .handled)
            }
            if fault.lock == .area {
                guard machine.refuseUnderAreaLock(&fault) else { return .next(.lockMmap) }
            } else {
                machine.releaseFaultLock(of: &fault)
            }
            return refuse(.accessDenied, fault, &machine)

        case .handled:
            return handled(resumed.faultResult, &frame, &fault, &machine)

        case .lockedForTail:
            fault.lock = .mmap
            return .next(.runTail)

        case .runTail:
            return runTail(frame, &fault, &machine)
        }
    }

    /// Whether the program itself made the access. The accesses of a guest count as accesses of the kernel, which runs
    /// the guest.
    private func isUserMode(_ fault: VMFault, _ machine: Machine) -> Bool {
        fault.exception.mode == .user && !isGuest(fault.task, machine)
    }

    /// When the lock is held for writing, the area may be gone, or may already cover the page.
    private func growArea(_ fault: inout VMFault, _ machine: inout Machine) -> Bool {
        guard let area = machine.findArea(of: &fault) else { return false }
        if area.start <= fault.page { return true }
        return machine.expandStack(of: &fault) == nil
    }

    /// Handles the result of `handle_mm_fault()`: the tests, in the architecture's order.
    private func handled(
        _ result: FaultResult, _ frame: inout Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        frame.results.formUnion(result)
        let isUserMode = isUserMode(fault, machine)
        let triesAgain = fault.flags.contains(.vmaLock) && machine.endAreaAttempt(result, &fault)
        var position = 0
        while let check = architecture.checks[position] {
            position += 1
            switch check {
            case .signal:
                let isGivenUp = machine.isGivenUp(
                    fault, after: result, isUserMode: isUserMode, heedsSignals: architecture.heedsSignals)
                guard isGivenUp else { continue }
                if fault.lock != .none { machine.releaseFaultLock(of: &fault) }  // RETRY_NOWAIT
                // The handler of an ordinary signal runs before the access is repeated, with a new fault.
                if !machine.hasFatalSignal(fault.task) { return .done(.replay) }
                return refuse(.dying, fault, &machine)

            case .completed:
                guard result.contains(.completed), architecture.completion != .unknown else { continue }
                return completed(&fault, &machine)

            case .error:
                guard let refusal = Self.refusal(of: result) else { continue }
                if fault.lock != .none { machine.releaseFaultLock(of: &fault) }
                if refusal == .outOfMemory, isUserMode { machine.killForFault(by: fault.task) }
                return refuse(refusal, fault, &machine)

            case .retry:
                guard result.contains(.retry) else { continue }
                if architecture.retriesIfAllowed, !fault.flags.contains(.allowRetry) { continue }
                if fault.flags.contains(.retryNoWait) { return reportPseudoFault(&fault, &machine) }
                // Under the mmap lock it may be a first attempt again.
                if !triesAgain { machine.prepareRetry(of: &fault) }
                return .next(.lockMmap)
            }
        }
        return runTail(frame, &fault, &machine)
    }

    /// Handles `COMPLETED`: the fault is done, and the lock was released.
    private func completed(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        switch architecture.completion {
        case .returns, .unknown: return .done(.replay)
        case .runsTail: return .next(.runTail)
        case .locksForTail:
            guard isGuest(fault.task, machine) else { return .done(.replay) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .lockedForTail)
        }
    }

    /// Ends the exception with the reply to a refusal. No lock is held.
    func refuse(_ refusal: Refusal, _ fault: VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        switch Self.reply(to: refusal, fault.exception.mode, isUserMode: isUserMode(fault, machine)) {
        case .signal(let signal):
            machine.forceSignal(signal, on: fault.task, SignalDetail(page: fault.page, code: 0, trap: 0))
            return .done(.signal)
        case .outcome(let outcome): return .done(outcome)
        }
    }
}
