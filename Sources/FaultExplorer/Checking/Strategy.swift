import FaultCore

/// Which schedules a check tries.
public enum Strategy: Equatable, Sendable {
    /// All schedules. A violation comes with the shortest schedule, unless the search for it would take too long; see
    /// ``Counterexample/isShortest``.
    case exhaustive
    /// `runs` schedules with random choices, at least 0. The same seed gives the same schedules.
    case random(seed: UInt64, runs: Int)
    /// `runs` schedules of probabilistic concurrency testing: tasks have random ranks, the first in rank that can run
    /// does, and at `depth` - 1 moments the running task becomes the last. A run finds each bug that needs `depth`
    /// orderings with a probability of at least 1/(*n* *k*^(`depth`-1)), with *n* tasks and *k* choices a run
    /// (Burckhardt and others, "A randomized scheduler with probabilistic guarantees of finding bugs", 2010). `depth` is
    /// 1 to 65,536, and `runs` at least 0.
    case pct(seed: UInt64, depth: Int, runs: Int)
    /// All schedules with at most this many preemptions, at least 0, of a task that could go on. Devices, timers and injections do
    /// not count.
    case preemptions(atMost: Int)
    /// The schedule of a token. A choice that is not possible is skipped. After its end the first task that can run
    /// does, until none can.
    case replay(ScheduleToken)

    /// Ends the process if no check can have these numbers.
    func require() {
        switch self {
        case .random(_, let runs):
            guard runs >= 0 else { misuse("Strategy.random: \(runs) runs can't be made; give at least 0") }
        case .pct(_, let depth, let runs):
            guard depth >= 1, runs >= 0 else {
                misuse("Strategy.pct: depth \(depth) and \(runs) runs; give at least 1 and 0")
            }
            guard depth <= 1 << 16 else { misuse("Strategy.pct: depth \(depth) is too large; give at most 65536") }
        case .preemptions(let most):
            guard most >= 0 else { misuse("Strategy.preemptions: at most \(most) can't be had; give at least 0") }
        case .exhaustive, .replay: break
        }
    }
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
