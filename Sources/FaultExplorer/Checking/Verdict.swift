import FaultCore

/// The result of a check.
public enum Verdict: Sendable {
    /// Everything was tried, and all properties hold.
    case holds(Coverage)
    /// Nothing was found, but not everything was tried.
    case notExhaustive(Stop, Coverage)
    /// A property does not hold.
    case violated(Counterexample, Coverage)

    /// Why not everything was tried.
    public enum Stop: Equatable, Sendable {
        /// The limit on the number of states was reached.
        case states(Int)
        /// The limit on the length of schedules was reached.
        case depth(Int)
        /// The limit on the number of bytes was reached.
        case memory(Int)
        /// ``ScheduleCheck/shouldStop`` returned true.
        case asked
        /// All runs were made, of a strategy that makes some runs.
        case runs(Int)
        /// All schedules were tried, of a strategy that limits preemptions.
        case preemptions(Int)
        /// The schedule was replayed.
        case replayed
        /// A task did not come to rest in ``ScheduleCheck/Limits/turn`` stages.
        case turn(String)
    }

    /// Whether everything was tried and all properties hold.
    public var holds: Bool { if case .holds = self { true } else { false } }
    /// Whether nothing was found, in all that was tried.
    public var foundNothing: Bool { counterexample == nil }
    /// What was found.
    public var counterexample: Counterexample? { if case .violated(let found, _) = self { found } else { nil } }

    /// What was tried.
    public var coverage: Coverage {
        switch self {
        case .holds(let coverage), .notExhaustive(_, let coverage), .violated(_, let coverage): coverage
        }
    }
}

/// What was tried.
public struct Coverage: Sendable {
    /// How many different states were seen. A strategy that makes runs counts the states of each.
    public internal(set) var states = 0
    /// How many choices were made.
    public internal(set) var transitions = 0
    /// The length of the longest schedule that was followed.
    public internal(set) var depth = 0
    /// How many schedules were run from start to end, by a strategy that makes runs.
    public internal(set) var runs = 0
    /// How many bytes the search kept at most.
    public internal(set) var bytes = 0
    /// The observations at final states, sorted by text.
    public internal(set) var outcomes: [Exploration.Outcome] = []
    /// What was not tried or not reported, and why: orders that make no difference, states beyond a limit, choices of a
    /// token that are not possible.
    public internal(set) var passedOver: [String] = []

    /// The texts of ``outcomes``.
    public var texts: [String] { outcomes.map(\.text) }
}

extension [Choice] {
    /// How often the running task changes.
    var switches: Int {
        var last: TaskID?
        var count = 0
        for choice in self {
            guard let task = choice.runner else { continue }
            if let last, last != task { count += 1 }
            last = task
        }
        return count
    }
}

extension Choice {
    /// The task that makes the choice happen, if it is a task.
    var runner: TaskID? {
        switch self {
        case .step(let task), .run(let task): task
        case .finish, .expire, .inject: nil
        }
    }
}
