@testable import FaultCore
@testable import FaultExplorer
import FaultSimulator
import Testing

/// One call that tries the schedules of a world, and says what holds.
@Suite("Checking every schedule", .timeLimit(.minutes(60)))
struct ScheduleCheckTests {
    private static let munmapOutcomes = [
        "task 0: MAJOR|RETRY, NOPAGE, faults 0/1, SIGSEGV/MAPERR; task 1: ok",
        "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok", "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok",
        "task 0: SIGSEGV/MAPERR; task 1: ok",
    ]

    @Test("laws, predicates and outcomes that hold are said to hold in all states")
    func holds() throws {
        let world = try ExploringScenario.munmap().world
        let properties: [Property] = [
            .laws, .lawsAtEnd, .outcomes(Self.munmapOutcomes),
            .always("nobody reads page 5") { !$0.outcomeText.contains("page 5") },
            .finally("munmap has succeeded") { $0.outcomeText.hasSuffix("task 1: ok") },
            .eventually("munmap ends") { $0.backtrace(of: TaskID(1)).isEmpty },
        ]
        let verdict = world.checkSchedules(.exhaustive, for: properties)
        #expect(verdict.holds, "\(verdict)")
        #expect(verdict.coverage.states == 437)
        #expect(verdict.coverage.texts == Self.munmapOutcomes)
        #expect(verdict.coverage.passedOver == ["nothing was left out: a property looks at every state"])
        let reduced = world.checkSchedules(.exhaustive, for: [.lawsAtEnd, .outcomes(Self.munmapOutcomes)])
        #expect(reduced.holds && reduced.coverage.states < 321, "\(reduced)")
        #expect(reduced.coverage.passedOver.count == 1)
    }

    @Test(
        "a violation comes with the shortest schedule, a token that replays it, and a story", arguments: [true, false])
    func violation(isReduced: Bool) throws {
        let world = try ExploringScenario.munmap().world
        let rare = "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok"
        let allowed = Self.munmapOutcomes.filter { $0 != rare }
        let verdict = world.checkSchedules(.exhaustive, for: [.outcomes(allowed)]) {
            $0.reductions = isReduced ? .commuting : []
        }
        let found = try #require(verdict.counterexample, "\(verdict)")
        #expect(found.kind == .outcome(rare))
        #expect(found.isShortest)
        // Breadth first, nothing shorter leads there.
        var options = Explorer.Options()
        options.order = .breadthFirst
        options.checksLaws = false
        let shortest = world.explore(options).outcomes.first { $0.text == rare }
        #expect(found.schedule.count == shortest?.schedule.count)
        #expect(found.switches <= (shortest?.schedule.switches ?? 0))
        var copy = world
        #expect(copy.replay(found.schedule) == found.schedule.count)
        #expect(copy.machine.outcomeText == rare)
        let replayed = world.checkSchedules(.replay(found.token), for: [.outcomes(allowed)])
        #expect(replayed.counterexample?.schedule == found.schedule)
        #expect(replayed.coverage.passedOver == [])
        #expect(found.story.count == found.schedule.count)
        #expect(found.story.first?.hasPrefix("1. task ") == true)
        for word in [
            "takes mmap lock of map 0 (write)", "drops the fault lock [rule lockDroppingWaits: allIO]",
            "device 0 finishes the read of page 0 of file 0 for task 0",
            "gets a signal for its fault", "the attempt returns MAJOR|RETRY",
        ] {
            #expect(found.story.contains { $0.contains(word) }, "\(word) in \(found.story.joined(separator: "\n"))")
        }
    }

    @Test("a token of another world is noticed, and what it can't do left out")
    func otherWorld() throws {
        let world = try ExploringScenario.munmap().world
        let schedule = try #require(world.explore().outcomes.first?.schedule)
        let token = ScheduleToken(schedule + [.step(TaskID(9))], from: try ExploringScenario.truncation().world.machine)
        let verdict = world.checkSchedules(.replay(token), for: [])
        #expect(
            verdict.coverage.passedOver == [
                "the token was made of another world", "1 choice of the token that can't be made here",
            ])
        #expect(ScheduleToken("fs1.00.a") == nil && ScheduleToken("fs2.0000.a") == nil)
        for text in ["fs1.0000.a1b", "fs1.beef.a12:r0.0ab3-a~c+0_", "fs1.0000.:w1-9a-2_A27_4", "fs1.0000."] {
            #expect(ScheduleToken(text)?.description == text.replacing("a1b", with: "ab"))
        }
        for text in ["fs1.0000.a0", "fs1.0000.:r", "fs1.0000.:x0.0a", "fs1.0000.*", "fs1.0000.+1", "fs1.0000.A3"] {
            #expect(ScheduleToken(text) == nil, "\(text)")
        }
    }

    @Test("tokens of all races' outcomes are short, and replay them", arguments: ["linux6_1", "linux6_12"])
    func tokens(_ kernel: String) throws {
        for race in Race.all {
            guard
                RecordedRaces.states(in: RecordedRaces.line(of: race.name, under: kernel)) <= RaceTableTests.mostStates,
                let model = KernelModel.preset(named: kernel)
            else { continue }
            let scenario: ExploringScenario
            do { scenario = try race.make(model) } catch is WorldError { continue }
            let found = scenario.explore(.depthFirst) {
                $0.checksLaws = false
                $0.stateLimit = 60_000
            }
            let start = Explorer(scenario.world.machine).start
            for outcome in found.outcomes {
                let token = ScheduleToken(outcome.schedule, from: start)
                #expect(token.description.count < 200, "\(race.name): \(token)")
                #expect(ScheduleToken(token.description) == token)
                let verdict = scenario.world.checkSchedules(.replay(token), for: []) {
                    $0.injections = scenario.injections
                }
                #expect(verdict.coverage.texts == [outcome.text] && verdict.coverage.passedOver == [])
            }
        }
    }

    @Test("limits end a check, which says where and what was covered")
    func limits() throws {
        let world = try ExploringScenario.munmap().world
        func stop(_ properties: [Property], _ set: (inout ScheduleCheck) -> Void) -> Verdict.Stop? {
            let verdict = world.checkSchedules(.exhaustive, for: properties, set)
            guard case .notExhaustive(let stop, let coverage) = verdict else { return nil }
            #expect(coverage.states > 0 && verdict.foundNothing && !verdict.holds)
            #expect("\(verdict)".hasPrefix("not exhaustive: stopped "))
            return stop
        }
        for properties in [[Property.laws], []] {
            #expect(stop(properties) { $0.limits.states = 50 } == .states(50))
            #expect(stop(properties) { $0.limits.depth = 9 } == .depth(9))
        }
        #expect(stop([.laws]) { $0.limits.memory = 20_000 } == .memory(20_000))
        #expect(stop([.laws]) { $0.shouldStop = { true } } == .asked)
    }

    @Test("the same on several cores as on one")
    func cores() async throws {
        let world = try ExploringScenario.munmap().world
        let bad = Property.finally("no SIGSEGV") { !$0.outcomeText.contains("SIGSEGV") }
        for strategy in [
            Strategy.exhaustive, .preemptions(atMost: 1), .random(seed: 3, runs: 20), .pct(seed: 3, depth: 3, runs: 20),
        ] {
            for properties in [[Property.lawsAtEnd], [.lawsAtEnd, bad]] {
                let one = world.checkSchedules(strategy, for: properties) { $0.reductions = [] }
                let two = await world.checkSchedules(strategy, for: properties, cores: 2) { $0.reductions = [] }
                let three = await world.checkSchedules(strategy, for: properties, cores: 3) { $0.reductions = [] }
                #expect("\(one)" == "\(two)" && "\(one)" == "\(three)")
                #expect(one.coverage.outcomes == two.coverage.outcomes)
                #expect(one.counterexample?.schedule == two.counterexample?.schedule)
                #expect((one.counterexample != nil) == (properties.count == 2), "\(strategy)")
            }
        }
    }

    @Test("few preemptions give fewer schedules, and enough of them all")
    func preemptions() throws {
        let world = try ExploringScenario.munmap().world
        let counts = (0...3).map { world.checkSchedules(.preemptions(atMost: $0), for: []).coverage.texts.count }
        #expect(counts == counts.sorted() && counts[0] < counts[3] && counts[3] == 4)
        let verdict = world.checkSchedules(.preemptions(atMost: 1), for: [])
        guard case .notExhaustive(.preemptions(1), _) = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test("deadlocks are found without asking, by every strategy")
    func deadlock() throws {
        var world = try World(.linux6_1)
        let ringer = world.task()
        let area = try world.map(world.register(BellMemory()), pages: 2, in: ringer)
        world.start(.read(area, page: 1), in: ringer)
        world.start(.read(area, page: 0), in: world.thread(of: ringer))
        for strategy in [
            Strategy.exhaustive, .random(seed: 1, runs: 50), .pct(seed: 1, depth: 2, runs: 50),
            .preemptions(atMost: 2),
        ] {
            let verdict = world.checkSchedules(strategy, for: [])
            let found = try #require(verdict.counterexample, "\(strategy)")
            guard case .deadlock(let waits) = found.kind else {
                Issue.record("\(found)")
                continue
            }
            #expect(WaitLink.chain(of: waits) == "task 1 waits for channel 5, holding the mmap lock (read)")
            let replayed = world.checkSchedules(.replay(found.token), for: [])
            #expect(replayed.counterexample?.kind == found.kind)
        }
        #expect(world.checkSchedules(.exhaustive, for: []) { $0.searches = [] }.holds)
    }

    @Test("a task that makes no progress is found without asking, in a world of which the states never end")
    func livelock() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(UselessMemory()), pages: 1, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area.start, pages: 0), in: world.thread(of: task))
        for properties in [[], [Property.always("true") { _ in true }]] {
            let verdict = world.checkSchedules(.exhaustive, for: properties)
            let found = try #require(verdict.counterexample, "\(verdict)")
            #expect(found.kind == .livelock([task]))
            #expect(!found.cycle.isEmpty && found.cycle.allSatisfy { $0 == .step(task) })
            #expect(found.story.contains("and then forever:"))
        }
        // The task that stops waiting for the other one loops only until the other one runs.
        let eventually = world.checkSchedules(
            .exhaustive, for: [.eventually("munmap ends") { $0.backtrace(of: TaskID(1)).isEmpty }]
        ) {
            $0.searches = []
            $0.limits.depth = 600
        }
        #expect(eventually.counterexample == nil)
        let never = world.checkSchedules(
            .exhaustive, for: [.eventually("the read ends") { $0.backtrace(of: task).isEmpty }]
        ) { $0.searches = [] }
        #expect(never.counterexample?.kind == .never("the read ends"))
    }

    /// Whether the cycle leads from the state after the schedule back to it.
    private func isClosed(_ found: Counterexample, in world: World) -> Bool {
        var machine = world.machine
        func state(_ machine: inout Machine) -> UInt64 {
            var own: [UInt64] = []
            return machine.stateKey(of: [.memory, .running], keepsDigests: false, &own).word
        }
        guard machine.replay(found.schedule) == found.schedule.count else { return false }
        let before = state(&machine)
        guard !found.cycle.isEmpty, machine.replay(found.cycle) == found.cycle.count else { return false }
        return state(&machine) == before
    }

    @Test("a cycle leads back to the state at which it begins, and each task that can always run takes part")
    func closedCycle() throws {
        for readers in 1...2 {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(world.register(UselessMemory()), pages: 2, in: task)
            world.start(.read(area), in: task)
            var tasks: Set<TaskID> = [task]
            if readers == 2 {
                let other = world.thread(of: task)
                world.start(.read(area, page: 1), in: other)
                tasks.insert(other)
            }
            let properties: [Property] = [.eventually("the read ends") { $0.backtrace(of: task).isEmpty }]
            let verdict = world.checkSchedules(.exhaustive, for: properties) { $0.searches = [] }
            let found = try #require(verdict.counterexample, "\(verdict)")
            #expect(found.kind == .never("the read ends"))
            #expect(isClosed(found, in: world), "\(found)")
            let movers = found.cycle.compactMap { if case .step(let task) = $0 { task } else { nil } }
            #expect(Set(movers) == tasks)
        }
    }

    @Test("a task that sleeps while other tasks go on forever starves")
    func starvation() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(DeafMemory()), pages: 1, in: task)
        world.start(.read(area), in: task)
        world.start(EndlessProgram(), in: world.task())
        let found = try #require(world.checkSchedules(.exhaustive, for: []).counterexample)
        #expect(found.kind == .starvation([task]))
    }

    @Test("what never comes about at the end is told with the shortest schedule")
    func never() throws {
        let world = try ExploringScenario.munmap().world
        let goal = Property.eventually("the page is cached and mapped") { machine in
            machine.size.pageTables > 1
                && !machine.entryRuns(
                    of: MapID(0), in: PageNumber(0)..<machine.geometry.userLimit, numberedFrom: PageNumber(0)
                ).present.isEmpty
        }
        let found = try #require(world.checkSchedules(.exhaustive, for: [goal]).counterexample)
        #expect(found.kind == .never(goal.name) && found.cycle.isEmpty)
        var copy = world
        #expect(copy.replay(found.schedule) == found.schedule.count)
        #expect(copy.machine.outcomeText == "task 0: SIGSEGV/MAPERR; task 1: ok")
    }

    @Test("a sleep whose wait is over is a lost wake-up")
    func lostWakeup() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let task = world.task()
        world.start(.read(try world.map(file, .read, in: task)), in: task)
        let verdict = world.checkSchedules(.exhaustive, for: [])
        #expect(verdict.holds)
        let judge = StateJudge(ScheduleCheck(.exhaustive, for: []))
        _ = world.run()
        let folio = try #require(world.machine.cachedFolio(at: 0, of: file))
        world.machine.setFlags(of: folio, removing: [.locked, .underRead])
        let complaint = judge.judgement(atEnd: world.machine).complaint
        guard case .lostWakeup(let waits)? = complaint else {
            Issue.record("\(String(describing: complaint))")
            return
        }
        #expect(waits.map(\.task) == [task])
    }
}

/// Answers that a page is there, and brings none.
struct UselessMemory: VMOperations {
    var name: StaticName { StaticName("useless memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .done(.noPage)
    }
}

/// Begins the same call again and again.
struct EndlessProgram: TaskProgram {
    func next(after last: OperationOutcome, task: TaskID, _ state: inout NoState) -> TaskOperation? {
        .mmap(MapRequest(pages: 0, access: .readWrite))
    }
}
