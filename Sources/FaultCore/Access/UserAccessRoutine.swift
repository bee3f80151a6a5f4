/// One access of the kernel to user memory, as a user copy makes it. It fails with `EFAULT` where the exception table
/// ends the copy.
enum UserAccessRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case translate
        case exceptionHandled
    }

    struct Frame: RoutineFrame {
        /// The page.
        var page: PageNumber
        /// What is done to it.
        var access: FaultException.Access
        /// The context of the access.
        var mode: FaultException.Mode
        /// Whether the caller will set the content of the page that is stored to.
        var copies = false
        /// How often to try the access; if `nil`, as often as a copy does.
        var mostTries: Int?
        /// How often it was tried.
        var tries = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("access", access)
            visitor.visit("mode", mode)
            visitor.visit("copies", copies)
            visitor.visit("mostTries", mostTries)
            visitor.visit("tries", tries)
        }
    }

    static var number: RoutineNumber { .userAccess }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let task = machine.scheduler.current
        switch stage {
        case .translate:
            let map = machine.tasks[task.index].map
            let walk =
                machine.entry.refusesKernel(frame.access, frame.mode)
                ? machine.refusedWalk(frame.page, in: map)
                : machine.walk(frame.page, frame.access, in: map, by: task, stamping: !frame.copies)
            if walk == .hit { return .done }
            let exception = machine.exception(frame.access, frame.mode, walk)
            return .call(machine.raise(exception, at: frame.page, by: task, &fault), then: .exceptionHandled)

        case .exceptionHandled:
            machine.dropKeptFolio(of: &fault)
            switch resumed.result(EntryOutcome.self) {
            case .replay: return .next(.translate)
            case .emulated: return .done
            case .fixup, .signal, .killed:
                frame.tries += 1
                let most = frame.mostTries ?? machine.entry.userCopyAttempts(in: machine.model)
                return frame.tries < most ? .next(.translate) : .failed(.badAddress)
            case .oops:
                machine.tasks[task.index].outcome.oops = true
                return .failed(.badAddress)
            }
        }
    }
}
