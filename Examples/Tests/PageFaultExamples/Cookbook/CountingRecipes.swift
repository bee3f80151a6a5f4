import FaultTestSupport
import Testing

@Suite("Cookbook: counting", .timeLimit(.minutes(60)))
struct CountingRecipes {
    /// `perform` lets the disk finish by itself. The report has each attempt, with its flags and its result.
    @Test("How often does a cold read retry, and how does it count?")
    func coldRead() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)

        let report = try world.perform(.read(area, page: 9), in: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(world.story(of: task).retriedOnce)
        #expect(world.story(of: task).counts(minor: 0, major: 1, exceptions: 1, attempts: 2))
    }

    /// A kernel is an argument like any other. A task that reads a page from the disk counts a major fault under all
    /// kernels. A second thread finds the page under I/O. It counts a major fault from 5.9 on, where a retry is major,
    /// until 6.8, where it waits under the lock of its area.
    @Test(
        "Is it major or minor under kernel X?",
        arguments: Kernels.released)
    func majorOrMinor(_ kernel: KernelModel) throws {
        var world = try World(kernel)
        let reader = world.task("reader")
        let second = world.thread("second", of: reader)
        let area = try world.map(world.file("log", pages: 64), in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.read(area, page: 9), in: second)
        world.run()
        world.completeReads()
        world.run()

        let retryIsMajor = Kernels.released(from: .linux5_9, through: .linux6_6).contains(kernel)
        #expect(world.story(of: reader).wasMajorOnce)
        #expect(world.story(of: second).counts(major: retryIsMajor ? 1 : 0), "\(kernel)")
    }

    /// Stores to tmpfs need no writeback, so one attempt does everything. Since 6.0 it returns `COMPLETED`, with the
    /// lock released.
    @Test("Does the first store to a shared page complete in one attempt?")
    func completes() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 8, on: .tmpfs), .readWrite, .shared, in: task)

        try world.perform(.write(area, page: 3), in: task)
        #expect(world.story(of: task).completed)
        #expect(world.story(of: task).wasMinorOnce)
    }

    /// Fault-around looks at a window of 16 pages and maps those that are cached. The window begins at the last page
    /// address that is a multiple of 16, or at the beginning of the area if that is later. This area begins one page
    /// below a multiple of 16; `MapRequest.placement` chooses where an area begins.
    @Test("How many pages does one fault map?")
    func faultAround() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64, resident: .pages([0...20, 25...25]))
        let task = world.task()
        let area = try world.map(file, in: task)

        try world.perform(.read(area, page: 19), in: task)
        #expect(world.present(in: area) == [17...20, 25])
    }

    /// To see what was read ahead, look at the page cache or at the requests under way, not at what was touched.
    @Test("How far does a fault read ahead, and what does MADV_RANDOM change?")
    func readahead() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 256)
        let task = world.task()
        let area = try world.map(file, in: task)
        var random = world

        world.start(.read(area, page: 40), in: task)
        world.run()
        #expect(world.machine.requestsUnderWay.map(\.pages) == [32])
        world.completeReads()
        world.run()
        #expect(world.resident(of: file) == [24...55])

        try random.perform(.madvise(area, .random), in: task)
        try random.perform(.read(area, page: 40), in: task)
        #expect(random.resident(of: file) == [40])
    }

    /// The counters of the machine are those of `/proc/vmstat`. A task has its share of them. `differences(from:)` says
    /// what changed. Each attempt counts in `pgfault`, so a fault that was retried once counts twice.
    @Test("What did one operation change in /proc/vmstat?")
    func vmstat() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)
        let before = world.machine.events

        try world.perform(.read(area), in: task)
        #expect(world.machine.events.differences(from: before) == ["pgfault: 0 -> 2", "pgmajfault: 0 -> 1"])
    }

    /// `MAP_POPULATE` and `MADV_POPULATE_READ` take no exceptions: the kernel calls `handle_mm_fault()` itself. The
    /// task still counts minor faults. None of these attempts is `TRIED`, so mlock(2) and `MADV_POPULATE_READ` of a
    /// file count no major fault, although they read from the disk.
    @Test("Do MAP_POPULATE and MADV_POPULATE_READ count faults?")
    func populate() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 8, in: task)

        try world.perform(.madvise(area, .populateWrite), in: task)
        #expect(world.present(in: area) == [0...7])
        #expect(world.story(of: task).counts(minor: 8, major: 0, exceptions: 0, attempts: 8))
    }

    /// A window of 32 pages is read around the miss, with a readahead mark on page 24. A fault on a marked page starts
    /// to read the next window, so two windows are under way. `pgmajfault` counts misses. A fault that drops the lock
    /// at a marked page, or that waits for a page, also counts as a major fault of the task.
    @Test("How often does a scan of a mapped file wait?")
    func scan() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let task = world.task("scan")
        let area = try world.map(world.file("table", pages: 256), .read, in: task)

        let report = try world.perform(.read(area, pages: 256), in: task)
        #expect(report.counters.pgmajfault == 1)
        #expect(report.majorFaults == 9, "page 0, the mark on 24, and 32, 64, ... 224")
        #expect(world.elapsed == .milliseconds(5))
    }

    /// The first miss, at the beginning of the file, reads 4 pages. The mark among them makes the next read fetch 8
    /// more, then 16, then 32. A miss elsewhere reads only the pages that were asked for.
    @Test("How far does read(2) read ahead?")
    func readAhead() throws {
        var world = try World(.linux6_1)
        let file = try world.file("table", pages: 256)
        let task = world.task()

        try world.perform(.read(file, page: 0), in: task)
        #expect(world.resident(of: file) == [0...3])
        try world.perform(.read(file, page: 1), in: task)
        try world.perform(.read(file, page: 100), in: task)
        world.completeReads()
        #expect(world.resident(of: file) == [0...11, 100])
    }

    /// A stamp stands for the contents of a page. Equal stamps mean equal contents, so a test sees what a program would
    /// read.
    @Test("Who sees whose data after a private store?")
    func contents() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        let (one, two) = (world.task(), world.task())
        let mine = try world.map(file, .readWrite, .private, in: one)
        let theirs = try world.map(file, .readWrite, .shared, in: two)

        let original = try world.perform(.read(theirs), in: two).outcome.stamp
        try world.perform(.write(mine), in: one)
        #expect(try world.perform(.read(mine), in: one).outcome.stamp != original)
        #expect(try world.perform(.read(theirs), in: two).outcome.stamp == original)
    }
}
