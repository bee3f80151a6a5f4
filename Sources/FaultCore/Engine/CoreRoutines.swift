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

/// Stands where a ``RoutineUser`` needs fewer than four values.
///
/// It has a byte, though nobody reads it: an empty value that is passed inout has no address of its own, and
/// ThreadSanitizer follows whatever stands in its place.
@usableFromInline
package struct Unused: BitwiseCopyable, Sendable {
    private var byte: UInt8 = 0

    @usableFromInline
    package init() {}
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
        _: R.Type, _ activation: inout Activation, _ visitor: inout Visitor, _ none: inout Unused, _ more: inout Unused
    ) { activation.bytes.frame(R.Frame.self).visit(&visitor) }
}

extension Activation {
    /// Shows the fields of its frame. The routine must be the core's own.
    @inline(__always)
    func visitFrame<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        var copy = self
        var none = Unused()
        var more = Unused()
        CoreRoutines.route(routine, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }
}

/// Names a stage of a routine.
@usableFromInline
package enum StageNamer: RoutineUser {
    @inlinable
    package static func use<R: Routine>(
        _: R.Type, _ stage: inout UInt8, _ none: inout Unused, _ more: inout Unused, _ last: inout Unused
    ) -> String? { R.Stage(rawValue: stage).map { "\($0)" } }
}

extension RoutineNumber {
    /// The name of a stage, if the routine is the core's own and has it.
    func stageName(_ stage: UInt8) -> String? {
        var stage = stage
        var none = Unused()
        var more = Unused()
        var last = Unused()
        return CoreRoutines.route(self, to: StageNamer.self, &stage, &none, &more, &last) ?? nil
    }
}
