import FaultTestSupport
import Testing

@Suite("Two kernels, or two orders, side by side", .timeLimit(.minutes(60)))
struct ReadersSideBySideTests {
    @Test(
        "the first store to a clean shared page takes a second attempt from 5.5 to 5.19, and in 6.6 to get the mmap lock",
        arguments: Kernels.released)
    func storeByKernel(_ kernel: KernelModel) throws {
        var world = try World(kernel)
        let task = world.task()
        let area = try world.map(world.file(pages: 4, resident: .all), .readWrite, .shared, in: task)
        let report = try world.perform(.write(area, page: 1), in: task)
        // 6.6 tries the area's lock, under which no handler of a file is called before 6.8.
        let twice = kernel == .linux6_6 || Kernels.released(from: .linux5_5, through: .linux5_19).contains(kernel)
        #expect(report.counters.attempts == (twice ? 2 : 1), "\(report)")
        #expect(world.story(of: task).completed == Kernels.released(from: .linux6_1).contains(kernel))
    }

    @Test("whoever makes too many pages dirty is throttled with the mmap lock held up to 5.4, and without it since 5.5")
    func throttling() throws {
        func sleepsHoldingTheLock(_ kernel: KernelModel) throws -> Bool {
            var settings = MachineSettings()
            settings.dirtyLimitPages = 8
            var world = try World(kernel, disk: .latency(.milliseconds(2)), settings: settings)
            let task = world.task("writer")
            let file = try world.file("log", pages: 64, resident: .all)
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(.write(area, pages: 64), in: task)
            let story = world.story { $0.run() }
            #expect(story.story(of: task).succeeded && story.story(of: task).waited(for: .throttle))
            return !story.nobodySleptHoldingTheMmapLock
        }
        #expect(try sleepsHoldingTheLock(.linux5_4))
        #expect(try !sleepsHoldingTheLock(.linux5_5))
        #expect(try !sleepsHoldingTheLock(.linux6_1))
    }

    @Test("a direct read that is under way at a fork is lost up to 6.4, and arrives since direct reads pin, in 6.5")
    func directReads() throws {
        func arrives(_ kernel: KernelModel) throws -> Bool {
            var world = try World(kernel)
            let file = try world.file(pages: 1)
            let task = world.task()
            let worker = world.thread(of: task)
            let buffer = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(buffer), in: task)
            world.start(.directRead(file, into: buffer), in: worker)
            world.run()
            var copy = world
            copy.start(.fork, in: task)
            copy.run()
            copy.start(.write(buffer), in: task)
            copy.run()
            let stored = copy.report(of: task).outcome.stamp
            copy.completeReads()
            copy.run()
            return try copy.perform(.read(buffer), in: task).outcome.stamp != stored
        }
        #expect(try !arrives(.linux6_4))
        #expect(try arrives(.linux6_6))
    }

    @Test("6.19 throws memory away and shows /proc/PID/maps without the mmap lock; 6.12 takes it once for each")
    func withoutTheLock() throws {
        func locks(_ kernel: KernelModel) throws -> [Int] {
            var world = try World(kernel)
            let task = world.task()
            let monitor = world.task("monitor")
            let heap = try world.map(anonymousPages: 4, in: task)
            try world.perform(.write(heap, pages: 4), in: task)
            let thrown = try world.perform(.madvise(heap, .dontNeed), in: task).counters.mmapReadLocks
            return [thrown, try world.perform(.readProcMaps(of: heap), in: monitor).counters.mmapReadLocks]
        }
        #expect(try locks(.linux6_12) == [1, 1])
        #expect(try locks(.linux6_19) == [0, 0])
    }

    @Test(
        "a fault that waits while its area is moved gets SIGSEGV, and the page is read at the new place without a disk")
    func movedMeanwhile() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), .read, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        let mover = world.thread("mover", of: task)
        world.start(.mremap(area, newPages: 64, .fixed(PageNumber(0x10000))), in: mover)
        #expect(world.run() == .blocked && world.report(of: mover).isDone)
        world.completeReads()
        world.run()
        #expect(world.report(of: task).signal == .segv(.notMapped))
        let moved = Area(map: area.map, start: PageNumber(0x10000), pages: 64)
        world.start(.read(moved, page: 9), in: mover)
        #expect(world.run() == .finished)
        #expect(world.story(of: mover).wasMinorOnce)
    }

    @Test("a child of a fork beside a waiting fault has not the page, and takes one minor fault for it")
    func forkBesideAFault() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), .read, named: "log", in: task)
        world.start(.read(area, page: 9), in: task)
        world.run()
        let forker = world.thread("forker", of: task)
        world.start(.fork, in: forker)
        #expect(world.run() == .blocked, "the reader alone still waits")
        let child = TaskID(world.report(of: forker).value)
        world.completeReads()
        world.run()
        #expect(world.present(in: area) == [1...16])
        let copy = world.area(named: "log", in: child)
        #expect(world.present(in: copy) == [])
        try world.perform(.read(copy, page: 9), in: child)
        #expect(world.story(of: child).wasMinorOnce)
    }

    @Test("write(2) from memory that a monitor fills keeps the file's other writer waiting for the round trip")
    func writersBehindAMonitor() throws {
        var world = try World(.linux6_12)
        let task = world.task("restored")
        let other = world.task("other")
        let file = try world.file("log", pages: 8, resident: .all)
        let heap = try world.map(anonymousPages: 4, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(heap, with: descriptor, for: .missing, by: task)
        world.startMonitor(.postCopy(latency: .microseconds(200)), of: descriptor)
        world.start(.write(file, page: 0, from: heap), in: task)
        world.start(.write(file, page: 5), in: other)
        let story = world.story { $0.run() }
        #expect(story.waited(other, behind: task, for: .inodeLock), "\(story)")
        #expect(story.story(of: other).waitedInAll == .microseconds(200), "\(story)")
        #expect(story.nobodyWaited(longerThan: .microseconds(200)))
        #expect(story.nobodySleptHoldingTheMmapLock)
    }
}
