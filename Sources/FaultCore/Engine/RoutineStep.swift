/// The result of one stage: what the task does next.
///
/// A stage is atomic. Where the kernel sleeps, a stage returns ``sleep(_:then:)`` and names the stage at which it
/// continues. Where the kernel calls a function that may sleep, it returns ``call(_:then:)``.
@frozen
public enum RoutineStep<Stage: RoutineStage, Result: RoutineResult>: BitwiseCopyable, Sendable {
    /// Continue at this stage.
    case next(Stage)
    /// Sleep until the wait is over, then continue at this stage.
    ///
    /// If a signal that the wait lets through ends it early, the stage is resumed with ``Resumption/interrupted``.
    case sleep(TaskWait, then: Stage)
    /// Run another routine, then continue at this stage, which is resumed with the result.
    case call(RoutineCall, then: Stage)
    /// The routine is done.
    case done(Result)
}

extension RoutineStep where Result == CallResult {
    /// The system call failed.
    @inlinable
    public static func failed(_ errno: Errno) -> Self { .done(.failed(errno)) }

    /// The system call succeeded, with this value.
    @inlinable
    public static func returned(_ value: Int) -> Self { .done(.value(value)) }

    /// The system call succeeded, without a value.
    @inlinable
    public static var done: Self { .done(.value(0)) }
}

extension RoutineStep where Result == Completion {
    /// The routine failed.
    @inlinable
    public static func failed(_ errno: Errno) -> Self { .done(.failed(errno)) }

    /// The routine has done what it was asked for.
    @inlinable
    public static var done: Self { .done(.done) }
}
