import FaultTestSupport
import Testing

/// The code of `Documentation/WritingTests.md`.
@Suite("Guide: writing tests", .timeLimit(.minutes(60)))
struct WritingTestsGuide {
    private func started(_ kernel: KernelModel = .linux6_1) throws -> (World, TaskID, TaskID, FileID, Area) {
        var world = try World(kernel, disk: .latency(.milliseconds(2)))
        let reader = world.task("reader")
        let mapper = world.thread("mapper", of: reader)
        let file = try world.file("log", pages: 64)
        let area = try world.map(file, named: "buffer", in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
        return (world, reader, mapper, file, area)
    }

    @Test("stories")
    func stories() throws {
        var (world, reader, mapper, file, area) = try started()
        let before = world

        let story = world.story { $0.run() }
        #expect(story.nobodyWaited(longerThan: .milliseconds(5)))
        #expect(story.nobodySleptHoldingTheMmapLock)
        #expect(!story.waited(mapper, behind: reader, for: .mmapLock))
        #expect(story.everybodyIsDone && story.allLawsHold)

        let task = story.story(of: reader)
        #expect(task.succeeded && task.retriedOnce && task.wasMajorOnce)
        #expect(task.counts(minor: 0, major: 1, exceptions: 1, attempts: 2))
        #expect(task.waited(for: .io) && task.waited(inAllAtMost: .milliseconds(2)))
        #expect(task.neverSleptHoldingTheMmapLock && task.holdsNothing)

        #expect(world.resident(of: file) == [0...31])
        #expect(world.present(in: area) == [1...16])
        #expect(!world.leaks(since: before).isEmpty, "the mapper's new area is still there")
    }

    @Test("failures")
    func failures() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), in: task)

        let sweep = world.failingEachOnce(.read(area, page: 9), in: task) { story in
            story.story(of: task).holdsNothing
        }
        #expect(sweep.holds)
        #expect(
            "\(sweep)" == """
                holds at all 71 points: 36 allocations (4 pageTable, 32 cachePage), 1 read, 34 signals
                """)
    }

    @Test("a kernel as an argument", arguments: Kernels.released(from: .linux5_1))
    func kernels(_ kernel: KernelModel) throws {
        var (world, _, _, _, _) = try started(kernel)
        #expect(world.story { $0.run() }.nobodySleptHoldingTheMmapLock)
    }

    @Test("a seed as an argument", arguments: Seed.each(1...3))
    func seeds(_ seed: Seed) throws {
        let (world, _, _, _, _) = try started()
        let verdict = world.checkSchedules(seed.schedules(20), for: [.laws])
        #expect(verdict.foundNothing, "\(seed): \(verdict)")
    }

    @Test("a golden trace")
    func golden() throws {
        var (world, reader, _, _, _) = try started()
        let trace = world.recorded([.attemptEnded, .accounted, .faultLockDropped]) { $0.run(until: .done(reader)) }
        let golden: RecordedTrace = """
            reader the fault lock is dropped
            reader an attempt at page 9 of buffer ends: MAJOR|RETRY
            reader an attempt at page 9 of buffer ends: NOPAGE
            reader a major fault of page 9 of buffer
            """
        #expect(trace.difference(from: golden).isEmpty)
    }

    @Test("events as values")
    func events() throws {
        var world = try World(.linux6_1)
        let reader = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)
        world.machine.isTracing = true
        try world.perform(.read(area, page: 9), in: reader)
        let results = world.machine.trace.compactMap { event -> FaultResult? in
            if case .attemptEnded(_, let result) = event.detail { result } else { nil }
        }
        #expect(results == [[.major, .retry], .noPage])
        let first = try #require(world.machine.trace.first { $0.kind == .attemptEnded })
        #expect(world.machine.text(of: first) == "0 reader attemptEnded page 9 of buffer MAJOR|RETRY")
    }

    @Test("plug-ins")
    func plugIns() throws {
        var world = try World(.linux6_1, entry: ToyEntry())
        let task = world.task()
        let flash = world.addDisk(UnevenDisk(usually: .microseconds(80), rarely: .milliseconds(8), oneIn: 100))
        let slow = try world.map(world.register(WaitingMemory(.time(1_000))), pages: 4, in: task)
        let holey = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: flash))
        let sparse = try world.map(world.file("sparse", pages: 8, on: holey), in: task)
        try world.perform(.read(slow), in: task)
        try world.perform(.read(sparse), in: task)
    }
}

/// The code of `Documentation/TimeAndCosts.md`.
@Suite("Guide: time and costs", .timeLimit(.minutes(60)))
struct TimeAndCostsGuide {
    private func costs() -> CostModel {
        let costs = CostModel(
            exception: .nanoseconds(500), faultStage: .nanoseconds(20), pageCopy: .nanoseconds(300),
            systemCallStage: .nanoseconds(100), touch: .nanoseconds(5))
        return costs
    }

    @Test("where the time goes")
    func time() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(2)))
        let task = world.task()
        let heap = try world.map(anonymousPages: 8, in: task)
        let area = try world.map(world.file(pages: 64), in: task)

        try world.perform(.write(heap, pages: 8), in: task)
        #expect(world.elapsed == .zero)
        try world.perform(.read(area, page: 9), in: task)
        #expect(world.elapsed == .milliseconds(2))
        try world.perform(.sleep(.milliseconds(3)), in: task)
        #expect(world.elapsed == .milliseconds(5))

        var costly = try World(.linux6_1, costs: costs())
        let other = costly.task()
        let memory = try costly.map(anonymousPages: 1, in: other)
        let begin = costly.clock
        try costly.perform(.write(memory), in: other)
        #expect(costly.clock - begin == 1_115)
    }

    @Test("two processors")
    func processors() throws {
        var settings = MachineSettings()
        settings.processors = 2
        var world = try World(.linux6_1, settings: settings, costs: costs())
        let one = world.task()
        let two = world.thread(of: one)
        world.start([.compute(.milliseconds(4)), .compute(.milliseconds(1))], in: one)
        world.start([.compute(.milliseconds(4)), .compute(.milliseconds(1))], in: two)
        world.run()
        #expect(world.elapsed == .milliseconds(4), "the last operations begin then")
    }
}
