import FaultSimulator
import Testing

/// Which slots pages get, what is read ahead by address, and two swap-ins of one slot.
@Suite("Swap slots and the tasks that read them", .timeLimit(.minutes(60)))
struct SwapSlotTests {
    /// A world with swap, and an area of written pages that are all swapped out.
    private static func world(
        _ model: KernelModel, slots: Int, pages: Int, isSynchronous: Bool = false, isRotational: Bool = false
    ) throws -> (world: World, task: TaskID, area: Area) {
        var world = try World(model)
        let disk = world.addDisk(Disk(readLatencyNanoseconds: 1_000_000, writeLatencyNanoseconds: 0))
        try world.addSwap(pages: slots, on: disk, isSynchronous: isSynchronous, isRotational: isRotational)
        let task = world.task()
        let area = try world.map(anonymousPages: pages, in: task)
        try world.perform(.write(area, pages: pages), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        return (world, task, area)
    }

    private static func slots(_ world: World, _ area: Area) -> [Int?] {
        (0..<area.pages).map { page in
            world.machine.swapSlot(of: world.machine.entry(of: area[page], in: area.map))
        }
    }

    @Test(
        "a solid-state device begins with its second cluster, a device that turns with its first slot",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func firstSlots(_ model: KernelModel) throws {
        let solid = try Self.world(model, slots: 1024, pages: 3)
        #expect(Self.slots(solid.world, solid.area) == [512, 513, 514])
        let turning = try Self.world(model, slots: 1024, pages: 3, isRotational: true)
        #expect(Self.slots(turning.world, turning.area) == [1, 2, 3])
    }

    @Test(
        "a page written again gets the next slot in stock, not the one that it gave back",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func nextSlot(_ model: KernelModel) throws {
        var (world, task, area) = try Self.world(model, slots: 1024, pages: 32, isSynchronous: true)
        try world.perform(.write(area, page: 5), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(Self.slots(world, area)[5] == 544)
        // The stock of 64 slots is taken, and one more came back to the processor.
        #expect(world.machine.freeSwapPages == 1024 - 64)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a processor keeps no slots in stock once few are free, until five stocks are (check_cache_active())",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func stockIsGivenBack(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.processors = 1
        var world = try World(model, settings: settings)
        let disk = world.addDisk(Disk(readLatencyNanoseconds: 1_000_000, writeLatencyNanoseconds: 0))
        try world.addSwap(pages: 1024, on: disk, isRotational: false)
        let task = world.task()
        let area = try world.map(anonymousPages: 920, in: task)
        try world.perform(.write(area, pages: 920), in: task)
        func swapOut(_ pages: Range<Int>) throws {
            try world.perform(.madvise(area, .pageOut, page: pages.lowerBound, pages: pages.count), in: task)
        }
        try swapOut(0..<800)
        #expect(world.machine.freeSwapPages == 1024 - 13 * 64)
        // The fifteenth stock leaves fewer than 128 slots free: its other 63 are given back.
        try swapOut(800..<910)
        #expect(world.machine.freeSwapPages == 1024 - 910)
        try swapOut(910..<920)
        #expect(world.machine.freeSwapPages == 1024 - 920)
        try world.perform(.munmap(area, page: 200), in: task)
        #expect(world.machine.freeSwapPages == 1024 - 200)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("more pages than there are slots: every slot is used, and none twice", arguments: [false, true])
    func full(_ isRotational: Bool) throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            let (world, _, area) = try Self.world(model, slots: 700, pages: 800, isRotational: isRotational)
            let slots = Self.slots(world, area).compactMap(\.self)
            #expect(slots.count == 700 && Set(slots).count == 700)
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a page of zeroes is written by Linux 6.1, and noted by 6.12; its swap-in is major in both")
    func zeroes() throws {
        for (model, written) in [(KernelModel.linux6_1, 1), (.linux6_12, 0)] {
            var world = try World(model)
            let disk = world.addDisk(Disk(readLatencyNanoseconds: 1_000_000, writeLatencyNanoseconds: 0))
            try world.addSwap(pages: 64, on: disk, isRotational: false)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.madvise(area, .populateWrite), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            let report = try world.perform(.read(area), in: task)
            #expect(report.majorFaults == 1 && report.outcome.stamp == 0)
            #expect(world.machine.events.pswpout == written && world.machine.events.pswpin == written)
            #expect(world.machine.events.swapZeroIn == 1 - written)
        }
    }

    @Test(
        "a store to a slot that another thread reads past the swap cache waits for a tick, and no order loses it",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func synchronousReads(_ model: KernelModel) throws {
        var (world, first, area) = try Self.world(model, slots: 64, pages: 1, isSynchronous: true)
        let second = world.thread(of: first)
        world.start(.read(area), in: first)
        #expect(world.run(until: .stage(first, "pageFault.swapMap")) == .conditionMet)
        world.start(.write(area), in: second)
        while world.machine.runnableTasks.contains(second) { world.machine.step(second) }
        #expect(world.machine.waitLinks.map(\.cause) == [.timer])
        #expect(world.run() == .finished)
        #expect(world.machine.events.pswpin == 1)
        #expect(world.report(of: second).counters.attempts == (model.swapInMapping == .readOnly ? 2 : 1))
        let stored = world.report(of: second).outcome.stamp
        #expect(world.machine.stamp(of: world.machine.entry(of: area[0], in: area.map).frame) == stored)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("Linux 6.1 waits for a page that is read alone with the lock held, and can't be killed; 6.12 drops the lock")
    func readAlone() throws {
        for (model, isHeld) in [(KernelModel.linux6_1, true), (.linux6_12, false)] {
            var settings = MachineSettings()
            settings.swapReadaheadPages = 1
            var world = try World(model, settings: settings)
            let swap = try world.addSwap(pages: 64, isRotational: false)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.machine.finishHeld(on: swap)
            world.evictSwapCache()
            world.start(.read(area), in: task)
            _ = world.run()
            #expect((world.machine.waitLinks.first?.mmapHeld == .read) == isHeld)
            world.kill(task)
            _ = world.run()
            #expect(world.machine.hasExited(task) != isHeld)
            world.machine.finishHeld(on: swap)
            _ = world.run()
            #expect(world.machine.hasExited(task))
        }
    }

    @Test("tmpfs pages go to swap and come back with their content, without a retry")
    func sharedMemory() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var world = try World(model)
            let disk = world.addDisk(Disk(readLatencyNanoseconds: 1_000_000, writeLatencyNanoseconds: 0))
            try world.addSwap(pages: 1024, on: disk, isRotational: false)
            let file = try world.file(pages: 4, on: .tmpfs, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            let before = try world.perform(.read(area, page: 2), in: task).outcome.stamp
            try world.perform(.madvise(area, .pageOut), in: task)
            #expect(world.machine.swappedPages(of: file) == 4 && world.machine.cachedPages(of: file) == 0)
            let report = try world.perform(.read(area, page: 2), in: task)
            #expect(report.attempts.map(\.result) == [[.major, .locked]])
            #expect(report.outcome.stamp == before)
            #expect(world.machine.swappedPages(of: file) == 3)
            try world.perform(.truncate(file, pages: 1), in: task)
            #expect(world.machine.swappedPages(of: file) == 1)
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("swapoff(2) waits until a page is written before it maps it again")
    func swapOffWaitsForWrites() throws {
        var swap = try SwapWorld(pages: 2)
        try swap.world.perform(.madvise(swap.area, .pageOut), in: swap.task)
        #expect(swap.world.machine.requestsUnderWay.count == 2 && !swap.entry().isPresent)
        let other = swap.world.task()
        swap.world.start(.swapOff(0), in: other)
        #expect(swap.world.run() == .blocked)
        #expect(swap.world.machine.isBusy(other) && !swap.entry().isPresent)
        swap.finishWrites()
        #expect(swap.world.run() == .finished)
        #expect(swap.world.report(of: other).errno == nil && swap.world.machine.swapPages == 0)
        #expect(swap.world.presentPages(of: swap.area) == [0, 1])
        #expect((0..<2).map { swap.world.machine.stamp(of: swap.frame($0)) } == swap.stamps)
        #expect(swap.world.machine.checkInvariants().isEmpty)
    }

    @Test("swapoff(2) passes over a page of tmpfs that is lost, and brings back the one after it")
    func swapOffPassesOverLost() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1000))
        world.machine.addSwap(on: world.addDisk(held: false), pages: 64, isRotational: true)
        let file = try world.file(pages: 2, on: .tmpfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        _ = world.run()
        world.evictSwapCache()
        let first = try #require(world.machine.swapSlot(of: file, at: 0))
        world.machine.breakSwapSlots(first...first)
        #expect(try world.perform(.read(area), in: task).signal == .bus(.noSuchAddress))
        #expect(world.machine.isOnlyInSwap(0, of: file) && world.machine.swappedPages(of: file) == 2)
        #expect(try world.perform(.swapOff(0), in: task).errno == nil)
        #expect(world.residentPages(of: file) == [1] && world.machine.swappedPages(of: file) == 1)
        #expect(try world.perform(.read(area), in: task).signal == .bus(.noSuchAddress))
        #expect(try world.perform(.read(area, page: 1), in: task).signal == nil)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a page of tmpfs that is on its way back from swap is not in memory yet")
    func onlyInSwap() throws {
        var world = try World(.linux6_1)
        let disk = try world.addSwap(pages: 64)
        let file = try world.file(pages: 1, on: .tmpfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(area), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(!world.machine.isOnlyInSwap(0, of: file), "the page is being written, and is still there")
        world.machine.finishHeld(on: disk)
        world.evictSwapCache()
        #expect(world.machine.isOnlyInSwap(0, of: file))
        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        #expect(world.machine.swapCachedPages == 1 && world.machine.isOnlyInSwap(0, of: file))
        world.machine.finishHeld(on: disk)
        #expect(world.run() == .finished)
        #expect(!world.machine.isOnlyInSwap(0, of: file) && world.residentPages(of: file) == [0])
    }

    @Test("swapoff(2) brings all pages back, private ones and those of tmpfs, and the area is gone")
    func swapOff() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var (world, task, area) = try Self.world(model, slots: 1024, pages: 20)
            let file = try world.file(pages: 4, on: .tmpfs, resident: .all)
            let shared = try world.map(file, .readWrite, .shared, in: task)
            try world.perform(.read(shared, pages: 4), in: task)
            try world.perform(.madvise(shared, .pageOut), in: task)
            let child = TaskID(Int(try world.perform(.fork, in: task).value))
            #expect(try world.perform(.swapOff(0), in: child).errno == nil)
            #expect(world.presentPages(of: area).count == 20)
            #expect(world.machine.swappedPages(of: file) == 0 && world.residentPages(of: file).count == 4)
            #expect(world.machine.swapPages == 0 && world.machine.swapCachedPages == 0)
            #expect(try world.perform(.swapOff(0), in: child).errno == .invalid)
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }
}
