import FaultCore
import FaultSimulator
import Testing

@testable import FaultExplorer

/// Where each search stops before its end, and what it says then.
@Suite("Searches that stop before their end", .timeLimit(.minutes(60)))
struct SearchLimitTests {
    private static let runs: [Strategy] = [.random(seed: 1, runs: 20), .pct(seed: 1, depth: 2, runs: 20)]

    @Test("runs stop when they are asked to, on one core and on several", arguments: [1, 2])
    func askedDuringRuns(cores: Int) async throws {
        let world = try ExploringScenario.munmap().world
        for strategy in Self.runs {
            var check = ScheduleCheck(strategy, for: [])
            check.shouldStop = { true }
            let verdict =
                cores == 1 ? check.run(on: world.machine) : await check.run(on: world.machine, cores: cores)
            guard case .notExhaustive(.asked, let coverage) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            #expect(coverage.runs == 0 && coverage.states == 0)
        }
    }

    @Test("runs stop after the run that reaches the limit of states, on one core and on several", arguments: [1, 2])
    func statesOfRuns(cores: Int) async throws {
        let world = try ExploringScenario.munmap().world
        for strategy in Self.runs {
            var check = ScheduleCheck(strategy, for: [])
            check.limits.states = 1
            let verdict =
                cores == 1 ? check.run(on: world.machine) : await check.run(on: world.machine, cores: cores)
            guard case .notExhaustive(.states(1), let coverage) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            #expect(coverage.runs == 1 && coverage.states == coverage.depth + 1)
        }
    }

    @Test("a run goes no further than the limit of depth, has no outcome then, and says what was left out")
    func depthOfRuns() throws {
        let world = try ExploringScenario.munmap().world
        for strategy in Self.runs {
            let verdict = world.checkSchedules(strategy, for: []) { $0.limits.depth = 5 }
            #expect(verdict.coverage.depth == 5 && verdict.coverage.runs == 20)
            #expect(verdict.coverage.states == 20 * 6 && verdict.coverage.transitions == 20 * 5)
            #expect(verdict.coverage.outcomes.isEmpty)
            #expect(verdict.coverage.passedOver == ["what comes after the depth that schedules may have"])
        }
    }

    @Test("a turn that does not end stops every search, which names the task, the limit and the stage")
    func endlessTurn() async throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(UselessMemory()), pages: 1, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area.start, pages: 0), in: world.thread(of: task))
        let checks: [(properties: [Property], searches: ScheduleCheck.Searches)] = [
            ([], .deadlock),  // reduced
            ([.laws], .deadlock),  // breadth first
            ([.eventually("the read ends") { $0.backtrace(of: task).isEmpty }], []),  // cycles
        ]
        for (properties, searches) in checks {
            let verdict = world.checkSchedules(.exhaustive, for: properties) {
                $0.searches = searches
                $0.grain = .untilSleep
                $0.limits.turn = 100
            }
            guard case .notExhaustive(.turn(let text), _) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            #expect(text.hasPrefix("task 0 did not sleep in the turnLimit of 100 stages; it is at "), "\(text)")
        }
        // A run is cut there, and the next one begins.
        for strategy in Self.runs {
            let verdict = world.checkSchedules(strategy, for: []) {
                $0.grain = .untilSleep
                $0.limits.turn = 100
            }
            #expect(verdict.coverage.runs == 20 && verdict.coverage.outcomes.isEmpty)
            #expect(verdict.coverage.passedOver == ["what comes after the depth that schedules may have"])
        }
    }

    @Test("a breadth-first exploration stops at its limit of states, and says so")
    func statesBreadthFirst() throws {
        let world = try ExploringScenario.munmap().world
        for order in [Explorer.Order.depthFirst, .breadthFirst] {
            var options = Explorer.Options()
            options.order = order
            options.stateLimit = 10
            let found = world.explore(options)
            #expect(found.states == 10 && !found.isComplete)
            #expect(found.whyIncomplete == "the stateLimit of 10 is reached")
        }
    }

    @Test("a schedule that is not known to be the shortest is not called that")
    func notShortest() throws {
        let world = try ExploringScenario.munmap().world
        let bad = Property.finally("no SIGSEGV") { !$0.outcomeText.contains("SIGSEGV") }
        let random = Strategy.random(seed: 3, runs: 50)
        let all = try #require(world.checkSchedules(random, for: [bad]).counterexample)
        #expect(all.isShortest)
        // There are too few states for the search for a shorter one.
        let few = world.checkSchedules(random, for: [bad]) { $0.limits.states = 5 }
        let found = try #require(few.counterexample, "\(few)")
        #expect(!found.isShortest && found.schedule.count >= all.schedule.count)
        var copy = world
        #expect(copy.replay(found.schedule) == found.schedule.count)
        #expect(copy.machine.outcomeText.contains("SIGSEGV"))
    }

    @Test("tasks without progress are told in words, one or more")
    func words() {
        let (one, two) = ([TaskID(3)], [TaskID(0), TaskID(2)])
        #expect("\(Counterexample.Kind.livelock(one))" == "livelock: task 3 runs forever without progress")
        #expect("\(Counterexample.Kind.livelock(two))" == "livelock: task 0, task 2 run forever without progress")
        #expect("\(Counterexample.Kind.starvation(one))" == "starvation: task 3 never gets on, while others do")
        #expect("\(Counterexample.Kind.starvation(two))" == "starvation: task 0, task 2 never get on, while others do")
    }

    @Test("options tell what is injected and that laws are unchecked")
    func optionWords() {
        var options = Explorer.Options()
        options.stateLimit = 7
        options.checksLaws = false
        options.injections = [Injection(.signal(.kill, TaskID(1)), .asleep(TaskID(0)), times: 2)]
        #expect(
            "\(options)" == "depthFirst by stage, completions all, at most 7 states, injecting SIGKILL to task 1, "
                + "2 times, while task 0 is asleep, laws unchecked")
    }

    @Test("a set of fingerprints has 0 only if that was inserted")
    func zero() {
        var set = FingerprintSet()
        #expect(!set.contains(0))
        let areNew = (1...3_000).map { set.insert(Mixing.mix(UInt64($0), 5)) }
        #expect(areNew.allSatisfy { $0 })
        #expect(!set.contains(0) && set.count == 3_000)
        let isNew = [set.insert(0), set.insert(0)]
        #expect(isNew == [true, false])
        #expect(set.contains(0) && set.count == 3_001)
    }
}

/// Worlds with more locations than a search has marks and numbers for: the last ones share them.
@Suite("More locations than numbers for them", .timeLimit(.minutes(60)))
struct ManyLocationTests {
    @Test("the marks of locations that share one meet, and those of the first locations don't")
    func sharedMarks() {
        var table = FootmarkTable()
        func mark(_ page: Int) -> Footmark {
            let footprint: Footprint = [.pins(TaskID(page))]
            let marks = table.writes(footprint, shared: [])
            return Footmark(reads: marks, writes: marks)
        }
        let marks = (0..<300).map { mark($0) }
        #expect(!marks[0].conflicts(with: marks[1]) && !marks[126].conflicts(with: marks[0]))
        #expect(!marks[126].conflicts(with: marks[200]))
        #expect(marks[200].conflicts(with: marks[299]) && marks[127].conflicts(with: marks[128]))
        let again = [0, 126, 127, 299].map { mark($0) }
        #expect(again == [marks[0], marks[126], marks[127], marks[299]])
    }

    @Test("reductions and memory change no outcome of a race over hundreds of pages")
    func outcomes() throws {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        var world = try World(.linux6_1, settings: settings)
        let file = try world.file(pages: 200)
        let first = world.task()
        let area = try world.map(file, .read, in: first)
        for page in 0..<150 { try world.perform(.read(area, page: page), in: first) }
        world.start(.read(area, page: 160), in: first)
        world.start(.madvise(area, .dontNeed), in: world.thread(of: first))
        world.start(.truncate(file, pages: 40), in: world.task())
        func texts(_ reductions: ScheduleCheck.Reductions, remembers: Bool) -> [String] {
            var check = ScheduleCheck(.exhaustive, for: [])
            check.reductions = reductions
            check.remembersEffects = remembers
            check.searches = .deadlock
            let verdict = check.run(on: world.machine)
            #expect(verdict.holds, "\(verdict)")
            return verdict.coverage.texts
        }
        let all = texts([], remembers: false)
        #expect(all.count > 1)
        #expect(texts(.commuting, remembers: true) == all)
        #expect(texts(.commuting, remembers: false) == all)
    }
}
