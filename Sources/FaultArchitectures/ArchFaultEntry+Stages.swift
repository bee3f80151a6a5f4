public import FaultCore

/// The shape that all entries share, from the exception to its outcome.
///
///     classify ─▶ [findWithoutLock ─▶ lockArea ─▶] lockMmap ─▶ lockTaken ─▶ findArea ─┬─▶ checkAccess ─▶ handled
///                                                     ▲                               └─▶ growArea ──▲       │
///                                                     └────────────── RETRY: TRIED ──────────────────────────┤
///                                                              runTail ◀─ [lockedForTail ◀─] done, COMPLETED ┘
///
/// Locks: as in the x86 entry, `findArea` to `handled` run with the fault lock held for reading, `growArea` with the
/// mmap lock held for writing; it is released on every way out. `handled` is entered without it after `RETRY` (but for
/// `RETRY_NOWAIT`) and `COMPLETED`.
extension ArchFaultEntry {
    /// The stages, with the labels of `do_page_fault()`.
    public enum Stage: UInt8, RoutineStage {
        /// What can be decided without the memory map.
        case classify
        /// The area is looked up without the mmap lock.
        case findWithoutLock
        /// The area's own lock is tried.
        case lockArea
        /// The mmap lock is taken.
        case lockMmap  // retry:
        /// The wait for it is over.
        case lockTaken
        /// The area is looked up.
        case findArea
        /// A stack grows to the page.
        case growArea
        /// Whether the access is allowed, then `handle_mm_fault()`.
        case checkAccess
        /// What follows on an attempt.
        case handled
        /// The mmap lock is held again.
        case lockedForTail
        /// What the architecture does in the end.
        case runTail
    }

    /// What a fault keeps from stage to stage.
    public struct Frame: HandlerFrame {
        /// The results of all attempts, together.
        var results: FaultResult = []

        /// A fault before its first attempt.
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
            // The label of a retry lies behind the trylock where that is the entry's own.
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
                // A stray access may come from who holds the lock for writing: it must not wait for it.
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

    /// Whether the program itself made the access. A guest's accesses are the kernel's, which runs it.
    private func isUserMode(_ fault: VMFault, _ machine: Machine) -> Bool {
        fault.exception.mode == .user && !isGuest(fault.task, machine)
    }

    /// The area may be gone, or cover the page, by the time that the lock is held for writing.
    private func growArea(_ fault: inout VMFault, _ machine: inout Machine) -> Bool {
        guard let area = machine.findArea(of: &fault) else { return false }
        if area.start <= fault.page { return true }
        return machine.expandStack(of: &fault) == nil
    }

    /// What follows `handle_mm_fault()`: the tests, in the architecture's order.
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
                let heedsAll = isUserMode && architecture.heedsSignals
                guard machine.isGivenUp(fault, after: result, isUserMode: heedsAll) else { continue }
                if fault.lock != .none { machine.releaseFaultLock(of: &fault) }  // RETRY_NOWAIT
                // An ordinary signal's handler runs before the access is tried again, as a fault of its own.
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
                // Under the mmap lock it may be a first attempt once more.
                if !triesAgain { machine.prepareRetry(of: &fault) }
                return .next(.lockMmap)
            }
        }
        return runTail(frame, &fault, &machine)
    }

    /// After `COMPLETED`: the fault is done, and the lock gone.
    private func completed(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        switch architecture.completion {
        case .returns, .unknown: return .done(.replay)
        case .runsTail: return .next(.runTail)
        case .locksForTail:
            guard isGuest(fault.task, machine) else { return .done(.replay) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .lockedForTail)
        }
    }

    /// Ends the exception with what its context gets for a refusal. No lock is held.
    func refuse(_ refusal: Refusal, _ fault: VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        switch Self.reply(to: refusal, fault.exception.mode, isUserMode: isUserMode(fault, machine)) {
        case .signal(let signal):
            machine.forceSignal(signal, on: fault.task, SignalDetail(page: fault.page, code: 0, trap: 0))
            return .done(.signal)
        case .outcome(let outcome): return .done(outcome)
        }
    }
}
