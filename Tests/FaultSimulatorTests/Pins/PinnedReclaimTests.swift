import FaultSimulator
import Testing

@Suite("Reclaim and pins", .timeLimit(.minutes(60)))
struct PinnedReclaimTests {
    private func world(_ model: KernelModel, frames: Int = .max) throws -> World {
        var settings = MachineSettings()
        settings.frameLimit = frames
        settings.swapReadaheadPages = 1
        settings.readaheadPages = 0
        settings.faultAroundPages = 1
        var world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
        try world.addSwap(pages: 32, held: false)
        return world
    }

    @Test(
        "MADV_PAGEOUT leaves a pinned page where it is from 5.11 on; before, it was unmapped, and waited in the swap cache",
        arguments: [
            (.linux5_7, false), (.linux5_10, false), (.linux5_15, true), (.linux5_19, true), (.linux6_1, true),
            (.linux6_12, true),
        ] as [(KernelModel, Bool)])
    func pageOut(_ kernel: (model: KernelModel, stays: Bool)) throws {
        var world = try world(kernel.model)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let id = try world.pin(area, pages: 1, in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.run()
        #expect(world.presentPages(of: area) == (kernel.stays ? [0] : []))
        #expect(world.machine.events.pswpout == 1, "who is held is not written: is_page_cache_freeable()")
        #expect(world.machine.swapCachedPages == (kernel.stays ? 1 : 2), "the other page is kept until it is reclaimed")
        // It is the same page still.
        world.machine.writeByDevice(99, to: id, page: 0)
        #expect(try world.perform(.read(area), in: task).outcome.stamp == 99)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page that was truncated and that a pin alone holds is not written to swap: it is in no cache",
        arguments: [KernelModel.linux5_9, .linux6_1, .linux6_12], [false, true])
    func orphan(_ model: KernelModel, _ hasGroup: Bool) throws {
        var settings = MachineSettings()
        settings.frameLimit = hasGroup ? .max : 12
        settings.readaheadPages = 0
        var world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
        // A group's reclaim waits for no write.
        let disk = world.addDisk(Disk(readLatencyNanoseconds: 1000, writeLatencyNanoseconds: 0))
        try world.addSwap(pages: 256, on: disk, isRotational: false)
        let task = world.task()
        let pages = hasGroup ? 100 : 20
        if hasGroup { try world.addMemoryGroup(limit: 64) }
        let file = try world.file(pages: 2, on: .tmpfs)
        let mapped = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(mapped, pages: 2), in: task)
        let id = try world.pin(mapped, pages: 2, [.get, .write], in: task)
        try world.perform(.truncate(file, pages: 0), in: task)
        let frames = try #require(world.machine.pagePin(id)?.frames)
        let area = try world.map(anonymousPages: pages, in: task)
        for _ in 0..<2 { try world.perform(.write(area, pages: pages), in: task) }
        #expect(world.machine.events.pswpout > 8)
        for frame in frames { #expect(!world.machine.flags(of: frame).contains(.writeback)) }
        try world.perform(.unpin(id, makesDirty: true), in: task)
        try world.perform(.write(area, pages: pages), in: task)
        #expect(world.machine.events.oomKill == 0 && world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page that is only referenced is unmapped, stays in the swap cache unwritten, and comes back as the same page"
    )
    func referenced() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var world = try world(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            let id = try world.pin(area, [.get, .write], in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.run()
            #expect(world.presentPages(of: area).isEmpty && world.machine.events.pswpout == 0)
            #expect(world.evictSwapCache() == 0)
            let frames = world.machine.pagePin(id)?.frames
            try world.perform(.read(area), in: task)
            #expect(frames == [world.machine.entry(of: area[0], in: area.map).frame])
            #expect(world.machine.events.pswpin == 0 && world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a page that was pinned while it was in the swap cache stays mapped from 5.19 on")
    func pinnedInSwapCache() throws {
        for model in [KernelModel.linux5_19, .linux6_1, .linux6_12] {
            var world = try world(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.run()
            try world.perform(.read(area), in: task)
            #expect(world.machine.swapCachedPages == 1, "it comes back with its slot")
            let id = try world.pin(area, .pin, in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.run()
            #expect(world.presentPages(of: area) == [0])
            let store = try world.perform(.write(area), in: task).outcome.stamp
            #expect(world.stamps(of: id) == [store] && world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("memory pressure takes all but what is pinned", arguments: [KernelModel.linux5_15, .linux6_1, .linux6_12])
    func pressure(_ model: KernelModel) throws {
        var world = try world(model, frames: 16)
        let task = world.task()
        let file = try world.file(pages: 60)
        let own = try world.file(pages: 2)
        let memory = try world.map(anonymousPages: 2, in: task)
        let shared = try world.map(own, .readWrite, .shared, in: task)
        let ids = [try world.pin(memory, in: task), try world.pin(shared, in: task)]
        let before = ids.map { world.stamps(of: $0) }
        try world.perform(.read(file, pages: 60), in: task)
        try world.perform(.read(file, pages: 60), in: task)
        #expect(world.presentPages(of: memory) == [0, 1], "anonymous memory is not even unmapped")
        #expect(world.residentPages(of: own) == [0, 1])
        #expect(ids.map { world.stamps(of: $0) } == before && world.machine.framesInUse <= 16)
        #expect(world.machine.events.oomKill == 0 && world.machine.checkInvariants().isEmpty)
    }

    @Test("a page that MADV_FREE gave up is not thrown away while it is held")
    func lazyFree() throws {
        for kind in [GUPFlags.pin, .get] {
            var world = try world(.linux6_12)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let stamp = try world.perform(.write(area), in: task).outcome.stamp
            let id = try world.pin(area, kind, in: task)
            try world.perform(.madvise(area, .free), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.run()
            #expect(world.machine.events.pglazyfreed == 0 && world.stamps(of: id) == [stamp])
            #expect(try world.perform(.read(area), in: task).outcome.stamp == stamp)
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }
}
