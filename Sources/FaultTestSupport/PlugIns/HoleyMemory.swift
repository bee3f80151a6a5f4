/// The handler of faults on ``HoleyFiles``. A hole gives a page of zeroes without waiting; any other page is read from
/// the disk, without the lock.
public struct HoleyMemory: VMOperations {
    /// The stages of a fault.
    public enum Stage: UInt8, RoutineStage { case look, arrived }

    /// The disk that its files lie on.
    public let device: DeviceID

    /// The handler of files on this disk.
    public init(on device: DeviceID) { self.device = device }

    /// Its name.
    public var name: StaticName { "holey memory" }

    /// Handles a fault: a hole without waiting, any other page with a request, without the lock.
    public func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .look:
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            let isHole = machine.state(of: fault.file, of: HoleyFiles.self).isHole(fault.index)
            if isHole { return .done(machine.giveNewPage(stamp: 0, to: &fault) ? [] : .oom) }
            if fault.flags.contains(.tried) { return .done(Self.give(to: &fault, &machine) ? [] : .oom) }
            machine.countMajorFaultEvent(fault.task)
            let request = machine.submit(IORequest(.direct, on: device, by: fault.task))
            machine.dropFaultLock(of: &fault, for: .handler)
            return .sleep(.request(request, fault.lockDropped ? .killable : .uninterruptible), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done([.major, .retry]) }
            return .done(Self.give(to: &fault, &machine) ? .major : .oom)
        }
    }

    /// Maps what was read.
    private static func give(to fault: inout VMFault, _ machine: inout Machine) -> Bool {
        machine.giveNewPage(stamp: UInt32(truncatingIfNeeded: fault.index.value + 1), to: &fault)
    }
}
