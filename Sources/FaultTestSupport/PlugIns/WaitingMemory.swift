/// Memory whose pages come after a wait of your choice. It counts its faults and retries.
///
///     let memory = world.register(WaitingMemory(.request(world.disk)))
///     let area = try world.map(memory, pages: 4, in: task)
///
/// The first attempt waits, and drops its lock meanwhile if it may. The second attempt finds the page present.
public struct WaitingMemory: VMOperations {
    /// What it waits for.
    public enum Wait: Equatable, BitwiseCopyable, Sendable {
        /// So many nanoseconds.
        case time(UInt64)
        /// A request of its own to a device.
        case request(DeviceID)
        /// A channel that a test or a plug-in wakes: `Machine.wake(channel:)`.
        case channel(UInt64)
    }

    /// The stages of a fault.
    public enum Stage: UInt8, RoutineStage { case ask, arrived }

    /// What it waits for.
    public let wait: Wait
    /// Whether it drops its lock while it waits.
    public let dropsLock: Bool

    /// Makes memory that waits in this way.
    public init(_ wait: Wait, dropsLock: Bool = true) { (self.wait, self.dropsLock) = (wait, dropsLock) }
    /// Its name.
    public var name: StaticName { "waiting memory" }

    /// Waits on the first attempt; the second has the page.
    public func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            var state = machine.areaState(of: fault, as: Self.self)
            let isTried = fault.flags.contains(.tried)
            if isTried { state.retries += 1 } else { state.faults += 1 }
            machine.setAreaState(state, of: fault, as: Self.self)
            if isTried { return .next(.arrived) }
            if dropsLock { machine.dropFaultLock(of: &fault, for: .handler) }
            return .sleep(begin(fault, &machine), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done(.retry) }
            return .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom)
        }
    }

    private func begin(_ fault: VMFault, _ machine: inout Machine) -> TaskWait {
        let mode: TaskWait.Mode = fault.lockDropped ? .killable : .uninterruptible
        return switch wait {
        case .time(let nanoseconds): .time(machine.clock + nanoseconds, mode)
        case .request(let device): .request(machine.submit(IORequest(.direct, on: device, by: fault.task)), mode)
        case .channel(let channel): .channel(channel, mode)
        }
    }
}
