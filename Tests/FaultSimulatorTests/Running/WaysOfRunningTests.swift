import FaultCore
import FaultSimulator
import Testing

@Suite("Shortcut, loop and single stages are one thing", .timeLimit(.minutes(60)))
struct WaysOfRunningTests {
    /// Anonymous memory, many areas: what the shortcut is for.
    private func world(checking: Bool, shortcuts: Bool) throws -> (World, TaskID) {
        var world = try World(.linux6_1)
        world.machine.isChecking = checking
        world.machine.recordsAttempts = false
        world.machine.usesShortcuts = shortcuts
        let task = world.task()
        var random = SplitMix64(seed: 7)
        var operations: [TaskOperation] = []
        var areas: [Area] = []
        for _ in 0..<20 {
            areas.append(
                try world.map(anonymousPages: 1 + random.below(30), random.pick([.readWrite, .read]), in: task))
        }
        for _ in 0..<300 {
            let area = random.pick(areas)
            let page = random.below(area.pages + 2)
            operations.append(random.below(3) == 0 ? .read(area, page: page) : .write(area, page: page, pages: 3))
        }
        world.start(operations, in: task)
        return (world, task)
    }

    @Test("the shortcut leaves the machine that the stages leave, counters and all")
    func shortcutEqualsStages() throws {
        var (fast, task) = try world(checking: false, shortcuts: true)
        var (slow, _) = try world(checking: false, shortcuts: false)
        #expect(fast.machine.run() == .finished)
        #expect(slow.machine.run() == .finished)
        #expect(fast.machine == slow.machine)
        #expect(fast.machine.fingerprint == slow.machine.fingerprint)
        #expect(fast.machine.counters(of: task) == slow.machine.counters(of: task))
        #expect(fast.machine.events == slow.machine.events)
        #expect(fast.rss(of: task) == slow.rss(of: task))
    }

    /// A list of accesses to anonymous memory and to a file that is cached in part, with a system call here and there.
    private func list(of length: Int, shortcuts: Bool) throws -> (World, TaskID) {
        var world = try World(.linux6_1)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        world.machine.usesShortcuts = shortcuts
        let task = world.task()
        let memory = try world.map(anonymousPages: 40, .readWrite, in: task)
        let code = try world.map(anonymousPages: 3, .read, in: task)
        let cached = try world.map(try world.file(pages: 60, resident: .all), .readWrite, in: task)
        var random = SplitMix64(seed: 11)
        let operations = (0..<length).map { _ -> TaskOperation in
            switch random.below(12) {
            case 0: .mmap(MapRequest(pages: 1 + random.below(4), access: .read))
            case 1: .munmap(memory[random.below(40)], pages: 1)
            case 2: .write(code, page: random.below(3))
            case 3: .read(code, page: random.below(4))
            case 4, 5: .read(cached, page: random.below(58), pages: 2)
            case 6: .write(cached, page: random.below(60))
            case 7, 8: .read(memory, page: random.below(38), pages: 3)
            default: .write(memory, page: random.below(36), pages: 1 + random.below(5))
            }
        }
        world.start(operations, in: task)
        return (world, task)
    }

    @Test("however long a list of accesses is, the shortcut leaves the report of its last one as the stages do")
    func reportsOfLists() throws {
        for length in 1...60 {
            var (fast, task) = try list(of: length, shortcuts: true)
            var (slow, _) = try list(of: length, shortcuts: false)
            #expect(fast.machine.run() == slow.machine.run())
            #expect(fast.report(of: task) == slow.report(of: task), "after \(length) operations")
            #expect(fast.machine.counters(of: task) == slow.machine.counters(of: task))
            #expect(fast.machine.fingerprint == slow.machine.fingerprint)
            #expect(fast.machine.fingerprint == fast.machine.fingerprintFromScratch)
        }
    }

    @Test("time that a list computes passes, whether somebody watches or not, and on one processor too")
    func computing() throws {
        let list: [TaskOperation] = [.compute(nanoseconds: 1000), .compute(nanoseconds: 500), .sleep(nanoseconds: 20)]
        var settings = MachineSettings()
        settings.processors = 1
        for isWatched in [true, false] {
            var world = try World(.linux6_1, settings: settings)
            world.machine.isChecking = isWatched
            world.machine.recordsAttempts = isWatched
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let start = world.clock
            world.start(list + [.write(area)] + list, in: task)
            #expect(world.machine.run() == .finished)
            #expect(world.clock - start == 3040, "\(isWatched ? "watched" : "unwatched")")
        }
    }

    @Test("a list of accesses that is left off anywhere goes on as if it had not been", arguments: 1...9)
    func listsInPieces(_ stages: Int) throws {
        var (whole, task) = try list(of: 60, shortcuts: true)
        var pieces = whole
        #expect(whole.machine.run() == .finished)
        var runs = 0
        while pieces.machine.run(limit: stages) == .limitReached {
            runs += 1
            #expect(pieces.machine.fingerprint == pieces.machine.fingerprintFromScratch)
        }
        #expect(runs > 10)
        #expect(pieces.machine == whole.machine)
        #expect(pieces.report(of: task) == whole.report(of: task))
        #expect(pieces.machine.counters(of: task) == whole.machine.counters(of: task))
        #expect(pieces.machine.events == whole.machine.events)
    }

    /// Whether the fault of a thread that waits for its page is retried, after another thread has mapped something.
    private func retriesAfterMapping(_ mapping: [TaskOperation], shortcuts: Bool) throws -> Bool {
        var world = try World(.mortonSequence2006)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        world.machine.usesShortcuts = shortcuts
        let reader = world.task()
        let mapper = world.thread(of: reader)
        let area = try world.map(try world.file(pages: 1), in: reader)
        let memory = try world.map(anonymousPages: 1, in: reader)
        world.start(.read(area, page: 0), in: reader)
        #expect(world.run() == .blocked)
        world.start([.read(memory, page: 0)] + mapping, in: mapper)
        #expect(world.run() == .blocked)
        world.completeReads()
        #expect(world.run() == .finished)
        return world.report(of: reader).counters.attempts == 2
    }

    @Test("a map that was changed at once is seen to have changed by a fault that slept meanwhile")
    func changeBesideSleepingFault() throws {
        for shortcuts in [false, true] {
            let isRetried = try retriesAfterMapping([.mmap(MapRequest(pages: 1, access: .read))], shortcuts: shortcuts)
            #expect(isRetried, "shortcuts: \(shortcuts)")
            #expect(try !retriesAfterMapping([], shortcuts: shortcuts))
        }
    }

    @Test("one stage a call leaves the machine that the loop leaves")
    func stepEqualsRun() throws {
        var (looped, task) = try world(checking: false, shortcuts: false)
        var stepped = looped
        #expect(looped.machine.run() == .finished)
        while stepped.machine.isBusy(task) {
            let couldStep = stepped.machine.step(task)
            try #require(couldStep)
        }
        #expect(stepped.machine == looped.machine)
        #expect(stepped.machine.counters(of: task) == looped.machine.counters(of: task))
    }

    @Test("watching changes nothing: with trace and checker the machine is the same")
    func watchingChangesNothing() throws {
        for seed in 0..<20 as Range<UInt64> {
            var plain = try RandomWorld(seed: seed)
            var watched = try RandomWorld(seed: seed)
            plain.world.machine.isChecking = false
            plain.world.machine.recordsAttempts = false
            watched.world.machine.isTracing = true
            _ = plain.world.machine.run()
            _ = watched.world.machine.run()
            #expect(plain.world.machine == watched.world.machine, "seed \(seed)")
        }
    }
}
