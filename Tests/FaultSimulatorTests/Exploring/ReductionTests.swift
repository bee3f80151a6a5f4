@testable import FaultCore
@testable import FaultExplorer
import FaultSimulator
import Testing

/// What may be left out makes no difference to how it can all end.
@Suite("Reduced explorations", .timeLimit(.minutes(60)))
struct ReductionTests {
    /// Debug runs are slow, and leave out kernels and larger races.
    #if DEBUG
    static let kernels = ["linux6_1", "linux6_12"]
    static let mostStates = 200
    static let worlds = 8
    static let batches = 1
    static let statesOfPairs = 25
    #else
    static let kernels = Race.kernels
    static let mostStates = isWhole ? 20_000 : 4_000
    static let worlds = isWhole ? 1200 : 300
    static let batches = 4
    static let statesOfPairs = isWhole ? 3_000 : 1_000
    #endif

    /// What an exhaustive check of a race comes to.
    static func check(
        _ scenario: ExploringScenario, _ reductions: ScheduleCheck.Reductions,
        _ set: (inout ScheduleCheck) -> Void = { _ in }
    ) -> Verdict {
        scenario.world.checkSchedules(.exhaustive, for: []) {
            $0.reductions = reductions
            $0.injections = scenario.injections
            $0.searches = []
            $0.limits.states = 60_000
            set(&$0)
        }
    }

    /// The races that are small enough, with the number of states that they have.
    static func races(under kernel: String) throws -> [(race: Race, scenario: ExploringScenario)] {
        guard let model = KernelModel.preset(named: kernel) else { return [] }
        return try Race.all.compactMap { race in
            let states = RecordedRaces.states(in: RecordedRaces.line(of: race.name, under: kernel))
            guard states <= mostStates else { return nil }
            do { return (race, try race.make(model)) } catch is WorldError { return nil }
        }
    }

    @Test("all races end as they do without reductions, in as many final states", arguments: Self.kernels)
    func races(_ kernel: String) throws {
        for (race, scenario) in try Self.races(under: kernel) {
            let whole = scenario.explore(.depthFirst) {
                $0.checksLaws = false
                $0.stateLimit = 60_000
            }
            guard whole.isComplete else { continue }
            let reduced = Self.check(scenario, .commuting)
            #expect(reduced.holds && reduced.coverage.texts == whole.texts, "\(race.name) \(kernel)")
            #expect(
                reduced.coverage.outcomes.map(\.states) == whole.outcomes.map(\.states), "\(race.name) \(kernel)")
            #expect(reduced.coverage.states <= whole.states)
            let unremembered = Self.check(scenario, .commuting) { $0.remembersEffects = false }
            #expect("\(unremembered)" == "\(reduced)", "\(race.name) \(kernel)")
            // A deadlock, and a final state that breaks a law, is found with reductions if it is without.
            for properties in [[], [Property.lawsAtEnd]] {
                let verdicts = [ScheduleCheck.Reductions.commuting, []].map { reductions in
                    Self.check(scenario, reductions) {
                        $0.properties = properties
                        $0.searches = .deadlock
                    }
                }
                #expect(verdicts[0].foundNothing == verdicts[1].foundNothing, "\(race.name) \(kernel)")
                #expect(verdicts[0].counterexample?.schedule.count == verdicts[1].counterexample?.schedule.count)
            }
            #expect(whole.deadlocks.isEmpty == Self.check(scenario, .commuting) { $0.searches = .deadlock }.holds)
        }
    }

    @Test("random small worlds end as they do without reductions", arguments: 0..<batches)
    func worlds(_ batch: Int) throws {
        var compared = 0
        for seed in stride(from: batch, to: Self.worlds, by: Self.batches) {
            var base = try CorpusWorld(seed: UInt64(seed), isWatched: false)
            for task in 0..<min(2, base.world.machine.taskCount) where !base.world.machine.isBusy(TaskID(task)) {
                base.world.machine.start(base.operation(isInList: false), in: TaskID(task))
            }
            var scenario = try ExploringScenario()
            scenario.world = base.world
            let whole = Self.check(scenario, []) { $0.limits.states = 600 }
            guard whole.holds else { continue }
            compared += 1
            let reduced = Self.check(scenario, .commuting)
            let unremembered = Self.check(scenario, .commuting) { $0.remembersEffects = false }
            #expect("\(unremembered)" == "\(reduced)", "seed \(seed)")
            #expect(reduced.coverage.texts == whole.coverage.texts, "seed \(seed)")
            #expect(
                reduced.coverage.outcomes.map(\.states) == whole.coverage.outcomes.map(\.states), "seed \(seed)")
        }
        #expect(compared > 0)
    }

    // MARK: Pairs

    /// Looks at pairs of choices that are taken for independent, at states of a race: each pair is made in both orders.
    private func complaints(
        about scenario: ExploringScenario, _ overlooks: ((StateLocation) -> Bool)? = nil, limit: Int
    ) -> (complaints: [String], independent: Int) {
        var options = Explorer.Options()
        options.injections = scenario.injections
        options.checksLaws = false
        var start = Explorer(scenario.world.machine, options).start
        start.notesWrites = true
        var table = FootmarkTable()
        var known: Set<UInt64> = []
        var open = [(start, InjectionCounts())]
        var complaints: [String] = []
        var independent = 0
        var shown = 0
        while let (machine, used) = open.popLast(), shown < limit {
            shown += 1
            var moves: [Move] = []
            machine.addMoves(to: &moves, options, used)
            var all: [(choice: Choice, mark: Footmark, after: Machine)] = []
            for move in moves {
                var next = machine
                let choice = machine.choice(of: move)
                guard let mark = next.perform(move, options, marking: &table, overlooks) else { continue }
                all.append((choice, mark, next))
                var nextUsed = used
                if case .inject(let number) = move { nextUsed.count(number) }
                if known.insert(Mixing.mix(StageRecord.key(of: next).0, nextUsed.word)).inserted {
                    open.append((next, nextUsed))
                }
            }
            for (place, a) in all.enumerated() {
                for b in all[(place + 1)...] where !a.mark.conflicts(with: b.mark) {
                    independent += 1
                    var ab = a.after
                    var ba = b.after
                    let both = ab.perform(b.choice, options.injections) && ba.perform(a.choice, options.injections)
                    if !both || StageRecord.key(of: ab) != StageRecord.key(of: ba) {
                        complaints.append("\(a.choice) and \(b.choice) do not commute")
                    }
                }
            }
        }
        return (complaints, independent)
    }

    @Test("choices that are taken for independent are the same in both orders", arguments: Self.kernels)
    func pairs(_ kernel: String) throws {
        guard let model = KernelModel.preset(named: kernel) else { return }
        var independent = 0
        for race in Race.all {
            let scenario: ExploringScenario
            do { scenario = try race.make(model) } catch is WorldError { continue }
            let found = complaints(about: scenario, limit: Self.statesOfPairs)
            #expect(found.complaints == [], "\(race.name) \(kernel)")
            independent += found.independent
        }
        #expect(independent > 300)
    }

    @Test(
        "a location that is left out of what stages read and write is missed",
        arguments: [
            ["lock"], ["entry", "entries"], ["cachedPage", "cache", "file"], ["areas"],
            ["device", "task", "cachedPage"], ["swap", "page"], ["file"],
        ])
    func mutants(_ kinds: [String]) throws {
        var isFound = false
        for name in ["twoWriters", "munmap", "truncation", "swapping", "throttledWrite", "twoReaders"] where !isFound {
            guard let race = Race.all.first(where: { $0.name == name }) else { continue }
            let found = complaints(about: try race.make(.linux6_1), { kinds.contains($0.kind) }, limit: 250)
            isFound = !found.complaints.isEmpty
        }
        #expect(isFound)
    }

    @Test("a search that overlooks a location ends otherwise")
    func blindSearch() throws {
        let scenario = try ExploringScenario.twoWriters()
        let whole = Self.check(scenario, .commuting)
        let blind = Self.check(scenario, .commuting) { $0.overlooks = { ["entry", "entries"].contains($0.kind) } }
        #expect(whole.coverage.texts.count == 3 && blind.coverage.texts.count < 3)
    }
}
