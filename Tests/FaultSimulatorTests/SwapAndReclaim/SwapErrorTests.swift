import FaultSimulator
import Testing

/// A world with a swap area that is done at once, and a task.
private struct ErrorWorld {
    var world: World
    let task: TaskID

    init(_ model: KernelModel, slots: Int = 64) throws {
        var settings = MachineSettings()
        settings.swapReadaheadPages = 1
        world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
        task = world.task()
        let disk = world.addDisk(held: false)
        world.machine.addSwap(on: disk, pages: slots, isRotational: true)
    }

    /// Writes the pages of an area and swaps them out: page n is in slot n + 1.
    mutating func swapOut(_ area: Area, pages: Int) throws {
        try world.perform(.write(area, pages: pages), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        _ = world.run()
        world.evictSwapCache()
    }
}

@Suite("Swap that can't be read or written", .timeLimit(.minutes(60)))
struct SwapErrorTests {
    static let kernels = [KernelModel.linux6_1, .linux6_12]

    @Test(
        "a page that could not be read stays in the swap cache: SIGBUS without a read, also when its slot is repaired",
        arguments: kernels)
    func staysCached(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let area = try test.world.map(anonymousPages: 4, in: test.task)
        try test.swapOut(area, pages: 4)
        test.world.machine.breakSwapSlots(2...2)
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).signal == .bus(.noSuchAddress))
        test.world.machine.repairSwapSlots(2...2)
        let reads = test.world.machine.events.pswpin
        let again = try test.world.perform(.write(area, page: 1), in: test.task)
        #expect(again.signal == .bus(.noSuchAddress) && again.attempts.map(\.result) == [.sigbus])
        #expect(test.world.machine.events.pswpin == reads)
        try test.world.perform(.madvise(area, .dontNeed), in: test.task)
        #expect(test.world.machine.swapCachedPages == 0)
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).outcome.stamp == 0)
        #expect(test.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "swapoff over a bad slot succeeds; the page is lost, with one signal up to 6.5 and another since",
        arguments: kernels)
    func swapOff(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let area = try test.world.map(anonymousPages: 4, in: test.task)
        try test.swapOut(area, pages: 4)
        test.world.machine.breakSwapSlots(3...3)
        #expect(try test.world.perform(.swapOff(0), in: test.task).errno == nil)
        #expect(test.world.presentPages(of: area) == [0, 1, 3])
        #expect(test.world.machine.entry(of: area[2], in: area.map).bits.contains(.lost))
        #expect(test.world.rss(of: test.task).swapEntries == 0)
        let report = try test.world.perform(.read(area, page: 2), in: test.task)
        let isMemoryError = model.lostPage == .isMemoryError
        #expect(isMemoryError == (model == .linux6_12))
        #expect(report.attempts.map(\.result) == [isMemoryError ? .hwpoison : .sigbus])
        #expect(report.signal == .bus(isMemoryError ? .memoryError : .noSuchAddress))
        #expect(test.world.machine.checkInvariants().isEmpty)
    }

    @Test("where swap-in needs the mmap lock, a lost page is found lost only under it")
    func lostUnderAreaLock() throws {
        var test = try ErrorWorld(.linux6_4)
        let area = try test.world.map(anonymousPages: 4, in: test.task)
        try test.swapOut(area, pages: 4)
        test.world.machine.breakSwapSlots(3...3)
        #expect(try test.world.perform(.swapOff(0), in: test.task).errno == nil)
        let report = try test.world.perform(.read(area, page: 2), in: test.task)
        #expect(report.attempts.map(\.result) == [.retry, .sigbus])
        #expect(report.counters.areaLockAttempts == 1 && report.counters.mmapReadLocks == 1)
    }

    @Test("a child inherits a lost page; unmapping and MADV_DONTNEED forget it", arguments: kernels)
    func lostPage(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let area = try test.world.map(anonymousPages: 2, in: test.task)
        try test.swapOut(area, pages: 2)
        test.world.machine.breakSwapSlots(1...1)
        try test.world.perform(.swapOff(0), in: test.task)
        let child = TaskID(Int(try test.world.perform(.fork, in: test.task).value))
        let signal = try test.world.perform(.write(area), in: child).signal
        #expect(signal == .bus(model.lostPage == .isMemoryError ? .memoryError : .noSuchAddress))
        #expect(try test.world.perform(.getUserPages(area[0], pages: 1, []), in: test.task).errno == .badAddress)
        try test.world.perform(.madvise(area, .dontNeed), in: test.task)
        #expect(try test.world.perform(.read(area), in: test.task).outcome.stamp == 0)
        try test.world.perform(.munmap(area), in: child)
        #expect(test.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page of tmpfs that could not be read is an error for good, even to be overwritten, until it is cut off",
        arguments: kernels)
    func tmpfs(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let file = try test.world.file(pages: 4, on: .tmpfs)
        let area = try test.world.map(file, .readWrite, .shared, in: test.task)
        try test.swapOut(area, pages: 4)
        #expect(test.world.machine.swappedPages(of: file) == 4)
        test.world.machine.breakSwapSlots(2...2)
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).attempts.last?.result == .sigbus)
        test.world.machine.repairSwapSlots()
        let reads = test.world.machine.events.pswpin
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).signal == .bus(.noSuchAddress))
        #expect(try test.world.perform(.read(file, page: 1), in: test.task).errno == .inputOutput)
        #expect(try test.world.perform(.write(file, 1, pages: 1, from: nil), in: test.task).errno == .inputOutput)
        #expect(test.world.machine.events.pswpin == reads)
        #expect(test.world.machine.swappedRuns(of: file) == [0...3])
        try test.world.perform(.truncate(file, pages: 1), in: test.task)
        try test.world.perform(.truncate(file, pages: 4), in: test.task)
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).outcome.stamp == 0)
        #expect(test.world.machine.checkInvariants().isEmpty)
    }

    @Test("swapoff goes on behind a page of tmpfs that it can't read", arguments: kernels)
    func swapOffTmpfs(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let file = try test.world.file(pages: 4, on: .tmpfs)
        let area = try test.world.map(file, .readWrite, .shared, in: test.task)
        try test.swapOut(area, pages: 4)
        test.world.machine.breakSwapSlots(2...2)
        #expect(try test.world.perform(.swapOff(0), in: test.task).errno == nil)
        #expect(test.world.residentPages(of: file) == [0, 2, 3])
        #expect(try test.world.perform(.read(area, page: 1), in: test.task).signal == .bus(.noSuchAddress))
    }

    @Test("a slot that can't be written keeps its page in the swap cache, where it is found", arguments: kernels)
    func failedWrite(_ model: KernelModel) throws {
        var test = try ErrorWorld(model)
        let area = try test.world.map(anonymousPages: 2, in: test.task)
        try test.world.perform(.write(area, pages: 2), in: test.task)
        let stamp = try test.world.perform(.read(area), in: test.task).outcome.stamp
        test.world.machine.breakSwapSlots(1...1)
        for _ in 0..<2 {
            try test.world.perform(.madvise(area, .pageOut), in: test.task)
            _ = test.world.run()
            test.world.evictSwapCache()
            #expect(test.world.machine.swapCachedPages == 1)
        }
        let report = try test.world.perform(.read(area), in: test.task)
        #expect(report.outcome.stamp == stamp && report.majorFaults == 0)
        #expect(test.world.machine.checkInvariants().isEmpty)
    }
}
