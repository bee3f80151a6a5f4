/// The stages of a routine, in the order of the kernel's source. A routine begins at the stage with the raw value 0.
public protocol RoutineStage: RawRepresentable, Equatable, BitwiseCopyable, Sendable where RawValue == UInt8 {}

/// What a routine keeps from stage to stage: a plain struct of named, typed fields, at most 48 bytes.
///
/// The type of a field says what the field names, so other code needs no list of fields: see ``FieldVisitor``.
public protocol RoutineFrame: FieldList {}

/// A kernel routine that may sleep: its stages, its frame and what it does, in one file.
///
/// A task has a stack of routines under way. Each does one stage at a time and returns, as a ``RoutineStep``, what
/// comes next. A stage is atomic: where another task could interrupt the kernel, one stage ends and another begins.
@usableFromInline
package protocol Routine {
    associatedtype Stage: RoutineStage
    associatedtype Frame: RoutineFrame
    associatedtype Result: RoutineResult

    /// Does one stage.
    ///
    /// - Parameters:
    ///   - resumed: How it came to this stage: what it called has returned, or a signal has ended its sleep.
    ///   - fault: The fault that the task handles; a task handles one at a time.
    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Result>

    /// The state shared by tasks that a stage may read or write, as a function of the frame.
    ///
    /// Without the task itself, which every stage reads, and without `.memory`: see `Machine.reads(by:)`.
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint

    /// The sleeping locks that the routine itself is responsible for when a stage is next: not those of its caller, nor
    /// those of a routine that it has called.
    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings
}

extension Routine {
    /// By default, none.
    package static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings { .nothing }
}

/// A routine of the core, which is called by its number.
protocol CoreRoutine: Routine {
    /// Its number among all routines of the core.
    static var number: RoutineNumber { get }
}

/// A frame without fields.
@frozen
public struct EmptyFrame: RoutineFrame {
    /// Makes a frame.
    @inlinable
    public init() {}

    /// Shows nothing.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {}
}

/// A routine with which a ``TaskOperation`` begins.
protocol OperationRoutine: CoreRoutine {
    /// Whether it works on the task's own memory map, which a kernel thread does not have.
    static func needsOwnMap(_ frame: Frame) -> Bool
}
