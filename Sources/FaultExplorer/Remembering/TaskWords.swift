import FaultCore

/// What a search knows of a task in a state.
struct TaskWords: BitwiseCopyable, Equatable, Sendable {
    /// What a task does next.
    enum Activity: UInt8, BitwiseCopyable, Sendable {
        /// Neither of the others.
        case neither
        /// It can run.
        case runs
        /// It sleeps.
        case sleeps
    }

    /// What it adds to ``StateKey/tasks``: its own state.
    var own: UInt64 = 0
    /// What it adds to ``StateKey/links``: what it names.
    var link: UInt64 = 0
    /// The pages that it has gathered; see ``Machine/batchWord(of:)``.
    var batch: UInt64 = 0
    /// The locations that decide ``link`` and ``batch``.
    var linked = LocationSet()
    /// Whether it names pages that are in no cache.
    var namesOthers = false
    /// Whether ``link`` depends on whether the area of its fault is stale.
    var tellsStaleness = false
    /// Whether ``link`` depended on more than the contents of the state before.
    var dependsOnMore = false
    var activity = Activity.neither
    /// The number of its next choice; see ``TrialOrder/key(of:in:)``.
    var orderKey: TrialOrder.Key = 0

    /// What it names and has gathered, as one word.
    var named: UInt64 { Mixing.mix(link, batch) }
}

/// An order in which choices are tried. It gives the next choice of each task a number.
protocol ChoiceOrder {
    /// The number of the next choice of a task.
    mutating func key(of task: TaskID, in machine: borrowing Machine) -> TrialOrder.Key
}

/// The order of a search that makes all choices.
struct EveryChoice: ChoiceOrder {
    func key(of task: TaskID, in machine: borrowing Machine) -> TrialOrder.Key { 0 }
}
