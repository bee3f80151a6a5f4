import FaultTestSupport
import Testing

@Suite("A database asks: latency, readahead and advice", .timeLimit(.minutes(60)))
struct ReadersMappedFileTests {
    @Test("a read of a cached page waits behind a mapper for another's disk in 2.6.36, for all of its 8 ms; not in 6.1")
    func latencyBehindAMapper() throws {
        func wait(_ kernel: KernelModel) throws -> Duration {
            var world = try World(kernel, disk: .latency(.milliseconds(8)))
            let cold = world.task("cold")
            let hot = world.thread("hot", of: cold)
            let mapper = world.thread("mapper", of: cold)
            let table = try world.map(world.file("table", pages: 64), .read, in: cold)
            let index = try world.map(world.file("index", pages: 4, resident: .all), .read, in: cold)
            world.start(.read(table, page: 9), in: cold)
            world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
            world.start(.read(index, page: 2), in: hot)
            return world.story { $0.run() }.story(of: hot).waitedInAll
        }
        #expect(try wait(.linux2_6_36) == .milliseconds(8))
        #expect(try wait(.linux6_1) == .zero)
    }

    @Test("a scan of 256 mapped pages in order reads 8 windows of 32 and misses once; random advice reads 256 alone")
    func scan() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let task = world.task("scan")
        let file = try world.file("table", pages: 256)
        let area = try world.map(file, .read, in: task)
        var random = world

        let inOrder = try world.perform(.read(area, pages: 256), in: task)
        #expect(inOrder.counters.pgmajfault == 1, "what readahead has asked for is no miss")
        // The first page, the mark on page 24, and the first page of each of the windows after.
        #expect(inOrder.majorFaults == 9)
        // Two windows are under way at a time, since the mark of a window is on its first page.
        #expect(world.elapsed == .milliseconds(5), "nothing is computed between two touches")

        try random.perform(.madvise(area, .random), in: task)
        let alone = try random.perform(.read(area, pages: 256), in: task)
        #expect(alone.counters.pgmajfault == 256 && alone.majorFaults == 256)
        #expect(random.elapsed == .milliseconds(256))
    }

    @Test("read(2) of single pages in order: 4 pages, then 8 behind them; of two far pages: each alone")
    func readCalls() throws {
        var world = try World(.linux6_1)
        let file = try world.file("table", pages: 256)
        let task = world.task()
        try world.perform(.read(file, page: 0), in: task)
        #expect(world.resident(of: file) == [0...3])
        try world.perform(.read(file, page: 1), in: task)
        world.completeReads()
        #expect(world.resident(of: file) == [0...11])

        var far = try World(.linux6_1)
        let other = try far.file("table", pages: 256)
        let reader = far.task()
        try far.perform(.read(other, page: 100), in: reader)
        try far.perform(.read(other, page: 50), in: reader)
        #expect(far.resident(of: other) == [50, 100])
    }

    @Test("MADV_DONTNEED: memory comes back as zeroes, a file's page from the cache, by one minor fault each")
    func dontNeed() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let heap = try world.map(anonymousPages: 2, in: task)
        let mapped = try world.map(world.file("table", pages: 2, resident: .all), .read, in: task)
        try world.perform(.write(heap, page: 0), in: task)
        let stamp = try world.perform(.read(mapped, page: 0), in: task).outcome.stamp
        try world.perform(.madvise(heap, .dontNeed), in: task)
        try world.perform(.madvise(mapped, .dontNeed), in: task)
        #expect(world.present(in: heap) == [] && world.present(in: mapped) == [])

        #expect(try world.perform(.read(heap, page: 0), in: task).outcome.stamp == 0)
        #expect(world.story(of: task).wasMinorOnce)
        #expect(try world.perform(.read(mapped, page: 0), in: task).outcome.stamp == stamp)
        #expect(world.story(of: task).wasMinorOnce)
    }

    @Test("MADV_FREE: the pages stay until memory is short, and then go without being swapped out")
    func free() throws {
        var world = try World(.linux6_1)
        try world.addSwap(pages: 256, isSynchronous: true)
        let task = world.task()
        try world.addMemoryGroup(limit: 64)
        let cache = try world.map(anonymousPages: 32, in: task)
        let heap = try world.map(anonymousPages: 48, in: task)
        try world.perform(.write(cache, pages: 32), in: task)
        try world.perform(.madvise(cache, .free), in: task)
        #expect(world.present(in: cache) == [0...31])
        try world.perform(.write(heap, pages: 48), in: task)
        #expect(world.machine.events.pswpout == 0)
        #expect(world.present(in: heap) == [0...47])
        let freed = 32 - world.present(in: cache).count
        #expect(freed >= 16 && world.machine.events.pglazyfreed == freed)
    }

    @Test("MADV_WILLNEED starts the read and comes back; a touch when it is done is minor and does not sleep")
    func willNeed() throws {
        var world = try World(.linux6_1)
        let file = try world.file("table", pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.start(.madvise(area, .willNeed), in: task)
        #expect(world.run() == .finished)
        #expect(world.machine.requestsUnderWay.map(\.pages).reduce(0, +) == 64)
        world.completeReads()
        #expect(world.resident(of: file) == [0...63])
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .finished)
        #expect(world.story(of: task).wasMinorOnce)
    }

    @Test("mlock(2) of a cold file reads it all and counts minor faults; afterwards no touch takes an exception")
    func lockInMemory() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file("table", pages: 64), .read, in: task)
        let report = try world.perform(.mlock(area), in: task)
        // Pages 0, 16, 17, the marks on 24 and 32, 33, 49; nothing is TRIED, so nothing is major.
        #expect(report.counters.exceptions == 0 && report.majorFaults == 0 && report.minorFaults == 7, "\(report)")
        #expect(world.present(in: area) == [0...63])
        try world.perform(.read(area, pages: 64), in: task)
        #expect(world.story(of: task).counts(minor: 0, major: 0, exceptions: 0))
    }
}
