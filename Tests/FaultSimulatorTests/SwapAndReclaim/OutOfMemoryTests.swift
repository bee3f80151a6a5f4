import FaultSimulator
import Testing

@Suite("Out of memory", .timeLimit(.minutes(60)))
struct OutOfMemoryTests {
    private func world(frames: Int, disk: World.DiskSpeed = .latency(nanoseconds: 1000)) throws -> World {
        var settings = MachineSettings()
        settings.frameLimit = frames
        settings.readaheadPages = 0
        return try World(.linux6_1, disk: disk, settings: settings)
    }

    @Test("the largest process is killed, and the task that needed the page waits for its end and continues")
    func largestDies() throws {
        var world = try world(frames: 16)
        let hog = world.task()
        let large = try world.map(anonymousPages: 14, in: hog)
        try world.perform(.write(large, pages: 14), in: hog)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        let report = try world.perform(.write(area, pages: 4), in: task)
        #expect(report.signal == nil && report.minorFaults == 4)
        #expect(report.attempts.map(\.result) == [[], [], [], []])
        #expect(world.machine.hasExited(hog) && world.machine.isOOMVictim(hog))
        #expect(world.machine.events.oomKill == 1)
        #expect(world.rss(of: task).anonymous == 4)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a fault of the victim itself returns OOM, is not counted, and the task dies without an oops")
    func victimFaults() throws {
        var world = try world(frames: 8)
        let task = world.task()
        let area = try world.map(anonymousPages: 16, in: task)
        world.start(.write(area, pages: 16), in: task)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.signal == .kill && report.isGone && !report.outcome.oops)
        #expect(report.attempts.last?.result == .oom)
        #expect(report.minorFaults == 8 && report.majorFaults == 0)
        #expect(world.machine.framesInUse == 0)
        #expect(world.machine.events.oomKill == 1)
    }

    @Test(
        "a fault that finds no memory kills the largest process up to 5.15, and is replayed in any case",
        arguments: [KernelModel.linux2_6_37, .linux5_1, .linux5_9, .linux5_19, .linux6_12])
    func faultKills(_ model: KernelModel) throws {
        var world = try World(model)
        let hog = world.task()
        let large = try world.map(anonymousPages: 8, in: hog)
        try world.perform(.write(large, pages: 8), in: hog)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.machine.failAllocation(at: .anonymousPage)
        let report = try world.perform(.write(area), in: task)
        _ = world.run()
        let kills = model.faultOutOfMemory == .kills
        #expect(kills == (model != .linux5_19 && model != .linux6_12))
        #expect(report.signal == nil && report.attempts.map(\.result) == [.oom, []])
        #expect(world.machine.hasExited(hog) == kills)
        #expect(world.machine.events.oomKill == (kills ? 1 : 0))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("up to 5.15 the largest may be the one that faulted: it dies, and is not replayed")
    func faultKillsItself() throws {
        var world = try World(.linux5_9)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 3), in: task)
        world.machine.failAllocation(at: .anonymousPage)
        world.start(.write(area, page: 3), in: task)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(task) && world.report(of: task).signal == .kill)
    }

    @Test("of equal processes the last is chosen")
    func tie() throws {
        var world = try world(frames: 12)
        var tasks: [TaskID] = []
        for _ in 0..<3 {
            let task = world.task()
            let area = try world.map(anonymousPages: 4, in: task)
            try world.perform(.write(area, pages: 4), in: task)
            tasks.append(task)
        }
        let small = world.task()
        let area = try world.map(anonymousPages: 1, in: small)
        try world.perform(.write(area), in: small)
        #expect(tasks.map { world.machine.hasExited($0) } == [false, false, true])
    }

    @Test("all threads of the victim die")
    func threads() throws {
        var world = try world(frames: 8)
        let hog = world.task()
        let thread = world.thread(of: hog)
        let large = try world.map(anonymousPages: 7, in: hog)
        try world.perform(.write(large, pages: 7), in: hog)
        world.start(.sleep(nanoseconds: 1_000_000_000), in: thread)
        let task = world.task()
        let area = try world.map(anonymousPages: 3, in: task)
        try world.perform(.write(area, pages: 3), in: task)
        #expect(world.machine.hasExited(hog) && world.machine.hasExited(thread))
    }

    @Test("a victim in read(2) or write(2) ends without an oops", arguments: [true, false])
    func systemCalls(_ isRead: Bool) throws {
        var world = try world(frames: 8)
        let file = try world.file(pages: 20)
        let task = world.task()
        let area = try world.map(anonymousPages: 20, in: task)
        if !isRead { try world.perform(.write(area, pages: 3), in: task) }
        world.start(isRead ? .read(file, pages: 20, into: area) : .write(area, pages: 20), in: task)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(task) && !world.report(of: task).outcome.oops)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a pending SIGKILL makes an allocation fail at once instead of killing somebody")
    func dyingTask() throws {
        var world = try world(frames: 8)
        let other = world.task()
        let memory = try world.map(anonymousPages: 8, in: other)
        try world.perform(.write(memory, pages: 8), in: other)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.start(.write(area), in: task)
        while world.machine.backtrace(of: task).last?.routine != "pageFault" { world.machine.step(task) }
        world.kill(task)
        world.run()
        #expect(world.report(of: task).attempts.map(\.result) == [.oom])
        #expect(world.machine.hasExited(task) && !world.machine.hasExited(other))
        #expect(world.machine.events.oomKill == 0)
    }
}
