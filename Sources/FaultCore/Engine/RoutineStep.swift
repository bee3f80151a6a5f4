/// The answer of one stage: what the task does next.
///
/// A stage is atomic. Where the kernel sleeps, a stage answers ``sleep(_:then:)`` and names the stage at which it goes
/// on; where the kernel calls a function that may sleep, it answers ``call(_:then:)``.
@frozen
public enum RoutineStep<Stage: RoutineStage, Result: RoutineResult>: BitwiseCopyable, Sendable {
    /// Go on at this stage.
    case next(Stage)
    /// Sleep until the wait is over, then go on at this stage.
    ///
    /// If the wait ends early, by a signal that it lets through, the stage is told ``Resumption/interrupted``.
    case sleep(TaskWait, then: Stage)
    /// Run another routine, then go on at this stage, which is told what that has answered.
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

    /// The system call succeeded, with nothing to tell.
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
