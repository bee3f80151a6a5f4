import FaultCore

/// `poll(2)` of a descriptor, or of several: `do_poll()` with `userfaultfd_poll()` (fs/select.c, fs/userfaultfd.c,
/// Linux 6.1). The result is the events of `struct pollfd`: `POLLIN`, or `POLLERR` for a descriptor whose reads wait.
/// For several descriptors it is the number of those that have an event. It is 0 when the time is over.
///
/// The message may be gone when it is read, because a fault that was woken meanwhile is no message any more. If the
/// message is gone before this routine looks, the task sleeps again for the remaining time.
enum PollMessages: Routine {
    enum Stage: UInt8, RoutineStage {
        case look
        case woken
    }

    struct Frame: RoutineFrame {
        /// The descriptor of the call.
        let descriptor: UserfaultID
        /// The remaining nanoseconds that it may sleep; `UInt64.max` is no limit.
        var left: UInt64
        /// The descriptors of the call as bits: bit 0 is `descriptor`, bit 1 the one made next, and so on; 0 if the
        /// call has only `descriptor`.
        let others: UInt16

        init(_ descriptor: UserfaultID, of others: UInt16 = 0, timeout: Int64) {
            self.descriptor = descriptor
            self.others = others
            left = timeout < 0 ? .max : UInt64(timeout)
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("descriptor", descriptor)
            visitor.visit("left", word: left)
            visitor.visit("others", Int(others))
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        if stage == .woken, frame.left < .max { frame.left -= min(frame.left, machine.timeAsleep(of: task)) }
        let result = result(frame, machine.map(of: task), machine)
        guard result == 0 else { return .returned(result) }
        if machine.hasSignal(task) { return .failed(.interrupted) }
        // If no time passes, the timer may have caused the wake-up.
        if frame.left == 0 || stage == .woken && frame.left < .max && machine.isDriven { return .returned(0) }
        let (end, isLate) = machine.clock.addingReportingOverflow(frame.left)
        return .sleep(
            .userfaultMessage(frame.descriptor, orOther: frame.others != 0, until: isLate ? .max : end), then: .woken)
    }

    private static func result(_ frame: Frame, _ process: MapID, _ machine: Machine) -> Int {
        guard frame.others != 0 else { return events(of: frame.descriptor, machine) }
        return (0..<UInt16.bitWidth).count {
            guard frame.others & 1 << UInt16($0) != 0 else { return false }
            let descriptor = UserfaultID(frame.descriptor.index + $0)
            let isOpen = descriptor.index < machine.userfaultCount && machine.hasOpen(descriptor, process)
            return !isOpen || events(of: descriptor, machine) != 0
        }
    }

    /// `userfaultfd_poll()`.
    private static func events(of descriptor: UserfaultID, _ machine: Machine) -> Int {
        let (pollIn, pollError) = (1, 8)
        if machine.opening(of: descriptor).contains(.blocking) { return pollError }
        return machine.hasMessage(descriptor) ? pollIn : 0
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        frame.others != 0 ? view.queues : view.queue(of: frame.descriptor)
    }
}
