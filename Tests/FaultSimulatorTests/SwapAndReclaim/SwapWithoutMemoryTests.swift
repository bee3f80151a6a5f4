import FaultSimulator
import Testing

/// What happens if there is no memory for a page that comes back from swap.
@Suite("Swapping in without memory", .timeLimit(.minutes(60)))
struct SwapWithoutMemoryTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    /// A world with a swap area that is done at once and reads no page ahead.
    private func world(_ model: KernelModel) throws -> (world: World, task: TaskID) {
        var settings = MachineSettings()
        settings.swapReadaheadPages = 1
        var world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
        let task = world.task()
        try world.addSwap(pages: 64, on: world.addDisk(held: false))
        return (world, task)
    }

    /// Writes all pages of an area, and swaps them out.
    private func swapOut(_ area: Area, _ world: inout World, _ task: TaskID) throws {
        try world.perform(.write(area, pages: area.pages), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.run()
        world.evictSwapCache()
    }

    @Test("swapoff(2) is ENOMEM at the first page without memory, and the area can be used again", arguments: models)
    func swapOff(_ model: KernelModel) throws {
        var (world, task) = try world(model)
        let area = try world.map(anonymousPages: 4, in: task)
        try swapOut(area, &world, task)
        world.machine.failAllocation(at: .swapPage, skipping: 1)
        #expect(try world.perform(.swapOff(0), in: task).errno == .noMemory)
        #expect(world.presentPages(of: area) == [0])
        #expect(world.rss(of: task).swapEntries == 3)
        try swapOut(area, &world, task)
        #expect(world.rss(of: task).swapEntries == 4)
        #expect(try world.perform(.swapOff(0), in: task).errno == nil)
        #expect(world.presentPages(of: area) == [0, 1, 2, 3])
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("swapoff(2) is ENOMEM, too, if the page belongs to a file of tmpfs (shmem_unuse())", arguments: models)
    func swapOffTmpfs(_ model: KernelModel) throws {
        var (world, task) = try world(model)
        let file = try world.file(pages: 4, on: .tmpfs)
        let area = try world.map(file, .readWrite, .shared, in: task)
        try swapOut(area, &world, task)
        world.machine.failAllocation(at: .swapPage, skipping: 1)
        #expect(try world.perform(.swapOff(0), in: task).errno == .noMemory)
        #expect(world.residentPages(of: file) == [0])
        #expect(try world.perform(.swapOff(0), in: task).errno == nil)
        #expect(world.residentPages(of: file) == [0, 1, 2, 3])
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page of tmpfs that finds no memory is ENOMEM for read(2), and for a fault OOM, not SIGBUS",
        arguments: models)
    func tmpfs(_ model: KernelModel) throws {
        var (world, task) = try world(model)
        let file = try world.file(pages: 2, on: .tmpfs)
        let area = try world.map(file, .readWrite, .shared, in: task)
        try swapOut(area, &world, task)
        world.machine.failAllocation(at: .swapPage)
        #expect(try world.perform(.read(file, page: 0), in: task).errno == .noMemory)
        #expect(try world.perform(.read(file, page: 0), in: task).errno == nil)
        world.machine.failAllocation(at: .swapPage)
        let report = try world.perform(.read(area, page: 1), in: task)
        #expect(report.attempts.first?.result == .oom)
        #expect(report.signal == nil)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("the read(2) that finds a page of tmpfs unreadable in swap is EIO, as all later ones", arguments: models)
    func unreadable(_ model: KernelModel) throws {
        var (world, task) = try world(model)
        let file = try world.file(pages: 2, on: .tmpfs)
        let area = try world.map(file, .readWrite, .shared, in: task)
        try swapOut(area, &world, task)
        world.machine.breakSwapSlots(2...2)
        for _ in 0..<2 { #expect(try world.perform(.read(file, page: 1), in: task).errno == .inputOutput) }
        #expect(try world.perform(.read(file, page: 0), in: task).errno == nil)
    }

    /// `mincore_pte_range()`: an entry for a lost page is a swap entry of its own kind up to 6.1, which counts as
    /// uptodate. Since 6.2 it is a marker, like no entry.
    @Test("mincore(2) counts a page that was lost up to Linux 6.1, and no longer since it is marked as lost")
    func lostPageInCore() throws {
        for (model, pages) in [(KernelModel.linux6_1, 4), (.linux6_12, 3)] {
            var (world, task) = try world(model)
            let area = try world.map(anonymousPages: 4, in: task)
            try swapOut(area, &world, task)
            world.machine.breakSwapSlots(3...3)
            #expect(try world.perform(.swapOff(0), in: task).errno == nil)
            #expect(world.presentPages(of: area) == [0, 1, 3])
            #expect(try world.perform(.mincore(area), in: task).value == pages, "\(model.name)")
        }
    }
}
