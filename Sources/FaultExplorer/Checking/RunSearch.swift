import FaultCore

/// The order of a run: it selects a choice at each state.
protocol RunOrder {
    /// The number of the selected choice.
    mutating func pick(_ moves: [Move], in machine: borrowing Machine) -> Int
}

/// An order in which every choice has the same probability.
struct RandomOrder: RunOrder {
    private var random: SplitMix64

    init(seed: UInt64, run: Int) { random = SplitMix64(seed: Mixing.mix(seed, UInt64(run))) }

    mutating func pick(_ moves: [Move], in machine: borrowing Machine) -> Int { random.below(moves.count) }
}

/// An order by rank: the first in rank runs, and at some moments it becomes the last.
struct RankedOrder: RunOrder {
    private var random: SplitMix64
    /// The ranks of tasks by number, then of devices, timers and injections. A higher rank goes first.
    private var ranks: [UInt64] = []
    private var changes: [Int] = []
    private var made = 0
    private var lowest: UInt64 = 1 << 32

    init(seed: UInt64, run: Int, depth: Int, length: Int) {
        random = SplitMix64(seed: Mixing.mix(seed, UInt64(run)))
        for _ in 1..<max(2, depth) where depth > 1 { changes.append(random.below(max(1, length))) }
    }

    private static let others = 3

    private static func actor(of move: Move) -> Int {
        switch move {
        case .step(let task), .run(let task): task.index + others
        case .finish: 0
        case .expire: 1
        case .inject: 2
        }
    }

    mutating func pick(_ moves: [Move], in machine: borrowing Machine) -> Int {
        var best = 0
        var rank: UInt64 = 0
        for (number, move) in moves.enumerated() {
            let actor = Self.actor(of: move)
            while ranks.count <= actor { ranks.append(1 << 33 + random.next() >> 32) }
            if ranks[actor] > rank { (best, rank) = (number, ranks[actor]) }
        }
        let actor = Self.actor(of: moves[best])
        // Any of several requests, timers or injections may be first.
        let alike = moves.indices.filter { Self.actor(of: moves[$0]) == actor }
        if alike.count > 1 { best = alike[random.below(alike.count)] }
        if changes.contains(made) {
            lowest -= 1
            ranks[actor] = lowest
        }
        made += 1
        return best
    }
}

/// A search that makes some of many runs from start to end.
enum RunSearch {
    /// The result of runs.
    struct Result: Sendable {
        var violation: (kind: Counterexample.Kind, schedule: [Choice])?
        var stop = Verdict.Stop.runs(0)
        var coverage = Coverage()
    }

    /// One run.
    private struct Run: Sendable {
        var choices: [Choice] = []
        var complaint: Counterexample.Kind?
        var outcome: String?
        var isCut = false
    }

    private static func run(_ order: some RunOrder, from start: Machine, _ judge: StateJudge) -> Run {
        var order = order
        var machine = start
        var used = InjectionCounts()
        var moves: [Move] = []
        var run = Run()
        run.complaint = judge.complaint(at: machine)
        while run.complaint == nil {
            moves.removeAll(keepingCapacity: true)
            machine.addMoves(to: &moves, judge.options, used)
            if StateJudge.isFinal(first: moves.first) {
                (run.complaint, run.outcome) = judge.judgement(atEnd: machine)
                break
            }
            guard run.choices.count < judge.check.limits.depth else {
                run.isCut = true
                break
            }
            let move = moves[order.pick(moves, in: machine)]
            run.choices.append(machine.choice(of: move))
            guard machine.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit) else {
                run.isCut = true
                break
            }
            if case .inject(let number) = move { used.count(number) }
            run.complaint = judge.complaint(at: machine)
        }
        return run
    }

    /// How many choices a run has in which the tasks run one after the other, even if it does not end.
    static func usualLength(from start: Machine, _ judge: StateJudge) -> Int {
        max(1, LenientRun(of: [], from: start, judge, most: min(judge.check.limits.depth, mostUsual)).schedule.count)
    }

    /// The most choices of a run that is made only to measure the usual length.
    static let mostUsual = 2_000

    /// Makes runs one after the other.
    static func run<Order: RunOrder>(
        _ total: Int, _ numbers: Range<Int>, from start: Machine, _ judge: StateJudge, _ order: (Int) -> Order
    ) -> Result {
        var result = Result()
        result.stop = .runs(total)
        for number in numbers {
            if judge.check.shouldStop() {
                result.stop = .asked
                break
            }
            add(run(order(number), from: start, judge), to: &result)
            guard result.violation == nil else { break }
            guard result.coverage.states < judge.options.stateLimit else {
                result.stop = .states(judge.options.stateLimit)
                break
            }
            judge.check.progress(ScheduleCheck.Progress(states: result.coverage.states, depth: number + 1))
        }
        return result
    }

    /// Makes runs on several cores; the result is that of making them one after the other.
    static func run<Order: RunOrder & Sendable>(
        _ total: Int, cores: Int, from start: Machine, _ judge: StateJudge, _ order: @escaping @Sendable (Int) -> Order
    ) async -> Result {
        var result = Result()
        result.stop = .runs(total)
        var first = 0
        while first < total {
            if judge.check.shouldStop() {
                result.stop = .asked
                return result
            }
            let numbers = first..<min(total, first + 16 * cores)
            first = numbers.upperBound
            let runs = await withTaskGroup(of: [(Int, Run)].self) { group in
                for core in 0..<cores {
                    group.addTask {
                        stride(from: numbers.lowerBound + core, to: numbers.upperBound, by: cores)
                            .map { ($0, run(order($0), from: start, judge)) }
                    }
                }
                var runs = [Run](repeating: Run(), count: numbers.count)
                for await part in group {
                    for (number, run) in part { runs[number - numbers.lowerBound] = run }
                }
                return runs
            }
            for run in runs {
                add(run, to: &result)
                guard result.violation == nil else { return result }
                guard result.coverage.states < judge.options.stateLimit else {
                    result.stop = .states(judge.options.stateLimit)
                    return result
                }
            }
            judge.check.progress(ScheduleCheck.Progress(states: result.coverage.states, depth: first))
        }
        return result
    }

    private static func add(_ run: Run, to result: inout Result) {
        result.coverage.runs += 1
        result.coverage.transitions += run.choices.count
        result.coverage.states += run.choices.count + 1
        result.coverage.depth = max(result.coverage.depth, run.choices.count)
        if let outcome = run.outcome {
            var outcomes = Exploration()
            outcomes.outcomes = result.coverage.outcomes
            outcomes.add(outcome: outcome, run.choices)
            result.coverage.outcomes = outcomes.outcomes
        }
        if run.isCut, !result.coverage.passedOver.contains(cutText) { result.coverage.passedOver.append(cutText) }
        if let complaint = run.complaint { result.violation = (complaint, run.choices) }
    }

    private static let cutText = "what comes after the depth that schedules may have"
}
