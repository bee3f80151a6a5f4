import FaultCore

/// A run along a schedule, which skips choices that are not possible. After the schedule it always makes the first
/// possible choice, until nothing can happen or something is wrong.
struct LenientRun {
    /// The choices that were made.
    private(set) var schedule: [Choice] = []
    /// How many choices were skipped.
    private(set) var leftOut = 0
    /// What was wrong.
    private(set) var complaint: Counterexample.Kind?
    /// What was observed at the end.
    private(set) var outcome: String?

    /// Runs.
    ///
    /// - Parameter most: The largest number of choices.
    init(of wanted: [Choice], from start: Machine, _ judge: StateJudge, most: Int = 10_000) {
        var machine = start
        var used = InjectionCounts()
        var moves: [Move] = []
        var place = wanted.startIndex
        complaint = judge.complaint(at: machine)
        while complaint == nil, schedule.count < most {
            moves.removeAll(keepingCapacity: true)
            machine.addMoves(to: &moves, judge.options, used)
            if place == wanted.endIndex, StateJudge.isFinal(first: moves.first) {
                (complaint, outcome) = judge.judgement(atEnd: machine)
                return
            }
            var move = moves.first
            if place < wanted.endIndex {
                defer { place += 1 }
                guard let meant = machine.move(for: wanted[place]), moves.contains(meant) else {
                    leftOut += 1
                    continue
                }
                move = meant
            }
            guard let move else { return }
            let choice = machine.choice(of: move)
            guard machine.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit) else { return }
            if case .inject(let number) = move { used.count(number) }
            schedule.append(choice)
            complaint = judge.complaint(at: machine)
        }
    }
}
