import FaultSimulator
import Testing

@Suite("Shortcut, loop and single stages are one thing")
struct WaysOfRunningTests {
    /// Anonymous memory, many areas: what the shortcut is for.
    private func world(checking: Bool, shortcuts: Bool) throws -> (World, TaskID) {
        var world = try World(.linux6_1)
        world.machine.isChecking = checking
        world.machine.recordsAttempts = false
        world.machine.usesShortcuts = shortcuts
        let task = world.task()
        var random = SplitMix64(seed: 7)
        var operations: [Operation] = []
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
        world.start(task, program: operations)
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
