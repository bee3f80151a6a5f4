import FaultCore

/// What a stage does, as far as a search has to know.
struct StageEffect: BitwiseCopyable, Sendable {
    /// How much of it is known.
    enum Extent: UInt8, BitwiseCopyable, Sendable {
        /// What it reads and writes.
        case mark
        /// Also the key of the state that follows: it has changed no other task, and has not looked at what others do.
        case key
        /// Also the moves of that state: those of the state before, but for the next stage of the task.
        case moves
    }

    /// What a task does after it.
    enum Activity: UInt8, BitwiseCopyable, Sendable {
        case neither
        /// It can run.
        case runs
        /// It sleeps.
        case sleeps
    }

    /// The task's own state after it.
    var own: UInt64 = 0
    /// The references of tasks after it.
    var links: UInt64 = 0
    /// The shared state after it.
    var shared: UInt64 = 0
    /// What it reads and writes, as a number; see ``FutureRows/marks``.
    var mark: UInt32 = 0
    /// What the task's next choice is known by; see ``TrialOrder/key(of:in:)``.
    var orderKey: TrialOrder.Key = 0
    /// How much is known.
    var extent = Extent.mark
    /// What the task does after it.
    var activity = Activity.neither

    /// The key of the state that follows.
    ///
    /// - Parameters:
    ///   - key: The key of the state before.
    ///   - word: The task's own state before it.
    func key(after key: StateKey, _ word: UInt64) -> StateKey {
        StateKey(tasks: key.tasks &- word &+ own, links: links, shared: shared)
    }
}
