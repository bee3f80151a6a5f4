/// A toy architecture: `World(.linux6_1, entry: ToyEntry())`.
///
/// Every fault takes the mmap lock for reading. If there is no area, the signal is SIGSEGV. After `RETRY` it takes the
/// lock again, and the second attempt is `TRIED`. It checks no access rights, and has no stack growth.
public struct ToyEntry: FaultEntry {
    /// The stages of a fault.
    public enum Stage: UInt8, RoutineStage { case lock, find, handled }

    /// Makes the entry.
    public init() {}

    /// Its name.
    public var name: StaticName { "toy" }

    /// Three levels of 9 bits.
    public var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 9, userLimit: PageNumber(1 << 26))
    }

    /// Takes the lock, looks up the area, and calls the fault path.
    public func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .lock:
            if !fault.flags.contains(.tried) {
                fault.flags = FaultFlags.default.union(.user)
                if fault.exception.access == .write { fault.flags.insert(.write) }
            }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .find)
        case .find:
            if resumed.errno != nil { return .done(.killed) }
            machine.setFaultLock(.mmap, of: &fault)
            guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
                machine.releaseFaultLock(of: &fault)
                return signal(.segv(.notMapped), fault, &machine)
            }
            return .call(machine.handleMMFault(), then: .handled)
        case .handled:
            let result = resumed.faultResult
            if result.contains(.retry) {
                if machine.hasFatalSignal(fault.task) { return .done(.killed) }
                fault.flags.insert(.tried)
                return .next(.lock)
            }
            if !result.contains(.completed) { machine.releaseFaultLock(of: &fault) }
            return result.isError ? signal(.bus(.noSuchAddress), fault, &machine) : .done(.replay)
        }
    }

    private func signal(
        _ signal: TaskSignal, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        machine.forceSignal(signal, on: fault.task)
        return .done(.signal)
    }
}
