/// What is to be done with a routine once its number is known: the answer of a `switch` over all of them, written once.
@usableFromInline
package protocol RoutineUser {
    associatedtype First
    associatedtype Second
    associatedtype Third
    associatedtype Fourth
    associatedtype Answer

    /// Uses a routine.
    static func use<R: Routine>(
        _: R.Type, _ first: inout First, _ second: inout Second, _ third: inout Third, _ fourth: inout Fourth
    ) -> Answer
}

/// Does one stage of a routine.
@usableFromInline
package enum StageRunner: RoutineUser {
    @inlinable
    @inline(__always)
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind { activation.run(R.self, &fault, &machine, &answer) }
}

/// Shows the fields of a routine's frame to a visitor.
@usableFromInline
package enum FrameViewer<Visitor: FieldVisitor>: RoutineUser {
    @inlinable
    @inline(__always)
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ visitor: inout Visitor, _ none: inout Void, _ more: inout Void
    ) { activation.bytes.frame(R.Frame.self).visit(&visitor) }
}

extension Activation {
    /// Shows the fields of its frame. The routine must be the core's own.
    @inline(__always)
    func visitFrame<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        var copy = self
        var none: Void = ()
        var more: Void = ()
        CoreRoutines.route(routine, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }
}

/// Names a stage of a routine.
@usableFromInline
package enum StageNamer: RoutineUser {
    @inlinable
    package static func use<R: Routine>(
        _: R.Type, _ stage: inout UInt8, _ none: inout Void, _ more: inout Void, _ last: inout Void
    ) -> String? { R.Stage(rawValue: stage).map { "\($0)" } }
}

extension RoutineNumber {
    /// The name of a stage, if the routine is the core's own and has it.
    func stageName(_ stage: UInt8) -> String? {
        var stage = stage
        var none: Void = ()
        var more: Void = ()
        var last: Void = ()
        return CoreRoutines.route(self, to: StageNamer.self, &stage, &none, &more, &last) ?? nil
    }
}
