import FaultTestSupport
import Foundation
import Testing

@Suite("Cookbook: waiting", .timeLimit(.minutes(60)))
struct WaitingRecipes {
    /// Under a kernel that keeps the mmap lock during I/O, a task that wants the lock waits for the disk. `story { }`
    /// records the run.
    @Test("Why does a monitor wait, behind a writer, behind a reader?")
    func monitorBehindWriterBehindReader() throws {
        var world = try World(.linux2_6_36, disk: .latency(.milliseconds(8)))
        let reader = world.task("reader")
        let mapper = world.thread("mapper", of: reader)
        let monitor = world.task("monitor")
        let area = try world.map(world.file("log", pages: 64), in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
        world.start(.readProcMaps(of: area), in: monitor)

        let story = world.story { $0.run() }
        #expect(story.chain(of: monitor, mapper, reader))
        #expect(story.waited(monitor, behind: mapper, for: .mmapLock))
        #expect(story.waited(monitor, forIOOf: reader))
        #expect(story.nobodyWaited(longerThan: .milliseconds(8)))
    }

    /// The same three tasks run under each kernel. From 2.6.37 on, no task holds the lock while it waits for the disk.
    @Test("Since which kernel does no task hold the mmap lock while it waits for the disk?")
    func sinceWhen() throws {
        var firstKernel: KernelModel?
        for kernel in Kernels.released where firstKernel == nil {
            var world = try World(kernel, disk: .latency(.milliseconds(8)))
            let task = world.task()
            let area = try world.map(world.file(pages: 64), in: task)
            world.start(.read(area, page: 9), in: task)
            if world.story({ $0.run() }).nobodySleptHoldingTheMmapLock { firstKernel = kernel }
        }
        #expect(firstKernel == .linux2_6_37)
    }

    /// Each map always keeps statistics of its lock: how often and how long it was held and waited for.
    @Test("How long was the mmap lock held, and waited for?")
    func lockStatistics() throws {
        var world = try World(.linux2_6_36, disk: .latency(.milliseconds(8)))
        let reader = world.task()
        let area = try world.map(world.file(pages: 64), in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.munmap(area, page: 32), in: world.thread(of: reader))
        world.run()

        let lock = world.machine.lockStatistics(of: area.map)
        #expect(lock.readHolds.maximum == 8_000_000)
        #expect(lock.writeWaits.maximum == 8_000_000)
    }

    /// `recordsWaits` adds up the sleeps by task and cause. It is cheaper than a timeline, but it has no chains.
    @Test("How long did each task wait for each cause, in all?")
    func waitTotals() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(8)))
        let reader = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), in: reader)
        world.machine.recordsWaits = true

        try world.perform(.read(area, page: 9), in: reader)
        #expect(
            world.machine.waitTotals.map(\.description) == [
                "reader waited 1 times for I/O on log: 8000000 ns in all, 8000000 ns at most"
            ])
    }

    /// A `LockTimeline` has each hold of one lock and each wait for it. It needs a trace of a few kinds of event only.
    @Test("Who held one lock, from when to when?")
    func lockTimeline() throws {
        var world = try World(.linux2_6_36, disk: .latency(.milliseconds(8)))
        let reader = world.task()
        let writer = world.thread(of: reader)
        let area = try world.map(world.file(pages: 64), in: reader)
        world.machine.trace(only: LockTimeline.kinds)
        world.start(.read(area, page: 9), in: reader)
        world.start(.munmap(area, page: 32), in: writer)
        world.run()

        let timeline = LockTimeline(of: .mmap(area.map), in: world.machine)
        #expect(timeline.longest(.holds, of: reader) == 8_000_000)
        #expect(timeline.duration(.waits, of: writer) == 8_000_000)
    }

    /// From 6.4 on the lock of one area may guard a fault; for files, from 6.6 on. The second attempt takes the mmap
    /// lock.
    @Test("Which lock guards a fault?")
    func whichLock() throws {
        func attempts(_ kernel: KernelModel) throws -> [Int] {
            var world = try World(kernel)
            let task = world.task()
            let area = try world.map(world.file(pages: 64), in: task)
            let counters = try world.perform(.read(area, page: 9), in: task).counters
            return [counters.areaLockAttempts, counters.mmapReadLocks]
        }
        #expect(try attempts(.linux6_1) == [0, 2])
        #expect(try attempts(.linux6_4) == [0, 2])
        #expect(try attempts(.linux6_12) == [1, 1])
    }

    /// A run can stop before a stage, at an event, when a task sleeps, at a time, or when a condition holds.
    @Test("How does a test act at one moment in the middle of a fault?")
    func inTheMiddle() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)
        world.start(.read(area, page: 9), in: task)

        #expect(world.run(until: .event(.faultLockDropped, of: task)) == .conditionMet)
        #expect(world.mmapLock(of: task).isFree)
        try world.perform(.munmap(area), in: world.thread(of: task))
        world.run()
        world.completeReads()
        #expect(world.run(until: .stage(task, "faultEntry.findArea")) == .conditionMet)
        world.run()
        #expect(world.report(of: task).signal == .segv(.notMapped))
    }

    /// `perform` and `run` let all tasks run. `step` does one stage of one task. Here the truncation happens just
    /// before the file system is asked for permission to write. The store is replayed, and finds no page.
    @Test("How does one task act while another stands still?")
    func standStill() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 8, resident: .all)
        let writer = world.task("writer")
        let other = world.task("other")
        let area = try world.map(file, .readWrite, .shared, in: writer)
        world.start(.write(area, page: 3), in: writer)
        #expect(world.run(until: .stage(writer, "pageFault.callMkwrite")) == .conditionMet)

        world.start(.truncate(file, pages: 0), in: other)
        while world.machine.step(other) {}
        #expect(world.report(of: other).isDone)
        world.run()
        #expect(world.report(of: writer).signal == .bus(.noSuchAddress))
        #expect(world.story(of: writer).counts(minor: 1, exceptions: 2))
    }

    /// `html` is a page for any browser, `svg` is a picture, and `chromeTrace` is for Perfetto.
    @Test("How does one look at a run?")
    func pictures() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(8)))
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), in: task)
        world.start(.read(area, page: 9), in: task)

        let timeline = world.timeline("a cold read") { $0.run() }
        let file = FileManager.default.temporaryDirectory.appending(path: "cold-read-\(UUID()).html")
        try timeline.html.write(to: file, atomically: true, encoding: .utf8)
        print("open \(file.path)")
        #expect(timeline.row(of: task)?.spans(.attempt).count == 2)
    }
}
