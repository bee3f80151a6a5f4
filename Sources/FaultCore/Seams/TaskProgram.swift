/// A program that decides its next operation from how the last one ended. Plain data; what it must remember is kept in
/// the machine, for each task: its ``State``.
public protocol TaskProgram: BitwiseCopyable, Sendable {
    /// What it remembers: at most 16 bytes.
    associatedtype State: PluginState = NoState

    /// The next operation; `nil` ends the program.
    ///
    /// - Parameters:
    ///   - last: How the last operation ended; before the first operation, not done.
    ///   - task: The task whose program it is.
    ///   - state: What the program remembers; it has its default values at first.
    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation?

    // What the engine calls. Do not implement it: its default implementation follows from the above.

    /// Calls ``next(after:task:_:)-swift.method``.
    func next(after last: OperationOutcome, task: TaskID, _ bytes: inout StateBytes) -> TaskOperation?
}

extension TaskProgram {
    /// Calls the program's own function, with its state.
    @inlinable
    public func next(after last: OperationOutcome, task: TaskID, _ bytes: inout StateBytes) -> TaskOperation? {
        bytes.withState(State.self) { next(after: last, task: task, &$0) }
    }
}
