/// Which schedules a check tries.
public enum Strategy: Equatable, Sendable {
    /// All of them. A violation comes with the shortest schedule there is.
    case exhaustive
    /// So many schedules, in each of which chance decides at every choice; the same seed gives the same schedules.
    case random(seed: UInt64, runs: Int)
    /// So many schedules of probabilistic concurrency testing: chance ranks the tasks once, the first in rank that can run
    /// does, and at `depth` - 1 moments the one that runs becomes the last. It finds each bug that takes `depth` orderings
    /// in a run with a probability of at least 1/(*n* *k*^(`depth`-1)), with *n* tasks and *k* choices a run (Burckhardt and
    /// others, "A randomized scheduler with probabilistic guarantees of finding bugs", 2010).
    case pct(seed: UInt64, depth: Int, runs: Int)
    /// All schedules in which a task that could go on is interrupted by another one so often at most. Devices, timers and
    /// injections are free.
    case preemptions(atMost: Int)
    /// One schedule, as a token tells it. A choice that can't be made is left out; at its end the first that can run goes
    /// on, until nothing can.
    case replay(ScheduleToken)
}

extension Strategy: CustomStringConvertible {
    /// Such as `exhaustive` or `100 random schedules, seed 7`.
    public var description: String {
        switch self {
        case .exhaustive: "exhaustive"
        case .random(let seed, let runs): "\(runs) random schedules, seed \(seed)"
        case .pct(let seed, let depth, let runs): "\(runs) schedules of PCT, depth \(depth), seed \(seed)"
        case .preemptions(let most): "at most \(most) preemptions"
        case .replay(let token): "replay of \(token)"
        }
    }
}
