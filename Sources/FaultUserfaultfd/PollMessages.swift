import FaultCore

/// `poll(2)` of a descriptor: `do_poll()` with `userfaultfd_poll()` (fs/select.c, fs/userfaultfd.c, Linux 6.1). The result is
/// the events of `struct pollfd`: `POLLIN`, or `POLLERR` of a descriptor whose reads wait; 0 when the time is over.
///
/// What made it ready may be gone when it is read: a fault that was woken meanwhile is no message any more. If it is gone
/// before this looks, it sleeps on for what is left of the time.
enum PollMessages: Routine {
    enum Stage: UInt8, RoutineStage {
        case look
        case woken
    }

    struct Frame: RoutineFrame {
        /// The descriptor.
        let descriptor: UserfaultID
        /// For how many nanoseconds it may sleep on; `UInt64.max` without end.
        var left: UInt64

        init(descriptor: UserfaultID, timeout: Int64) {
            self.descriptor = descriptor
            left = timeout < 0 ? .max : UInt64(timeout)
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("descriptor", descriptor)
            visitor.visit("left", word: left)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let (pollIn, pollError) = (1, 8)
        let task = machine.currentTask
        if stage == .woken, frame.left < .max { frame.left -= min(frame.left, machine.timeAsleep(of: task)) }
        guard !machine.opening(of: frame.descriptor).contains(.blocking) else { return .returned(pollError) }
        if machine.hasMessage(frame.descriptor) { return .returned(pollIn) }
        if machine.hasSignal(task) { return .failed(.interrupted) }
        guard frame.left < .max else { return .sleep(.userfaultMessage(frame.descriptor), then: .woken) }
        // Where no time passes, whoever is woken may have been woken by the time.
        if frame.left == 0 || stage == .woken && machine.isDriven { return .returned(0) }
        let (end, isLate) = machine.clock.addingReportingOverflow(frame.left)
        return .sleep(.userfaultMessage(frame.descriptor, until: isLate ? .max : end), then: .woken)
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        view.queue(of: frame.descriptor)
    }
}
