/// `userfaultfd(2)`, and calls on a descriptor.
///
/// A call keeps the descriptor open until it ends (`fdget()`, `fdput()` in fs/file.c). If all holders have closed it
/// meanwhile, it is released at the end of the call (`____fput()`).
enum UserfaultCallRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case ended
        case released
    }

    /// What is to be done.
    enum Frame: RoutineFrame {
        /// `userfaultfd(2)` with `UFFDIO_API`.
        case open(UserfaultFeatures, UserfaultOpening)
        /// A call on a descriptor.
        case call(UserfaultRequest)
        /// A call that has ended with this result, on a descriptor that is being released.
        case ended(value: Int, errno: Errno?)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .open(let features, let opening):
                visitor.visit("case", 0)
                visitor.visit("features", features)
                visitor.visit("opening", opening)
            case .call(let request):
                visitor.visit("case", 1)
                visitor.visit("request", request)
            case .ended(let value, let errno):
                visitor.visit("case", 2)
                visitor.visit("value", value)
                visitor.visit("errno", errno)
            }
        }
    }

    static var number: RoutineNumber { .userfaultCall }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        switch stage {
        case .begin:
            guard machine.configuration.userfaults != nil, machine.model.userfaults != .none else {
                return .failed(.noSystemCall)
            }
            switch frame {
            case .open(let features, let opening):
                let isKnown = machine.model.userfaults.allows(features, opening)
                guard isKnown else { return .failed(.invalid) }
                let asked = features.contains(.wpAsync) ? features.union(.wpUnpopulated) : features
                let map = machine.currentMap
                guard let descriptor = machine.addUserfault(of: map, opening, asked, heldBy: map) else {
                    return .failed(.noMemory)
                }
                return .returned(Int(descriptor.rawValue))
            case .call(let request):
                guard machine.hasOpen(request.descriptor, machine.currentMap) else {
                    // A read that finds no descriptor returns no messages: those of the read before are forgotten.
                    if case .read = request.call { machine.noteMessage(nil, to: machine.currentTask) }
                    return .failed(.badDescriptor)
                }
                if request.call != .close { machine.beginCall(on: request.descriptor) }
                return .call(machine.calling(UserfaultRoutine(request.call), for: request), then: .ended)
            case .ended: misuse("userfault call: ended before it began")
            }

        case .ended:
            let result: CallResult = resumed.result()
            guard case .call(let request) = frame, request.call != .close else { return .done(result) }
            guard machine.endCall(on: request.descriptor) else { return .done(result) }
            switch result {
            case .value(let value): frame = .ended(value: value, errno: nil)
            case .failed(let errno): frame = .ended(value: 0, errno: errno)
            }
            let closing = UserfaultRequest(.close, on: request.descriptor)
            return .call(machine.calling(.close, for: closing), then: .released)

        case .released:
            guard case .ended(let value, let errno) = frame else { misuse("userfault call: it has not ended") }
            if let errno { return .failed(errno) }
            return .returned(value)
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch (stage, frame) {
        case (.begin, .open): [.world]
        case (.begin, .call(let request)), (.ended, .call(let request)): [.userfault(request.descriptor)]
        default: []
        }
    }
}
