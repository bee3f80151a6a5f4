import FaultCore

/// `poll(2)` of a descriptor, without a timeout: `userfaultfd_poll()` (fs/userfaultfd.c, Linux 6.1). The result is the events
/// of `struct pollfd`: `POLLIN`, or `POLLERR` of a descriptor whose reads wait.
///
/// What made it ready may be gone when it is read: a fault that was woken meanwhile is no message any more.
enum PollMessages: Routine {
    enum Stage: UInt8, RoutineStage {
        case look
    }

    struct Frame: RoutineFrame {
        /// The descriptor.
        let descriptor: UserfaultID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("descriptor", descriptor) }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let (pollIn, pollError) = (1, 8)
        guard !machine.opening(of: frame.descriptor).contains(.blocking) else { return .returned(pollError) }
        if machine.hasMessage(frame.descriptor) { return .returned(pollIn) }
        if machine.hasSignal(machine.currentTask) { return .failed(.interrupted) }
        return .sleep(.userfaultMessage(frame.descriptor), then: .look)
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        view.queue(of: frame.descriptor)
    }
}
