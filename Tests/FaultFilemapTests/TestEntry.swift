import FaultCore

/// The smallest way into the fault path: user faults, the mmap lock, one retry with `TRIED`.
struct TestEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage {
        case begin
        case locked
        case handled
    }

    /// Takes flags away from what a user fault begins with.
    var without: FaultFlags = []

    var name: StaticName { StaticName("test") }

    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 4, bitsPerLevel: 9, userLimit: PageNumber(1 << 35))
    }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .begin:
            fault.flags = FaultFlags.default.union(.user).subtracting(without)
            if fault.exception.access == .write { fault.flags.insert(.write) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .locked)

        case .locked:
            fault.lock = .mmap
            guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
                machine.releaseFaultLock(of: &fault)
                return signal(.segv(.notMapped), fault, &machine)
            }
            return .call(machine.handleMMFault(), then: .handled)

        case .handled:
            let result = resumed.faultResult
            if machine.hasFatalSignal(fault.task) {
                if fault.lock != .none { machine.releaseFaultLock(of: &fault) }
                return .done(.killed)
            }
            if result.contains(.completed) { return .done(.replay) }
            if result.contains(.retry) {
                if fault.lock != .none { machine.releaseFaultLock(of: &fault) }
                fault.flags.insert(.tried)
                return .call(machine.taking(.mmap(fault.map), .read), then: .locked)
            }
            machine.releaseFaultLock(of: &fault)
            if result.isError { return signal(.bus(.noSuchAddress), fault, &machine) }
            return .done(.replay)
        }
    }

    private func signal(
        _ signal: TaskSignal, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        machine.forceSignal(signal, on: fault.task)
        return .done(.signal)
    }
}
