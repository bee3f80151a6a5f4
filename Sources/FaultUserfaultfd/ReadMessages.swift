import FaultCore

/// `read(2)` of a descriptor: `userfaultfd_read()` (fs/userfaultfd.c, Linux 6.1). The result is the number of messages.
///
/// Faults come before events, whatever their age. It waits only for the first message. A fault that was read continues
/// to wait; an event that was read is over.
enum ReadMessages: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case look
    }

    struct Frame: RoutineFrame {
        /// The largest number of messages.
        let most: Int
        /// The descriptor.
        let descriptor: UserfaultID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("most", most)
            visitor.visit("descriptor", descriptor)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            machine.noteMessage(nil, to: task)
            return frame.most > 0 ? .next(.look) : .failed(.invalid)

        case .look:
            var got = 0
            while got < frame.most, let message = machine.takeMessage(of: frame.descriptor) {
                machine.noteMessage(message, to: task)
                if case .fork(let child) = message { machine.hold(child, by: machine.map(of: task)) }
                got += 1
            }
            if got > 0 { return .returned(got) }
            if machine.hasSignal(task) { return .failed(.interrupted) }
            guard machine.opening(of: frame.descriptor).contains(.blocking) else { return .failed(.tryAgain) }
            return .sleep(.userfaultMessage(frame.descriptor), then: .look)
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        stage == .begin ? [] : view.messages(of: frame.descriptor)
    }
}
