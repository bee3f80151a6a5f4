import FaultCore

/// Shrinks a schedule: to fewer choices, then to fewer switches between tasks.
struct Shrinker {
    private let start: Machine
    private let judge: StateJudge
    private let kind: Counterexample.Kind

    init(from start: Machine, _ judge: StateJudge, _ kind: Counterexample.Kind) {
        self.start = start
        self.judge = judge
        self.kind = kind
    }

    /// The choices that are made along a schedule; `nil` if they don't lead to the same violation.
    private func outcome(of wanted: [Choice]) -> [Choice]? {
        let run = LenientRun(of: wanted, from: start, judge, most: 4 * wanted.count + 1_000)
        guard let complaint = run.complaint, complaint.isLike(kind) else { return nil }
        return run.schedule
    }

    /// The schedule with as many choices left out as possible, and then with fewer switches.
    func shrunk(_ schedule: [Choice]) -> [Choice] {
        var best = outcome(of: schedule) ?? schedule
        var size = best.count / 2
        while size >= 1 {
            var place = 0
            var hasShrunk = false
            while place < best.count {
                var wanted = best
                wanted.removeSubrange(place..<min(best.count, place + size))
                if let found = outcome(of: wanted), found.count < best.count {
                    best = found
                    hasShrunk = true
                } else {
                    place += size
                }
            }
            if !hasShrunk { size /= 2 }
        }
        return withFewerSwitches(best)
    }

    /// A schedule of the same length with fewer switches: a later stage of the same task is moved forward if this leads
    /// to the same violation.
    func withFewerSwitches(_ schedule: [Choice]) -> [Choice] {
        var best = schedule
        var improves = true
        while improves {
            improves = false
            for place in best.indices.dropLast() where best[place].runner != best[place + 1].runner {
                guard let task = best[place].runner,
                    let next = best[(place + 1)...].firstIndex(where: { $0.runner == task })
                else { continue }
                var wanted = best
                wanted.insert(wanted.remove(at: next), at: place + 1)
                guard let found = outcome(of: wanted), found.count <= best.count, found.switches < best.switches
                else { continue }
                best = found
                improves = true
                break
            }
        }
        return best
    }
}
