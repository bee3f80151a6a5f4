import FaultSimulator
import Testing

@Suite("Mappings of processes with many areas", .timeLimit(.minutes(60)))
struct ManyAreasTests {
    /// Maps each page of a file twice, with a page of nothing between the areas.
    private static func mapPages(of file: FileID, _ pages: Int, _ world: inout World, _ task: TaskID) throws {
        let base = PageNumber(1 << 32)
        for place in 0..<2 * pages {
            var request = MapRequest(pages: 1, access: .readWrite, flags: .shared, file: file)
            request.offset = PageIndex(place % pages)
            request.placement = .fixed(base + 2 * place)
            try world.perform(.mmap(request), in: task)
            try world.perform(.read(base + 2 * place), in: task)
        }
    }

    @Test("Truncation unmaps just the pages behind the new end, in each of 200 areas")
    func truncation() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 100)
        let task = world.task()
        try Self.mapPages(of: file, 100, &world, task)
        #expect(world.rss(of: task).file == 200)
        try world.perform(.truncate(file, pages: 40), in: task)
        #expect(world.rss(of: task).file == 80)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("A page that a fork shares is paged out of parent and child, each of 100 areas")
    func forked() throws {
        var world = try World(.linux6_1)
        try world.addSwap(pages: 400)
        let parent = world.task()
        let base = PageNumber(1 << 32)
        for place in 0..<100 {
            try world.perform(
                .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(base + 2 * place))), in: parent)
            try world.perform(.write(base + 2 * place), in: parent)
        }
        let child = try world.fork(parent)
        // A new area moves the places of all that are above it.
        try world.perform(.munmap(base, pages: 1), in: child)
        for place in 1..<100 { try world.perform(.madvise(base + 2 * place, pages: 1, .pageOut), in: child) }
        let kept = world.rss(of: parent).anonymous
        #expect(kept == 100, "a page that two map is left to both")
        try world.perform(.exit, in: child)
        for place in 0..<100 { try world.perform(.madvise(base + 2 * place, pages: 1, .pageOut), in: parent) }
        #expect(world.rss(of: parent).anonymous == 0 && world.rss(of: parent).swapEntries == 100)
        #expect(world.machine.checkInvariants().isEmpty)
    }
}
