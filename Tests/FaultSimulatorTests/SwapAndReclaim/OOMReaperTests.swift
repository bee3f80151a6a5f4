import FaultSimulator
import Testing

/// An OOM victim that sleeps where no signal ends the sleep, and a task that needs its memory.
private struct StuckVictim {
    var world: World
    let hog: TaskID
    let large: Area
    let mapped: Area
    let copied: Area
    let task: TaskID
    let area: Area

    init(_ model: KernelModel, frames: Int = 8, aroundPages: Int = 16) throws {
        var settings = MachineSettings()
        settings.frameLimit = frames
        settings.readaheadPages = 0
        settings.faultAroundPages = aroundPages
        world = try World(model, disk: .held, settings: settings)
        let file = try world.file(pages: 1)
        hog = world.task()
        large = try world.map(anonymousPages: 6, in: hog)
        try world.perform(.write(large, pages: 6), in: hog)
        // GUP without a lock to drop waits for the disk with the mmap lock held, and no signal ends that.
        copied = try world.map(try world.file(pages: 1), .read, in: hog)
        mapped = try world.map(file, .read, .shared, in: hog)
        world.start(.getUserPages(mapped.start, pages: 1, []), in: hog)
        world.run()
        task = world.task()
        area = try world.map(anonymousPages: 3, in: task)
    }

    /// The task needs more memory than there is.
    mutating func needMemory() -> StopReason {
        world.start(.write(area, pages: 3), in: task)
        return world.run()
    }
}

@Suite("The memory of a victim that can't end", .timeLimit(.minutes(60)))
struct OOMReaperTests {
    // From 5.13 on the wait for the read of a single page can be killed.
    private static let models: [KernelModel] = [.linux4_19, .linux5_9]

    @Test("up to 4.5 other tasks wait for it with their lock held, even forever, and no other process is killed")
    func stays() throws {
        for model in [KernelModel.linux2_6_36, .linux3_19] {
            var test = try StuckVictim(model)
            let reason = test.needMemory()
            #expect(reason == .blocked && test.world.machine.isOOMVictim(test.hog))
            #expect(reason.waits.contains { $0.task == test.task && $0.cause == .memory && $0.behind == [test.hog] })
            #expect(test.world.mmapLock(of: test.task).readers == [test.task])
            #expect(test.world.machine.events.oomKill == 1)
            test.world.completeReads()
            #expect(test.world.run() == .finished)
            #expect(test.world.machine.hasExited(test.hog) && test.world.report(of: test.task).minorFaults == 3)
        }
    }

    @Test(
        "from 4.6 on its private memory is taken away at once, from 5.18 on after two seconds, and it ends when it can",
        arguments: models, [KernelModel.VictimDelay.none, .twoSeconds])
    func isReaped(_ model: KernelModel, _ delay: KernelModel.VictimDelay) throws {
        #expect(model.victimDelay == .none)
        var model = model
        model.victimDelay = delay
        var test = try StuckVictim(model)
        let before = test.world.machine.clock
        #expect(test.needMemory() == .blocked)
        #expect(!test.world.machine.isBusy(test.task) && test.world.report(of: test.task).minorFaults == 3)
        let waited = test.world.machine.clock - before
        #expect(delay == .none ? waited < 10_000_000 : waited >= 2_000_000_000, "\(waited) ns")
        #expect(test.world.machine.isBusy(test.hog) && test.world.rss(of: test.hog).anonymous == 0)
        #expect(test.world.machine.events.oomKill == 1)
        test.world.completeReads()
        #expect(test.world.run() == .finished && test.world.machine.hasExited(test.hog))
        #expect(test.world.machine.checkInvariants().isEmpty)
    }

    @Test("exploring finds that the two seconds of a victim end before the read that it waits for")
    func eitherComesFirst() throws {
        var model = KernelModel.linux5_9
        model.victimDelay = .twoSeconds
        var test = try StuckVictim(model)
        test.world.start(.write(test.area, pages: 3), in: test.task)
        let map = test.large.map
        let property = Property.always("the victim has its memory until its read is done") { machine in
            machine.requestsUnderWay.isEmpty || machine.rss(of: map).anonymous > 0
        }
        #expect(!test.world.checkSchedules(for: [property]).holds)
    }

    @Test("a victim that can end by itself ends, and is not reaped first", arguments: models + [.linux5_15, .linux6_1])
    func endsByItself(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.frameLimit = 8
        var world = try World(model, settings: settings)
        let hog = world.task()
        let large = try world.map(anonymousPages: 6, in: hog)
        try world.perform(.write(large, pages: 6), in: hog)
        let task = world.task()
        let area = try world.map(anonymousPages: 3, in: task)
        let before = world.machine.clock
        try world.perform(.write(area, pages: 3), in: task)
        #expect(world.machine.hasExited(hog) && world.machine.isOOMVictim(hog) && !world.machine.isOOMVictim(task))
        #expect(world.machine.clock - before < 4_000_000 && world.machine.events.oomKill == 1)
    }

    @Test(
        "no thread of the victim reads zeroes from reaped memory: a fault there returns SIGBUS, for loads and stores",
        arguments: models)
    func isUnstable(_ model: KernelModel) throws {
        var test = try StuckVictim(model)
        _ = test.needMemory()
        for operation: TaskOperation in [
            .readRemoteMemory(test.large.map, test.large[0], pages: 1),
            .readProcMem(test.large.map, test.large[1], pages: 1),
        ] {
            test.world.start(operation, in: test.task)
            test.world.run()
            #expect(!test.world.machine.isBusy(test.task))
            let report = test.world.report(of: test.task)
            #expect(report.errno != nil && report.attempts.last?.result == .sigbus)
        }
        #expect(test.world.rss(of: test.hog).anonymous == 0)
        test.world.completeReads()
        #expect(test.world.run() == .finished)
    }

    @Test("a page of a file that may not be mapped into reaped memory: SIGBUS is added to what the handler returned")
    func fileIsUnstable() throws {
        var test = try StuckVictim(.linux5_9, aroundPages: 1)
        let copied = test.copied
        _ = test.needMemory()
        test.world.start(.readProcMem(copied.map, copied[0], pages: 1), in: test.task)
        test.world.run()
        test.world.completeReads()
        #expect(test.world.run() == .finished)
        #expect(test.world.report(of: test.task).attempts.last?.result == [.major, .locked, .sigbus])
    }

    @Test("where a writer waits for its mmap lock its memory stays, and another process is killed")
    func isPassedOver() throws {
        // The writer's wait can't be killed.
        var model = KernelModel.linux3_19
        model.victimMemory = .isReaped
        var test = try StuckVictim(model, frames: 10)
        let thread = test.world.thread(of: test.hog)
        test.world.start(.munmap(test.mapped.start, pages: 1), in: thread)
        test.world.run()
        let second = test.world.task()
        let its = try test.world.map(anonymousPages: 2, in: second)
        test.world.start(.write(its, pages: 2), in: second)
        test.world.run()
        _ = test.needMemory()
        #expect(test.world.machine.isOOMVictim(test.hog) && test.world.machine.isOOMVictim(second))
        #expect(test.world.rss(of: test.hog).anonymous == 6)
        #expect(!test.world.machine.isBusy(test.task) && test.world.report(of: test.task).minorFaults == 3)
        #expect(!test.world.machine.isOOMVictim(test.task))
        test.world.completeReads()
        #expect(test.world.run() == .finished && test.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a victim that waits for a lock of the task that needs its memory delays no task: a truncation behind a fault's invalidate lock",
        arguments: [KernelModel.linux5_15, .linux6_1, .linux6_12, .linux6_19])
    func truncation(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        settings.faultAroundPages = 1
        var world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
        let victim = world.task()
        let task = world.task()
        try world.addMemoryGroup(limit: 16)
        let file = try world.file(pages: 4)
        let area = try world.map(file, .read, .shared, in: task)
        let large = try world.map(anonymousPages: 14, in: victim)
        try world.perform(.write(large, pages: 14), in: victim)
        let own = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(own, pages: 2), in: task)
        // The fault holds the invalidate lock, and has no room for its page.
        world.start(.read(area), in: task)
        #expect(world.run(until: .stage(task, "charge.reclaim")) == .conditionMet)
        #expect(world.machine.heldLocks(of: task).contains { $0.lock == .invalidate(file) })
        world.start(.truncate(file, pages: 1), in: victim)
        while world.machine.isBusy(victim), world.machine.step(victim) {}
        #expect(world.machine.waitLinks.contains { $0.task == victim && $0.cause == .lock(.invalidate(file), .write) })
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(victim) && world.report(of: task).signal == nil)
        #expect(world.machine.memoryGroup?.events.outOfMemory ?? 0 >= 1)
        #expect(world.machine.checkInvariants().isEmpty)
    }
}
