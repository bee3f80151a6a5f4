/// A program that decides its next operation from how the last one ended. Plain data; what it must remember lies in the
/// machine, by task: its ``State``.
public protocol TaskProgram: BitwiseCopyable, Sendable {
    /// What it remembers: at most 16 bytes.
    associatedtype State: PluginState = NoState

    /// The next operation; `nil` ends the program.
    ///
    /// - Parameters:
    ///   - last: How the last operation ended; not done before the first.
    ///   - task: The task whose program it is.
    ///   - state: What the program remembers; it has its default values at first.
    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation?

    // What the engine asks. Do not implement it: it follows from the above.

    /// As ``next(after:task:_:)-swift.method``.
    func next(after last: OperationOutcome, task: TaskID, _ bytes: inout StateBytes) -> TaskOperation?
}

extension TaskProgram {
    /// Asks the program, with its state.
    @inlinable
    public func next(after last: OperationOutcome, task: TaskID, _ bytes: inout StateBytes) -> TaskOperation? {
        bytes.withState(State.self) { next(after: last, task: task, &$0) }
    }
}
