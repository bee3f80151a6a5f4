public import FaultCore

/// What a check came to.
public enum Verdict: Sendable {
    /// Everything was tried, and all properties hold.
    case holds(Coverage)
    /// Nothing was found, but not everything was tried.
    case notExhaustive(Stop, Coverage)
    /// A property does not hold.
    case violated(Counterexample, Coverage)

    /// Why not everything was tried.
    public enum Stop: Equatable, Sendable {
        /// So many states were seen, the most that were allowed.
        case states(Int)
        /// Schedules were followed for so many choices, the most that were allowed.
        case depth(Int)
        /// So many bytes were in use, the most that were allowed.
        case memory(Int)
        /// ``ScheduleCheck/shouldStop`` said so.
        case asked
        /// All runs of a strategy were made that tries some.
        case runs(Int)
        /// All schedules of a strategy were tried that bounds preemptions.
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
    /// How many choices the longest schedule had that was followed.
    public internal(set) var depth = 0
    /// How many schedules were run from start to end, by a strategy that makes runs.
    public internal(set) var runs = 0
    /// How many bytes the search kept at most.
    public internal(set) var bytes = 0
    /// What was observed in final states, sorted by text.
    public internal(set) var outcomes: [Exploration.Outcome] = []
    /// What was not tried, and what is not told of, and why: orders that make no difference, what comes behind a limit,
    /// choices of a token that can't be made.
    public internal(set) var passedOver: [String] = []

    /// The texts of ``outcomes``.
    public var texts: [String] { outcomes.map(\.text) }
}

/// A schedule that shows that a property does not hold.
public struct Counterexample: Sendable {
    /// What is wrong.
    public enum Kind: Equatable, Sendable {
        /// A law is broken.
        case law(Violation)
        /// Tasks sleep for what nobody will do; they wait so.
        case deadlock([WaitLink])
        /// Tasks sleep though what they wait for is there: nobody has woken them.
        case lostWakeup([WaitLink])
        /// These tasks go round for ever, and no operation ends.
        case livelock([TaskID])
        /// These tasks never get on, while operations of others end again and again.
        case starvation([TaskID])
        /// A predicate of this name does not hold at the last state.
        case predicate(String)
        /// A predicate of this name never holds.
        case never(String)
        /// An outcome that is not among the allowed ones.
        case outcome(String)
    }

    /// What is wrong.
    public let kind: Kind
    /// What leads there.
    public let schedule: [Choice]
    /// What goes on for ever from there; empty if nothing does.
    public let cycle: [Choice]
    /// Whether no schedule leads there in fewer choices.
    public let isShortest: Bool
    /// The schedule as a word, for ``Strategy/replay(_:)``. Of what never ends, and of what never holds, it leads to where the
    /// cycle begins.
    public let token: ScheduleToken
    /// The schedule as numbered lines, see `Machine.story(of:injections:)`, and those of the cycle.
    public let story: [String]

    /// How often another task goes on than the one before.
    public var switches: Int { schedule.switches }
}

extension [Choice] {
    /// How often another task goes on than the one before it.
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
    /// The task that does something by itself.
    var runner: TaskID? {
        switch self {
        case .step(let task), .run(let task): task
        case .finish, .expire, .inject: nil
        }
    }
}
