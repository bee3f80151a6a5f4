/// `userfaultfd(2)` and what a descriptor is asked for.
enum UserfaultCallRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case ended
    }

    /// What is to be done.
    enum Frame: RoutineFrame {
        /// `userfaultfd(2)` with `UFFDIO_API`.
        case open(UserfaultFeatures, UserfaultOpening)
        /// A call on a descriptor.
        case call(UserfaultRequest)

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            switch self {
            case .open(let features, let opening):
                visitor.visit("case", 0)
                visitor.visit("features", features)
                visitor.visit("opening", opening)
            case .call(let request):
                visitor.visit("case", 1)
                visitor.visit("request", request)
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
                guard machine.hasOpen(request.descriptor, machine.currentMap) else { return .failed(.badDescriptor) }
                return .call(machine.calling(UserfaultRoutine(request.call), for: request), then: .ended)
            }

        case .ended:
            return .done(resumed.result())
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        guard stage == .begin else { return [] }
        switch frame {
        case .open: return [.world]
        case .call(let request): return [.userfault(request.descriptor)]
        }
    }
}
