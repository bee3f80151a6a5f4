import FaultCore

/// A running check, which chooses the search and reports what it found.
struct Checking {
    private let check: ScheduleCheck
    private let judge: StateJudge
    private let start: Machine

    init(_ check: ScheduleCheck, _ machine: Machine) {
        self.check = check
        judge = StateJudge(check)
        start = Explorer(machine, judge.options).start
    }

    func run() -> Verdict {
        switch check.strategy {
        case .exhaustive: return exhaustive()
        case .preemptions(let most):
            var search = WideSearch(from: start, judge, preemptions: most)
            search.run()
            return verdict(of: search)
        case .random(let seed, let runs):
            return verdict(of: RunSearch.run(runs, 0..<runs, from: start, judge) { RandomOrder(seed: seed, run: $0) })
        case .pct(let seed, let depth, let runs):
            let length = RunSearch.usualLength(from: start, judge)
            return verdict(
                of: RunSearch.run(runs, 0..<runs, from: start, judge) {
                    RankedOrder(seed: seed, run: $0, depth: depth, length: length)
                })
        case .replay(let token): return replay(token)
        }
    }

    func run(cores: Int) async -> Verdict {
        switch check.strategy {
        case .exhaustive where !isReduced: return await exhaustive(cores: cores)
        case .preemptions(let most):
            var search = WideSearch(from: start, judge, preemptions: most)
            await search.run(cores: cores)
            return verdict(of: search)
        case .random(let seed, let runs):
            let found = await RunSearch.run(runs, cores: cores, from: start, judge) { RandomOrder(seed: seed, run: $0) }
            return verdict(of: found)
        case .pct(let seed, let depth, let runs):
            let length = RunSearch.usualLength(from: start, judge)
            let found = await RunSearch.run(runs, cores: cores, from: start, judge) {
                RankedOrder(seed: seed, run: $0, depth: depth, length: length)
            }
            return verdict(of: found)
        case .exhaustive, .replay: return run()
        }
    }

    // MARK: Exhaustive

    /// Whether states may be left out.
    private var isReduced: Bool {
        !check.reductions.isEmpty && check.grain == .stage && !check.properties.contains(where: \.looksAtEveryState)
    }

    /// The check follows longer schedules than this only after it has found that there is no endless cycle. The tasks'
    /// operations, run one after the other, take fewer stages.
    private var suspiciousDepth: Int {
        let usual = RunSearch.usualLength(from: start, judge)
        return min(check.limits.depth, usual < RunSearch.mostUsual ? 500 + 4 * usual : 500)
    }

    private var mayBeEndless: Bool {
        check.searches.contains(.endlessness)
            || check.properties.contains { if case .eventually = $0.kind { true } else { false } }
    }

    private func exhaustive() -> Verdict {
        let limits = mayBeEndless ? [suspiciousDepth, check.limits.depth] : [check.limits.depth]
        var isTried = false
        for limit in limits {
            if isReduced {
                var search = ReducedSearch(from: start, judge)
                search.depthLimit = limit
                search.run()
                if let verdict = verdict(of: search, &isTried) { return verdict }
            } else {
                var search = WideSearch(from: start, judge)
                search.depthLimit = limit
                search.run()
                if let verdict = verdict(of: search, &isTried) { return verdict }
            }
        }
        return .notExhaustive(.depth(check.limits.depth), Coverage())
    }

    private func exhaustive(cores: Int) async -> Verdict {
        let limits = mayBeEndless ? [suspiciousDepth, check.limits.depth] : [check.limits.depth]
        var isTried = false
        for limit in limits {
            var search = WideSearch(from: start, judge)
            search.depthLimit = limit
            await search.run(cores: cores)
            if let verdict = verdict(of: search, &isTried) { return verdict }
        }
        return .notExhaustive(.depth(check.limits.depth), Coverage())
    }

    /// The verdict of a search; `nil` if longer schedules have to be followed.
    ///
    /// - Parameter isTried: Whether endless cycles were searched for.
    private func verdict(of search: ReducedSearch, _ isTried: inout Bool) -> Verdict? {
        var coverage = search.finish()
        if let (kind, moves) = search.violation {
            return .violated(shortest(kind, start.schedule(of: moves, judge.options)), coverage)
        }
        let mayHaveRound = search.stop != nil || search.hasRound
        if let verdict = endless(&coverage, asked: mayHaveRound, &isTried) { return verdict }
        return verdict(search.stop, coverage)
    }

    private func verdict(of search: WideSearch, _ isTried: inout Bool) -> Verdict? {
        if search.violation != nil { return verdict(of: search) }
        var coverage = search.finish()
        noteEveryState(in: &coverage)
        if let verdict = endless(&coverage, asked: true, &isTried) { return verdict }
        return verdict(search.stop, coverage)
    }

    private func verdict(_ stop: Verdict.Stop?, _ coverage: Coverage) -> Verdict? {
        guard let stop else { return .holds(coverage) }
        if case .depth(let depth) = stop, depth < check.limits.depth { return nil }
        return .notExhaustive(stop, coverage)
    }

    private func noteEveryState(in coverage: inout Coverage) {
        if !check.reductions.isEmpty, check.properties.contains(where: \.looksAtEveryState) {
            coverage.passedOver.append("nothing was left out: a property looks at every state")
        }
    }

    /// The verdict of a search of some schedules.
    private func verdict(of search: WideSearch) -> Verdict {
        let coverage = search.finish()
        if let (kind, moves) = search.violation {
            let schedule = start.schedule(of: moves, judge.options)
            let shrinker = Shrinker(from: start, judge, kind)
            return .violated(
                report(kind, shrinker.withFewerSwitches(schedule), isShortest: search.preemptions == nil), coverage)
        }
        return .notExhaustive(search.stop ?? .preemptions(search.preemptions ?? 0), coverage)
    }

    /// Searches for endless schedules without progress: a verdict, or `nil` if there are none.
    ///
    /// - Parameters:
    ///   - asked: Whether there may be an endless cycle at all.
    ///   - isTried: Whether a search was made before and found nothing.
    private func endless(_ coverage: inout Coverage, asked: Bool, _ isTried: inout Bool) -> Verdict? {
        if isTried { return nil }
        isTried = true
        var goals: [Property?] = check.searches.contains(.endlessness) && asked ? [nil] : []
        goals += check.properties.filter { if case .eventually = $0.kind { true } else { false } }
        for goal in goals {
            var search = CycleSearch(from: start, judge, goal)
            search.run()
            coverage.bytes = max(coverage.bytes, search.bytes)
            if let found = search.violation {
                let schedule = start.schedule(of: found.stem, judge.options)
                let whole = start.schedule(of: found.stem + found.cycle, judge.options)
                return .violated(
                    report(found.kind, schedule, cycle: Array(whole.dropFirst(schedule.count)), isShortest: true),
                    coverage)
            }
            if let stop = search.stop {
                coverage.passedOver.append(
                    "the search for endless cycles did not end; longer schedules were not followed before it")
                return .notExhaustive(stop, coverage)
            }
        }
        return nil
    }

    /// The shortest schedule to the same violation. It tries all shorter schedules, if there are not too many.
    private func shortest(_ kind: Counterexample.Kind, _ schedule: [Choice]) -> Counterexample {
        let shrinker = Shrinker(from: start, judge, kind)
        let shrunk = shrinker.shrunk(schedule)
        var check = check
        check.limits.depth = shrunk.count + 1
        check.limits.states = min(check.limits.states, Self.mostStatesForShortest)
        check.progress = { _ in }
        var search = WideSearch(from: start, StateJudge(check))
        search.sought = kind
        search.run()
        if let (_, moves) = search.violation {
            let found = start.schedule(of: moves, judge.options)
            return report(kind, shrinker.withFewerSwitches(found), isShortest: true)
        }
        return report(kind, shrunk, isShortest: false)
    }

    private static let mostStatesForShortest = 1_000_000

    // MARK: Runs

    private func verdict(of found: RunSearch.Result) -> Verdict {
        if let (kind, schedule) = found.violation { return .violated(shortest(kind, schedule), found.coverage) }
        return .notExhaustive(found.stop, found.coverage)
    }

    private func replay(_ token: ScheduleToken) -> Verdict {
        let run = LenientRun(of: token.schedule, from: start, judge)
        var coverage = Coverage()
        coverage.runs = 1
        coverage.states = run.schedule.count + 1
        coverage.transitions = run.schedule.count
        coverage.depth = run.schedule.count
        if !token.isFrom(start) { coverage.passedOver.append("the token was made of another world") }
        if run.leftOut > 0 {
            coverage.passedOver.append(
                "\(FieldText.count(run.leftOut, "choice")) of the token that can't be made here")
        }
        if let outcome = run.outcome {
            coverage.outcomes = [Exploration.Outcome(text: outcome, schedule: run.schedule, states: 1)]
        }
        guard let kind = run.complaint else { return .notExhaustive(.replayed, coverage) }
        return .violated(report(kind, run.schedule, isShortest: false), coverage)
    }

    // MARK: Reporting

    private func report(
        _ kind: Counterexample.Kind, _ schedule: [Choice], cycle: [Choice] = [], isShortest: Bool
    ) -> Counterexample {
        var story = start.story(of: schedule + cycle, injections: check.injections)
        if !cycle.isEmpty { story.insert("and then forever:", at: min(story.count, schedule.count)) }
        return Counterexample(
            kind: kind, schedule: schedule, cycle: cycle, isShortest: isShortest,
            token: ScheduleToken(schedule, from: start), story: story)
    }
}
