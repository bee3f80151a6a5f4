import FaultSimulator
import Testing

@Suite("Explorer", .timeLimit(.minutes(60)))
struct ExplorerTests {
    @Test("both orders find the same states and the same outcomes", arguments: ExploringScenario.Name.allCases)
    func ordersAgree(name: ExploringScenario.Name) throws {
        let scenario = try name.scenario()
        let deep = scenario.explore(.depthFirst) { $0.checksLaws = false }
        let wide = scenario.explore(.breadthFirst) { $0.checksLaws = false }
        #expect(deep.isComplete && wide.isComplete)
        #expect(deep.states == name.states)
        #expect(wide.states == name.states)
        #expect(deep.transitions == wide.transitions)
        #expect(deep.texts == wide.texts)
        #expect(deep.outcomes.map(\.states) == wide.outcomes.map(\.states))
        #expect(deep.deadlocks.map(\.chain) == wide.deadlocks.map(\.chain))
    }

    @Test("stages that are not run again change nothing but the time", arguments: ExploringScenario.Name.allCases)
    func rememberedStages(name: ExploringScenario.Name) throws {
        let scenario = try name.scenario()
        for order in [Explorer.Order.depthFirst, .breadthFirst] {
            let few = scenario.explore(order) { $0.checksLaws = false }
            let all = scenario.explore(order) {
                $0.checksLaws = false
                $0.remembersStages = false
                $0.keepsDigests = false
            }
            #expect(few.states == all.states && few.transitions == all.transitions && few.depth == all.depth)
            #expect(few.outcomes == all.outcomes)
            #expect(few.deadlocks == all.deadlocks)
        }
    }

    @Test(
        "stages that are not run again change nothing under laws, either",
        arguments: [ExploringScenario.Name.munmap, .truncation, .eviction, .killed, .copyOnWrite])
    func rememberedStagesUnderLaws(name: ExploringScenario.Name) throws {
        let scenario = try name.scenario()
        let few = scenario.explore(.depthFirst)
        let all = scenario.explore(.depthFirst) { $0.remembersStages = false }
        #expect(few.states == all.states && few.transitions == all.transitions)
        #expect(few.outcomes == all.outcomes && few.brokenLaws.isEmpty && all.brokenLaws.isEmpty)
    }

    @Test("a remembered move leads where it leads when it is made, in every race", arguments: ReductionTests.kernels)
    func rememberedMoves(_ kernel: String) throws {
        for (race, scenario) in try ReductionTests.races(under: kernel) {
            let found = scenario.explore(.depthFirst) {
                $0.checksLaws = false
                $0.makesRememberedMoves = true
                $0.stateLimit = 60_000
            }
            // Some races have no end of states.
            #expect(found.isComplete || found.states == 60_000, "\(race.name) \(kernel): \(found.whyIncomplete ?? "")")
        }
    }

    @Test(
        "random small worlds are explored alike whether stages are remembered or run again",
        arguments: 0..<ReductionTests.batches)
    func rememberedWorlds(_ batch: Int) throws {
        var compared = 0
        for seed in stride(from: batch, to: ReductionTests.worlds * 2, by: ReductionTests.batches) {
            var base = try CorpusWorld(seed: UInt64(seed), isWatched: false)
            for task in 0..<min(3, base.world.machine.taskCount) where !base.world.machine.isBusy(TaskID(task)) {
                base.world.machine.start(base.operation(isInList: false), in: TaskID(task))
            }
            var options = Explorer.Options()
            options.checksLaws = false
            options.stateLimit = 3_000
            options.makesRememberedMoves = true
            let made = base.world.explore(options)
            if let why = made.whyIncomplete, !why.contains("stateLimit") { Issue.record("seed \(seed): \(why)") }
            options.makesRememberedMoves = false
            let few = base.world.explore(options)
            options.remembersStages = false
            let all = base.world.explore(options)
            #expect(few.states == all.states && few.depth == all.depth, "seed \(seed)")
            #expect(few.outcomes == all.outcomes && few.deadlocks == all.deadlocks, "seed \(seed)")
            guard all.isComplete else { continue }
            #expect(few.transitions == all.transitions, "seed \(seed)")
            compared += 1
        }
        #expect(compared > 0)
    }

    @Test("a bell that rings before anyone listens is not heard", arguments: [true, false])
    func bell(remembersStages: Bool) throws {
        var world = try World(.linux6_1)
        let ringer = world.task()
        let area = try world.map(world.register(BellMemory()), pages: 2, in: ringer)
        world.start(.read(area, page: 1), in: ringer)
        world.start(.read(area, page: 0), in: world.thread(of: ringer))
        for order in [Explorer.Order.depthFirst, .breadthFirst] {
            var options = Explorer.Options()
            options.order = order
            options.checksLaws = false
            options.remembersStages = remembersStages
            let found = world.explore(options)
            #expect(found.states == 372)
            #expect(found.deadlocks.map(\.chain) == ["task 1 waits for channel 5, holding the mmap lock (read)"])
            #expect(found.texts == ["task 0: 0, faults 1/0; task 1: 0, faults 1/0"])
        }
    }

    @Test("two explorations of one machine are the same to the last schedule")
    func repeatable() throws {
        let scenario = try ExploringScenario.truncation()
        let first = scenario.explore(.depthFirst)
        let second = scenario.explore(.depthFirst)
        #expect(first.outcomes == second.outcomes)
        #expect(first.transitions == second.transitions)
    }

    @Test("each outcome comes with a schedule that leads there", arguments: [Explorer.Order.depthFirst, .breadthFirst])
    func schedulesReplay(order: Explorer.Order) throws {
        for name in [ExploringScenario.Name.truncation, .eviction, .killed, .throttledWrite] {
            let scenario = try name.scenario()
            let found = scenario.explore(order)
            #expect(!found.outcomes.isEmpty)
            for outcome in found.outcomes {
                var world = scenario.world
                let done = world.replay(outcome.schedule, injections: scenario.injections)
                #expect(done == outcome.schedule.count)
                #expect(world.machine.outcomeText == outcome.text)
                #expect([Choice](text: outcome.schedule.text) == outcome.schedule)
                let story = scenario.world.machine.story(of: outcome.schedule, injections: scenario.injections)
                #expect(story.count == outcome.schedule.count)
            }
        }
    }

    @Test("a choice that is not possible ends a replay there")
    func impossibleChoice() throws {
        var world = try ExploringScenario.munmap().world
        let read = RequestName(.read, of: 0, of: FileID(0), on: world.disk, by: TaskID(0))
        #expect(world.replay([.step(TaskID(0)), .finish(read), .step(TaskID(0))]) == 1)
        #expect(world.replay([.step(TaskID(7))]) == 0)
        #expect(world.replay([.inject(0)]) == 0)
        #expect(world.replay([.expire(TaskID(0))]) == 0)
    }

    @Test("text that is no schedule is refused")
    func badText() {
        let choices: [Choice] = [
            .step(TaskID(1)), .step(TaskID(1)), .run(TaskID(2)),
            .finish(RequestName(.read, of: 3, of: FileID(2), on: DeviceID(0), by: TaskID(1))),
            .finish(RequestName(.write, of: 9, of: .none, on: DeviceID(1), by: TaskID(0), number: 2)),
            .expire(TaskID(4)), .inject(5),
        ]
        #expect(
            choices.text
                == "2 x step 1, run 2, finish read d0 f2 p3 t1, finish write d1 p9 t0 n2, expire 4, inject 5")
        #expect([Choice](text: choices.text) == choices)
        #expect([Choice](text: "") == [])
        for text in [
            "step", "step -1", "step 1 2", "walk 1", "0 x step 1", "2 x", "step 1,", "step 99999999999",
            "finish 0", "finish read", "finish read d0 f0 p0", "finish read d0 p0 t0 x1", "finish look d0 p0 t0",
        ] {
            #expect([Choice](text: text) == nil, "\(text)")
        }
    }

    @Test(
        "a key that forgets what is in memory takes states that differ for one",
        arguments: [ExploringScenario.Name.truncation, .eviction, .throttledWrite, .swapping])
    func weakKeyMerges(name: ExploringScenario.Name) throws {
        let found = try name.scenario().explore(.breadthFirst) {
            $0.checksLaws = false
            $0.keyParts = [.running, .facts]
        }
        #expect(found.states < name.states)
    }

    @Test("a key that forgets fault counts misses outcomes")
    func keyWithoutFactsMisses() throws {
        let scenario = try ExploringScenario.twoReaders()
        let found = scenario.explore(.depthFirst) {
            $0.checksLaws = false
            $0.keyParts = [.running, .memory]
        }
        let whole = scenario.explore(.depthFirst) { $0.checksLaws = false }
        #expect(found.texts.count < whole.texts.count)
    }

    @Test("a limit of states ends an exploration, which says so")
    func limit() throws {
        let found = try ExploringScenario.munmap().explore(.depthFirst) { $0.stateLimit = 50 }
        #expect(!found.isComplete)
        #expect(found.states == 50)
    }

    @Test("a task that waits for something that the exploration does not let happen is a deadlock, with its wait chain")
    func deadlock() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let handler = world.register(DeafMemory())
        let area = try world.map(handler, pages: 1, in: task)
        world.start(.read(area), in: task)
        world.start(.munmap(area), in: world.thread(of: task))
        for order in [Explorer.Order.depthFirst, .breadthFirst] {
            var options = Explorer.Options()
            options.order = order
            options.checksLaws = false
            let found = world.explore(options)
            #expect(
                found.deadlocks.map(\.chain) == [
                    "task 1 waits for the mmap lock of map 0 (write), behind task 0 <- "
                        + "task 0 waits for channel 5, holding the mmap lock (read)"
                ])
            #expect(found.deadlocks.allSatisfy { !$0.isRing })
            for deadlock in found.deadlocks {
                var copy = world
                copy.replay(deadlock.schedule)
                #expect(WaitLink.chain(of: copy.machine.waitLinks) == deadlock.chain)
            }
        }
    }

    @Test("a broken law comes with the schedule that breaks it")
    func brokenLaw() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let handler = world.register(LeakyMemory())
        let area = try world.map(handler, pages: 1, in: task)
        world.start(.read(area), in: task)
        let found = world.explore()
        let broken = try #require(found.brokenLaws.first)
        world.replay(broken.schedule)
        #expect(
            (world.machine.violations + world.machine.checkInvariants()).contains {
                $0.law == broken.violation.law && $0.message == broken.violation.message
            })
    }

    @Test("timers may expire at any moment, in any order")
    func timers() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1, resident: .all)
        let area = try world.map(file, .read, in: world.task())
        let first = TaskID(0)
        world.start([.sleep(nanoseconds: 10), .read(area)], in: first)
        world.start([.sleep(nanoseconds: 1_000_000), .munmap(area)], in: world.thread(of: first))
        let found = world.explore()
        #expect(
            found.texts == [
                "task 0: NOPAGE, faults 1/0, SIGSEGV/MAPERR; task 1: ok", "task 0: NOPAGE, faults 1/0; task 1: ok",
                "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("an injected read error is a SIGBUS only where no attempt repairs it")
    func readError() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 1)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.start(.read(area), in: task)
        let found = world.explore(injecting: [
            Injection(.breakBlocks(file, PageRun(0, 0))), Injection(.repairBlocks(file)),
        ])
        #expect(found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
        #expect(found.texts.contains { $0.contains("SIGBUS/ADRERR") })
        // The first attempt failed, and the second read the page that has been repaired.
        #expect(found.texts.contains { $0.hasPrefix("task 0: MAJOR|RETRY, LOCKED, faults 0/1") })
    }

    @Test("an allocation that fails ends a write with an out-of-memory result")
    func allocationFailure() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.start(.write(area), in: task)
        let found = world.explore(injecting: [Injection(.failAllocation(.anonymousPage))])
        #expect(found.brokenLaws.isEmpty)
        #expect(found.texts.contains { $0.contains("OOM") })
        #expect(found.texts.contains { !$0.contains("OOM") })
    }

    @Test("at rest, the order of turns decides which task finds the page and which finds it mapped")
    func atRest() throws {
        var world = try ExploringScenario.twoReaders().world
        #expect(world.run() == .blocked)
        world.machine.stopHolding(world.disk)
        let firstIsFirst = "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: RETRY, 0, faults 0/1"
        // The second is woken by the first, and only then can be faster.
        let secondIsFirst = "task 0: MAJOR|RETRY, 0, faults 0/1; task 1: RETRY, NOPAGE, faults 0/1"
        #expect(Explorer.outcomesAtRest(world.machine) == [firstIsFirst])
        let finer = Explorer.outcomesAtRest(world.machine, .stage)
        #expect(finer.contains(firstIsFirst) && finer.contains(secondIsFirst))
    }
}

/// Sleeps forever, and holds the fault lock.
struct DeafMemory: VMOperations {
    var name: StaticName { StaticName("deaf memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .sleep(.channel(5), then: .whole)
    }
}

/// Page 0 listens for a bell, and the other pages ring it.
struct BellMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case asleep, awake }

    var name: StaticName { StaticName("bell memory") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        guard stage == .asleep else { return .done(machine.giveNewPage(stamp: 9, to: &fault) ? [] : .oom) }
        if fault.index == 0 { return .sleep(.channel(5), then: .awake) }
        machine.wake(channel: 5)
        return .next(.awake)
    }
}

/// Answers RETRY and keeps the fault lock.
struct LeakyMemory: VMOperations {
    var name: StaticName { StaticName("leaky memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        if fault.flags.contains(.tried) { return .done(machine.giveNewPage(stamp: 9, to: &fault) ? [] : .oom) }
        return .done(.retry)
    }
}
