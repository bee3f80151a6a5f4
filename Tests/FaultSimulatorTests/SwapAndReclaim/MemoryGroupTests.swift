import FaultSimulator
import Testing

@Suite("Memory groups", .timeLimit(.minutes(60)))
struct MemoryGroupTests {
    static let models: [KernelModel] = [.linux6_1, .linux6_12]

    private func world(
        _ model: KernelModel, limit: Int, swapLimit: Int = .max, swap: Int = 1024
    ) throws -> (World, TaskID) {
        var world = try World(model, disk: .latency(nanoseconds: 1000))
        if swap > 0 {
            let disk = world.addDisk(Disk(readLatencyNanoseconds: 1000, writeLatencyNanoseconds: 0))
            try world.addSwap(pages: swap, on: disk, isRotational: false)
        }
        let task = world.task()
        try world.addMemoryGroup(limit: limit, swapLimit: swapLimit)
        world.machine.isChecking = true
        return (world, task)
    }

    private func check(_ world: World, _ place: SourceLocation = #_sourceLocation) {
        #expect(world.machine.checkInvariants().isEmpty, sourceLocation: place)
        #expect(world.machine.violations.isEmpty, sourceLocation: place)
    }

    @Test(
        "the page beyond the limit pushes 16 of 64 to swap with two lists, and all with generations", arguments: models)
    func limitIsKept(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let area = try world.map(anonymousPages: 160, in: task)
        for page in 0..<64 { try world.perform(.write(area, page: page), in: task) }
        #expect(world.machine.memoryGroup?.charged == 64 && world.machine.memoryGroup?.swapCharged == 0)
        world.machine.drainPageBatches()
        try world.perform(.write(area, page: 64), in: task)
        let swapped = model == .linux6_1 ? 16 : 64
        #expect(world.machine.memoryGroup?.charged == 65 - swapped)
        #expect(world.machine.memoryGroup?.swapCharged == swapped)
        #expect(world.machine.events.pswpout == swapped)
        #expect(world.machine.memoryGroup?.events.limitReached == 1)
        check(world)
    }

    @Test("advice finds pages that a processor still has on their way to the lists", arguments: models)
    func advisesNewPages(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let area = try world.map(anonymousPages: 8, in: task)
        try world.perform(.write(area, pages: 8), in: task)
        try world.perform(.madvise(area, .pageOut, pages: 4), in: task)
        #expect(world.machine.events.pswpout == 4 && world.machine.memoryGroup?.charged == 4)
        #expect(world.presentPages(of: area) == [4, 5, 6, 7])
        try world.perform(.madvise(area, .free, page: 4, pages: 4), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(world.machine.events.pglazyfreed == 4 && world.machine.memoryGroup?.charged == 0)
        check(world)
    }

    @Test(
        "from 6.12 on, slots of neighbouring entries that are removed together are free at once, others go to a stock",
        arguments: models, [Advice.dontNeed, .free])
    func removedRuns(_ model: KernelModel, _ advice: Advice) throws {
        for (pages, stays) in [(8, model == .linux6_1 ? 8 : 0), (1, 1)] {
            var (world, task) = try world(model, limit: 64)
            let area = try world.map(anonymousPages: 8, in: task)
            try world.perform(.write(area, pages: 8), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            #expect(world.machine.memoryGroup?.swapCharged == 8)
            try world.perform(.madvise(area, advice, pages: pages), in: task)
            #expect(world.machine.memoryGroup?.swapCharged == 8 - pages + stays, "\(pages) pages")
            check(world)
        }
    }

    @Test("a run of swap entries goes through the stock if one of its slots has a second entry")
    func sharedRun() throws {
        var (world, task) = try world(.linux6_12, limit: 64)
        let area = try world.map(anonymousPages: 8, in: task)
        try world.perform(.write(area, pages: 8), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        let child = try world.fork(task)
        try world.perform(.madvise(area, .dontNeed, page: 4, pages: 1), in: child)
        try world.perform(.madvise(area, .dontNeed), in: task)
        #expect(
            world.machine.memoryGroup?.swapCharged == 8, "the slot of page 4 is in the stock, the child has the others")
        check(world)
    }

    @Test("what was there before is not charged, and what is freed is charged no more", arguments: models)
    func charges(_ model: KernelModel) throws {
        var world = try World(model, disk: .latency(nanoseconds: 1000))
        let file = try world.file(pages: 8, resident: .all)
        let task = world.task()
        let area = try world.map(anonymousPages: 200, in: task)
        try world.perform(.write(area, pages: 50), in: task)
        try world.addMemoryGroup(limit: 100)
        #expect(world.machine.memoryGroup?.charged == 0)
        try world.perform(.write(area, page: 100, pages: 20), in: task)
        let mapped = try world.map(file, in: task)
        try world.perform(.read(mapped, pages: 8), in: task)
        #expect(world.machine.memoryGroup?.charged == 20)
        #expect(world.machine.memoryGroup?.stock == 44)
        try world.perform(.munmap(area), in: task)
        #expect(world.machine.memoryGroup?.charged == 0)
        check(world)
    }

    @Test("without swap the task itself is killed, and its fault returns OOM", arguments: models)
    func outOfMemory(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 16, swapLimit: 0)
        let area = try world.map(anonymousPages: 32, in: task)
        world.start(.write(area, pages: 32), in: task)
        #expect(world.run() == .finished)
        #expect(world.report(of: task).attempts.last?.result == .oom)
        #expect(world.report(of: task).minorFaults == 16 && world.machine.hasExited(task))
        #expect(world.machine.memoryGroup?.events.outOfMemory == 1 && world.machine.events.oomKill == 1)
        #expect(world.machine.memoryGroup?.charged == 0)
        check(world)
    }

    @Test("a larger process is killed in the place of the one whose fault found no room", arguments: models)
    func largerProcessDies(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 32, swap: 0)
        let hog = world.task()
        let large = try world.map(anonymousPages: 24, in: hog)
        let small = try world.map(anonymousPages: 16, in: task)
        try world.perform(.write(large, pages: 24), in: hog)
        let report = try world.perform(.write(small, pages: 16), in: task)
        #expect(report.minorFaults == 16 && report.signal == nil)
        #expect(world.machine.hasExited(hog) && world.machine.memoryGroup?.events.outOfMemory == 1)
        check(world)
    }

    @Test("locked pages are not reclaimed, and are again when they are unlocked", arguments: models)
    func lockedPages(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let area = try world.map(anonymousPages: 200, in: task)
        try world.perform(.mlock(area.start, pages: 40), in: task)
        try world.perform(.write(area, page: 40, pages: 60), in: task)
        #expect(world.rss(of: task).anonymous >= 40)
        #expect((0..<40).allSatisfy { world.machine.entry(of: area.start + $0, in: area.map).isPresent })
        try world.perform(.munlock(area.start, pages: 40), in: task)
        try world.perform(.write(area, page: 100, pages: 100), in: task)
        #expect((0..<40).contains { !world.machine.entry(of: area.start + $0, in: area.map).isPresent })
        check(world)
    }

    @Test("lowering the limit reclaims down to it; memory.reclaim says EAGAIN where it can't", arguments: models)
    func lowered(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 128)
        let area = try world.map(anonymousPages: 100, in: task)
        try world.perform(.write(area, pages: 100), in: task)
        world.machine.setMemoryLimit(30)
        #expect((world.machine.memoryGroup?.charged ?? 99) <= 30)
        #expect(world.machine.reclaimFromMemoryGroup(200) == .tryAgain)
        #expect(world.machine.memoryGroup?.charged == 0)
        #expect(world.machine.reclaimFromMemoryGroup(0) == nil)
        check(world)
    }

    @Test("a limit below what is locked kills, and counts twice that there is no room", arguments: models)
    func loweredBelowLocked(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 128)
        let area = try world.map(anonymousPages: 40, in: task)
        try world.perform(.mlock(area.start, pages: 40), in: task)
        world.machine.setMemoryLimit(8)
        #expect(world.machine.memoryGroup?.events.outOfMemory == 2)
        #expect(world.machine.isOOMVictim(task) && world.machine.events.oomKill == 1)
        check(world)
    }

    @Test("swap beyond its own limit is not to be had, and pages stay in memory", arguments: models)
    func swapLimit(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 128, swapLimit: 10)
        let area = try world.map(anonymousPages: 100, in: task)
        try world.perform(.write(area, pages: 100), in: task)
        world.machine.reclaimFromMemoryGroup(50)
        // With generations, memory is not swapped at all where fewer than 64 slots are left.
        #expect(world.machine.memoryGroup?.swapCharged == (model == .linux6_1 ? 10 : 0))
        check(world)
    }

    @Test("a fork of the world is charged by itself, and equal groups have equal fingerprints", arguments: models)
    func forks(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let area = try world.map(anonymousPages: 160, in: task)
        try world.perform(.write(area, pages: 60), in: task)
        var branch = world
        try branch.perform(.write(area, page: 60, pages: 40), in: task)
        #expect(branch != world && branch.machine.memoryGroup != world.machine.memoryGroup)
        try world.perform(.write(area, page: 60, pages: 40), in: task)
        #expect(branch == world && branch.machine.fingerprint == world.machine.fingerprint)
        check(world)
    }

    @Test("pages of files are reclaimed and come back as refaults; aging takes the mmap lock (6.12)", arguments: models)
    func files(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 96, swap: 0)
        let file = try world.file(pages: 256)
        let area = try world.map(file, in: task)
        let locks = world.machine.counters(of: task).mmapReadLocks
        for page in stride(from: 0, to: 256, by: 32) { try world.perform(.read(area, page: page), in: task) }
        try world.perform(.read(area, page: 0), in: task)
        #expect(world.machine.events.workingsetRefaultFile == 32)
        #expect((world.machine.memoryGroup?.charged ?? 0) <= 96)
        #expect(world.machine.counters(of: task).mmapReadLocks > locks)
        check(world)
    }

    @Test("read(2) has used a page before it copies it: reclaim during the copy finds it in use", arguments: models)
    func usedBeforeTheCopy(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let file = try world.file(pages: 4)
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.mprotect(area, []), in: task)
        #expect(try world.perform(.read(file, page: 2, into: area), in: task).errno == .badAddress)
        let frame = try #require(world.machine.cachedFolio(at: 2, of: file))
        #expect(world.machine.flags(of: frame).contains(.referenced))
        check(world)
    }

    /// Touches pages one by one, with empty batches before each.
    private func touch(
        _ pages: Range<Int>, of area: Area, writing: Bool = true, by task: TaskID, in world: inout World
    ) throws {
        for page in pages {
            world.machine.drainPageBatches()
            try world.perform(writing ? .write(area, page: page) : .read(area, page: page), in: task)
        }
    }

    @Test("pages that MADV_PAGEOUT swapped out come back as active pages of their group (6.1)")
    func pagedOutComeBack() throws {
        var (world, task) = try world(.linux6_1, limit: 64)
        let area = try world.map(anonymousPages: 200, in: task)
        try touch(0..<60, of: area, by: task, in: &world)
        try world.perform(.madvise(area, .pageOut, pages: 40), in: task)
        try touch(60..<90, of: area, by: task, in: &world)
        try touch(0..<6, of: area, writing: false, by: task, in: &world)
        try touch(104..<114, of: area, by: task, in: &world)
        // As recorded. If they were inactive, the pages 40 to 55 would go.
        #expect(world.presentPages(of: area) == Array(1..<6) + Array(51..<90) + Array(104..<114))
        check(world)
    }

    @Test("in 6.12, a page that others brought in is no refault when it comes back to a group", arguments: models)
    func residentComesBack(_ model: KernelModel) throws {
        var world = try World(model, disk: .latency(nanoseconds: 1000))
        let file = try world.file(pages: 8, resident: .all)
        let task = world.task()
        try world.addMemoryGroup(limit: 64)
        let area = try world.map(file, in: task)
        try world.perform(.read(area, pages: 8), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        #expect(world.machine.cachedPages(of: file) == 0)
        try world.perform(.read(area, pages: 8), in: task)
        #expect(world.machine.memoryGroup?.charged == 8)
        #expect(world.machine.events.workingsetRefaultFile == (model == .linux6_1 ? 8 : 0))
        check(world)
    }

    @Test("readahead that reclaims leaves dirty pages of tmpfs in memory; a fault swaps them out", arguments: models)
    func readaheadKeepsDirty(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let shared = try world.map(try world.file(pages: 64, on: .tmpfs), .readWrite, .shared, in: task)
        let mapped = try world.map(try world.file(pages: 128), in: task)
        let memory = try world.map(anonymousPages: 64, in: task)
        try touch(0..<40, of: shared, by: task, in: &world)
        for page in [0, 40, 80] {
            world.machine.drainPageBatches()
            try world.perform(.read(mapped, page: page), in: task)
        }
        #expect(world.machine.memoryGroup?.events.limitReached != 0, "pages were reclaimed")
        #expect(world.machine.events.pswpout == 0)
        try touch(0..<64, of: memory, by: task, in: &world)
        #expect(world.machine.events.pswpout > 0)
        check(world)
    }

    @Test("readahead from swap reads back a neighbour that its own charges have swapped out", arguments: models)
    func readaheadMeetsItsReclaim(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 24)
        let area = try world.map(anonymousPages: 64, in: task)
        try touch(0..<40, of: area, by: task, in: &world)
        try touch(0..<4, of: area, writing: false, by: task, in: &world)
        #expect(world.machine.events.pswpin == 5)
        #expect(world.machine.entry(of: area.start + 24, in: area.map).isPresent)
        // The window is 17 to 24. Of these, 24 is swapped out while the first ones are charged.
        try touch(20..<24, of: area, writing: false, by: task, in: &world)
        #expect(world.machine.events.pswpin == 13)
        check(world)
    }

    @Test("in 6.12, pages swapped in to locked memory can be reclaimed until reclaim looks at them", arguments: models)
    func lockedComeBack(_ model: KernelModel) throws {
        var (world, task) = try world(model, limit: 64)
        let area = try world.map(anonymousPages: 8, in: task)
        try world.perform(.write(area, pages: 8), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        try world.perform(.mlock(area.start, pages: 8), in: task)
        #expect(world.machine.events.pgscan == 0)
        #expect(world.machine.reclaimFromMemoryGroup(1) == .tryAgain)
        let seen = world.machine.events.pgscan
        #expect(model == .linux6_1 ? seen == 0 : seen == 8)
        #expect(world.machine.reclaimFromMemoryGroup(1) == .tryAgain)
        #expect(world.machine.events.pgscan == seen, "they are in the list of locked pages now")
        #expect(world.presentPages(of: area).count == 8)
        check(world)
    }

    @Test("reclaim ends with the pass that has freed as many pages as are wanted, exactly 32 (do_try_to_free_pages())")
    func freesWhatIsWanted() throws {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1000), settings: settings)
        let task = world.task()
        try world.addMemoryGroup(limit: 4400)
        let file = try world.file(pages: 4500)
        try world.perform(.read(file, page: 0, pages: 4400), in: task)
        world.machine.drainPageBatches()
        #expect(world.machine.memoryGroup?.charged == 4400)
        // The passes look at 1, 2, 4, 8 and 17 pages: a part of the list that is twice as large each time.
        try world.perform(.read(file, page: 4400), in: task)
        #expect(world.machine.memoryGroup?.charged == 4401 - 32)
        check(world)
    }

    @Test("limits that make no sense are refused")
    func refusals() throws {
        var world = try World(.linux6_1)
        #expect(throws: WorldError.self) { try world.addMemoryGroup(limit: 0) }
        #expect(throws: WorldError.self) { try world.addMemoryGroup(limit: 1, swapLimit: -1) }
        try world.addMemoryGroup(limit: 1)
        #expect(throws: WorldError.self) { try world.addMemoryGroup(limit: 1) }
        var settings = MachineSettings()
        settings.frameLimit = 16
        var limited = try World(.linux6_1, settings: settings)
        #expect(throws: WorldError.self) { try limited.addMemoryGroup(limit: 1) }
    }
}
