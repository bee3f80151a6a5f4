import FaultSimulator
import Testing

/// A world with a swap area whose device waits for the test, and a task with an area of written pages.
struct SwapWorld {
    var world: World
    let swap: DeviceID
    let task: TaskID
    let area: Area
    /// The contents of the pages before they went.
    private(set) var stamps: [UInt32] = []

    init(
        pages: Int = 1, slots: Int = 64, readahead: Int = 8, isSynchronous: Bool = false,
        _ access: Protection = .readWrite
    ) throws {
        var settings = MachineSettings()
        settings.swapReadaheadPages = readahead
        world = try World(.linux6_1, settings: settings)
        swap = try world.addSwap(pages: slots, isSynchronous: isSynchronous)
        task = world.task()
        area = try world.map(anonymousPages: pages, access, in: task)
        try world.perform(.write(area, pages: pages), in: task)
        stamps = (0..<pages).map { world.machine.stamp(of: frame($0)) }
    }

    func frame(_ page: Int) -> FrameNumber { world.machine.entry(of: area[page], in: area.map).frame }

    func entry(_ page: Int = 0) -> PTE { world.machine.entry(of: area[page], in: area.map) }

    var rss: ResidentPages { world.rss(of: task) }

    /// Writes all pages to the swap device, and frees them.
    mutating func swapOut() throws {
        let report = try world.perform(.madvise(area, .pageOut), in: task)
        #expect(report.errno == nil)
        finishWrites()
        world.evictSwapCache()
    }

    mutating func finishWrites() { world.machine.finishHeld(on: swap, reads: false) }

    @discardableResult
    mutating func finishReads() -> Int { world.machine.finishHeld(on: swap, writes: false) }

    /// Lets the task touch a page, and finishes reads until it is done.
    mutating func touch(_ operation: TaskOperation) throws -> OperationReport {
        world.start(operation, in: task)
        var reason = world.run()
        while world.machine.isBusy(task), finishReads() > 0 { reason = world.run() }
        #expect(reason.violations.isEmpty, "\(reason.violations.first?.description ?? "")")
        #expect(!world.machine.isBusy(task))
        return world.report(of: task)
    }
}

@Suite("Swapping out", .timeLimit(.minutes(60)))
struct SwapOutTests {
    @Test("MADV_PAGEOUT turns pages into swap entries at once, and writes them without waiting")
    func pageOut() throws {
        var swap = try SwapWorld(pages: 4)
        let report = try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        #expect(report.errno == nil)
        #expect(swap.rss.anonymous == 0 && swap.rss.swapEntries == 4)
        #expect(swap.world.machine.requestsUnderWay.map(\.kind) == [.write, .write, .write, .write])
        #expect(swap.world.machine.swapCachedPages == 4 && swap.world.machine.freeSwapPages == 60)
        #expect(swap.world.machine.events.pswpout == 4)
        #expect(swap.entry().bits == [.swap, .swapExclusive])

        #expect(swap.world.evictSwapCache() == 0, "a page under writeback stays")
        swap.finishWrites()
        #expect(swap.world.machine.framesInUse == 4)
        #expect(swap.world.evictSwapCache() == 4)
        #expect(swap.world.machine.framesInUse == 0)
        #expect(swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("a page that is still in the swap cache comes back by a minor fault")
    func swapCacheHit() throws {
        var swap = try SwapWorld()
        try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        let report = try swap.world.perform(.read(swap.area), in: swap.task)
        #expect(report.attempts.map(\.result) == [[]])
        #expect(report.minorFaults == 1 && report.majorFaults == 0 && report.counters.pgmajfault == 0)
        #expect(report.outcome.stamp == swap.stamps[0])
        #expect(swap.rss.anonymous == 1 && swap.rss.swapEntries == 0)
        #expect(!swap.entry().isWritable, "a read maps it read-only, though nobody shares it")
    }

    @Test("a clean page of the swap cache goes again without a write")
    func cleanPage() throws {
        var swap = try SwapWorld()
        try swap.swapOut()
        _ = try swap.touch(.read(swap.area))
        try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        #expect(swap.world.machine.events.pswpout == 1)
        #expect(swap.world.machine.framesInUse == 0)
        #expect(swap.rss.swapEntries == 1)
    }

    @Test("on a synchronous device the pages are free when madvise(2) returns")
    func synchronous() throws {
        var swap = try SwapWorld(pages: 3, isSynchronous: true)
        try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        #expect(swap.world.machine.framesInUse == 0 && swap.rss.swapEntries == 3)
        #expect(swap.world.machine.requestsUnderWay.isEmpty)
    }

    @Test("pages that a child maps too, locked areas, and full swap areas are left alone")
    func leftAlone() throws {
        var shared = try SwapWorld()
        try shared.world.perform(.fork, in: shared.task)
        try shared.world.perform(.madvise(shared.area, .pageOut), in: shared.task)
        #expect(shared.rss.anonymous == 1)

        var locked = try SwapWorld()
        try locked.world.perform(.mlock(locked.area), in: locked.task)
        #expect(try locked.world.perform(.madvise(locked.area, .pageOut), in: locked.task).errno == .invalid)
        #expect(try locked.world.perform(.madvise(locked.area, .cold), in: locked.task).errno == .invalid)

        var full = try SwapWorld(pages: 3, slots: 2)
        try full.world.perform(.madvise(full.area, .pageOut), in: full.task)
        #expect(full.rss.anonymous == 1 && full.rss.swapEntries == 2)
        #expect(full.world.machine.checkInvariants().isEmpty)
    }

    @Test("MADV_PAGEOUT drops clean pages of files, and unmaps dirty ones")
    func filePages() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 2, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.read(area), in: task)
        try world.perform(.write(area, page: 1), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(world.residentPages(of: file) == [1])
        #expect(world.presentPages(of: area).isEmpty)
        #expect(world.rss(of: task).file == 0)
    }

    @Test(
        "a dirty page that reclaim has unmapped is marked to go: a fault takes that for the readahead mark, drops its lock",
        arguments: [(KernelModel.linux6_1, 1), (.linux6_12, 0)])
    func dirtyPagesAreMarked(_ model: KernelModel, majorFaults: Int) throws {
        var world = try World(model)
        let file = try world.file(pages: 4, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(area, pages: 3), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        let read = try world.perform(.read(area, page: 1), in: task)
        #expect(read.attempts.map(\.result) == [.retry, .noPage] && read.majorFaults == majorFaults)
        // The mark is gone from that page, and stays on those that fault-around has passed over for it.
        #expect(world.presentPages(of: area) == [1, 3])
        let write = try world.perform(.write(area, page: 2), in: task)
        #expect(write.attempts.map(\.result) == [.retry, model == .linux6_1 ? .locked : [.locked, .completed]])
        // A page that was written loses the mark.
        try world.perform(.fsync(file), in: task)
        #expect(try world.perform(.read(area), in: task).attempts.map(\.result) == [.noPage])
    }

    @Test("unmapping, MADV_DONTNEED, MADV_FREE and exit free the slots", arguments: [0, 1, 2, 3])
    func slotsAreFreed(_ way: Int) throws {
        var swap = try SwapWorld(pages: 2)
        try swap.swapOut()
        switch way {
        case 0: try swap.world.perform(.munmap(swap.area), in: swap.task)
        case 1: try swap.world.perform(.madvise(swap.area, .dontNeed), in: swap.task)
        case 2: try swap.world.perform(.madvise(swap.area, .free), in: swap.task)
        default: try swap.world.perform(.exit, in: swap.task)
        }
        #expect(swap.world.machine.freeSwapPages == 64)
        #expect(swap.world.machine.rss(of: swap.area.map).swapEntries == 0)
        #expect(swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("the last entry of a slot takes the page in the swap cache with it, unless it is being written")
    func cachedPageGoesToo() throws {
        var swap = try SwapWorld()
        try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        var written = swap
        written.finishWrites()
        try written.world.perform(.munmap(written.area), in: written.task)
        #expect(written.world.machine.framesInUse == 0 && written.world.machine.freeSwapPages == 64)

        try swap.world.perform(.munmap(swap.area), in: swap.task)
        #expect(swap.world.machine.framesInUse == 1 && swap.world.machine.freeSwapPages == 63)
        swap.finishWrites()
        #expect(swap.world.evictSwapCache() == 1)
        #expect(swap.world.machine.freeSwapPages == 64)
    }

    @Test("mremap moves swap entries, and mincore counts what the swap cache has")
    func moved() throws {
        var swap = try SwapWorld(pages: 2, readahead: 1)
        try swap.swapOut()
        #expect(try swap.world.perform(.mincore(swap.area.start, pages: 2), in: swap.task).value == 0)
        let target = PageNumber(0x7000)
        let moved = try swap.world.perform(
            .mremap(swap.area.start, pages: 2, newPages: 2, .fixed(target)), in: swap.task)
        #expect(moved.errno == nil)
        let report = try swap.touch(.read(target, pages: 2))
        #expect(report.majorFaults == 2 && report.outcome.stamp == swap.stamps[1])
        #expect(try swap.world.perform(.mincore(target, pages: 2), in: swap.task).value == 2)
    }
}
