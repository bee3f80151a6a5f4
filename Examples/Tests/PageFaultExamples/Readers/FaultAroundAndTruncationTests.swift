import FaultTestSupport
import Testing

@Suite("A reviewer asks: fault-around, page_mkwrite and read errors", .timeLimit(.minutes(60)))
struct ReadersFaultAroundTests {
    struct Window: Sendable, CustomStringConvertible {
        var page: Int
        var present: PageSet
        var description: String { "page \(page)" }
    }

    // The area begins at page 8 of a window, and ends at page 11 of one.
    @Test(
        "fault-around maps 16 pages: from the last multiple of 16 on, or from the beginning of the area, to its end",
        arguments: [
            Window(page: 0, present: [0...15]), Window(page: 7, present: [0...15]), Window(page: 8, present: [8...23]),
            Window(page: 23, present: [8...23]), Window(page: 24, present: [24...35]),
        ])
    func window(_ window: Window) throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 36, resident: .all)
        let area = try world.map(
            MapRequest(pages: 36, access: .read, file: file, placement: .fixed(PageNumber(0x10008))), in: task)
        try world.perform(.read(area, page: window.page), in: task)
        #expect(world.present(in: area) == window.present)
    }

    @Test("reading 64 cached pages in order takes 64 faults before fault-around and one for each window after")
    func windowsAreCounted() throws {
        func exceptions(_ kernel: KernelModel) throws -> Int {
            var world = try World(kernel)
            let task = world.task()
            let area = try world.map(world.file(pages: 64, resident: .all), .read, in: task)
            return try world.perform(.read(area, pages: 64), in: task).counters.exceptions
        }
        #expect(try exceptions(.linux2_6_37) == 64)
        #expect(try exceptions(.linux3_15) == 5)
        #expect(try exceptions(.linux6_12) == 5)
    }

    @Test("a truncation just before page_mkwrite: the store is replayed, and the second exception is SIGBUS")
    func truncatedBeforeMkwrite() throws {
        var world = try World(.linux6_1)
        let task = world.task("writer")
        let file = try world.file("log", pages: 8, resident: .all)
        let area = try world.map(file, .readWrite, .shared, in: task)
        world.start(.write(area, page: 3), in: task)
        #expect(world.run(until: .stage(task, "pageFault.callMkwrite")) == .conditionMet)
        let other = world.task("other")
        world.start(.truncate(file, pages: 0), in: other)
        while world.machine.step(other) {}
        #expect(world.report(of: other).isDone, "the writer has not moved meanwhile")
        world.run()

        let story = world.story(of: task)
        #expect(world.report(of: task).signal == .bus(.noSuchAddress))
        #expect(story.counts(minor: 1, major: 0, exceptions: 2, attempts: 2), "\(story)")
        #expect(world.report(of: task).attempts.last?.result == .sigbus)
    }

    @Test("one bad block: a touch gets SIGBUS, read(2) EIO; what populates goes on forever, never TRIED")
    func badBlock() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.machine.breakBlocks(of: file, PageRun(9, 9))

        var touched = world
        #expect(try touched.perform(.read(area, page: 9), in: task).signal == .bus(.noSuchAddress))
        var read = world
        #expect(try read.perform(.read(file, page: 9), in: task).errno == .inputOutput)
        world.stageLimit = 20_000
        for operation in [TaskOperation.mlock(area), .madvise(area, .populateRead)] {
            var other = world
            other.start(operation, in: task)
            let reason = other.run()
            #expect(reason == .limitReached, "\(operation): \(reason)")
            #expect(other.report(of: task).attempts.allSatisfy { !$0.flags.contains(.tried) })
            other.kill(task)
            #expect(other.run() == .finished && other.story(of: task).ended(by: .kill))
        }
    }

    @Test("a held disk: what populates a bad block sleeps again and again, each time for one more read")
    func badBlockOfAHeldDisk() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.machine.breakBlocks(of: file, PageRun(9, 9))
        world.start(.mlock(area), in: task)
        for _ in 0..<100 {
            #expect(world.run() == .blocked)
            #expect(world.completeReads() == 1)
        }
        #expect(!world.report(of: task).isDone)
    }
}
