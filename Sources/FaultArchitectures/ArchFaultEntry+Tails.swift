internal import FaultCore

/// The tails: work that only some entries do before they return, and that the table can't express.
extension ArchFaultEntry {
    /// Does the tail of a fault that ended without error, and releases the lock if it is held.
    func runTail(_ frame: Frame, _ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        switch architecture.tail {
        case .none:
            release(&fault, &machine)

        case .accounting:
            release(&fault, &machine)
            if frame.results.contains(.major) { PowerPCPageIns.count(fault.task, &machine) }

        case .translationBuffer:
            release(&fault, &machine)
            Sparc64Buffer.grow(for: fault, &machine)

        case .guestTable:
            var isLinked = true
            if isGuest(fault.task, machine) { isLinked = S390Guest.link(fault, &machine) }
            release(&fault, &machine)
            guard isLinked else { return refuse(.notMapped, fault, &machine) }

        case .presentLoop:
            guard machine.entry(of: fault.page, in: fault.map).isPresent else {
                machine.beginAgain(fault)
                return .call(machine.handleMMFault(), then: .handled)
            }
            machine.releaseFaultLock(of: &fault)
        }
        return .done(.replay)
    }

    /// Releases the lock if it is held. An entry that does not know COMPLETED releases a lock that is no longer held;
    /// the checker reports this.
    private func release(_ fault: inout VMFault, _ machine: inout Machine) {
        if fault.lock != .none || architecture.completion == .unknown { machine.releaseFaultLock(of: &fault) }
    }

    // MARK: s390

    /// Whether a task runs a guest, whose memory is the task's own.
    func isGuest(_ task: TaskID, _ machine: Machine) -> Bool {
        architecture.tail == .guestTable && S390Guest(machine.archWords(of: task)).isGuest
    }

    /// Whether a task's guest gets a notification for a page that is being read, instead of waiting for it.
    func hasPseudoFaults(_ task: TaskID, _ machine: Machine) -> Bool {
        isGuest(task, machine) && S390Guest(machine.archWords(of: task)).hasPseudoFaults
    }

    /// Handles `RETRY` under `RETRY_NOWAIT`: the lock is still held, and the guest is notified.
    func reportPseudoFault(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, EntryOutcome> {
        var guest = S390Guest(machine.archWords(of: fault.task))
        guest.pseudoFaultIsPending = true
        machine.setArchWords(of: fault.task, to: guest.words)
        machine.releaseFaultLock(of: &fault)
        return refuse(.pseudoFault, fault, &machine)
    }
}
