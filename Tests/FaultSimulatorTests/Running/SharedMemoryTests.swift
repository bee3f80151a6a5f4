import FaultCore
import FaultSimulator
import Testing

/// The files behind shared anonymous memory, which come and go with it.
@Suite("Files of shared anonymous memory", .timeLimit(.minutes(60)))
struct SharedMemoryTests {
    private var world: World
    private let task: TaskID

    init() throws {
        world = try World(.linux6_1)
        task = world.task()
    }

    /// Maps pages that are shared, writes to the first, and answers them and their file.
    private mutating func map(pages: Int = 1) throws -> (area: Area, file: FileID) {
        let area = try world.map(MapRequest(pages: pages, access: .readWrite, flags: .shared), in: task)
        try world.perform(.write(area, page: 0), in: task)
        return (area, try #require(world.machine.area(containing: area.start, in: area.map)).file)
    }

    @Test("the file of memory that is gone is taken again, the one with the lowest number first")
    mutating func lowestFirst() throws {
        let all = try (0..<5).map { _ in try map() }
        #expect(Set(all.map(\.file)).count == 5)
        for number in [3, 1, 4] {
            try world.perform(.munmap(all[number].area), in: task)
            #expect(world.machine.cachedPages(of: all[number].file) == 0, "its page is gone at once")
        }
        for number in [1, 3, 4] { #expect(try map().file == all[number].file) }
        #expect(try map().file == FileID(5))
    }

    @Test("as many mappings one after the other as you like have one file, and leave no page")
    mutating func oneFile() throws {
        let before = world.machine.framesInUse
        for _ in 0..<100 {
            let (area, file) = try map(pages: 3)
            #expect(file == FileID(0))
            try world.perform(.munmap(area), in: task)
        }
        #expect(world.machine.framesInUse == before)
    }

    @Test("memory keeps its file and its pages as long as a part of it, or a child's copy, is mapped")
    mutating func lastPart() throws {
        let (area, file) = try map(pages: 4)
        let child = try world.fork(task)
        try world.perform(.munmap(area), in: task)
        #expect(world.machine.cachedPages(of: file) == 1)
        #expect(try map().file != file)
        try world.perform(.munmap(area.start + 1, pages: 2), in: child)
        #expect(world.machine.cachedPages(of: file) == 1)
        try world.perform(.munmap(area.start, pages: 1), in: child)
        try world.perform(.munmap(area.start + 3, pages: 1), in: child)
        #expect(world.machine.cachedPages(of: file) == 0)
        #expect(try map().file == file)
    }

    @Test("a swapped-out page of memory that is gone gives its slot back")
    mutating func swapped() throws {
        var settings = MachineSettings()
        settings.frameLimit = 64
        world = try World(.linux6_1, settings: settings)
        try world.addSwap(pages: 8)
        let task = world.task()
        let area = try world.map(MapRequest(pages: 2, access: .readWrite, flags: .shared), in: task)
        try world.perform(.write(area, pages: 2), in: task)
        world.start(.madvise(area, .pageOut), in: task)
        world.run()
        let file = try #require(world.machine.area(containing: area.start, in: area.map)).file
        #expect(world.machine.swappedPages(of: file) == 2)
        try world.perform(.munmap(area), in: task)
        world.run()
        #expect(world.machine.swappedPages(of: file) == 0)
    }
}
