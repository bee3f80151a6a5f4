/// Code that needs the type of a routine of which only the number is known. ``CoreRoutines`` has the one `switch` that
/// turns a number into a type, and calls this code with the type.
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

/// A placeholder for values that a ``RoutineUser`` does not need: it has room for four.
///
/// It has a byte, although the byte is never read. An empty value that is passed inout has no address of its own, and
/// ThreadSanitizer would follow whatever is stored at that place.
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
        _ payload: inout StepPayload
    ) -> StepPayload.Kind { activation.run(R.self, &fault, &machine, &payload) }
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
    /// Shows the fields of the routine's frame. The routine must be one of the core.
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
    /// The name of a stage, if the routine is one of the core and has the stage.
    func stageName(_ stage: UInt8) -> String? {
        var stage = stage
        var none = Unused()
        var more = Unused()
        var last = Unused()
        return CoreRoutines.route(self, to: StageNamer.self, &stage, &none, &more, &last) ?? nil
    }
}
