import FaultArchitectures
import FaultCore
import FaultSimulator
import Testing

@Suite("Stacks, and entries that are damaged, on all architectures", .timeLimit(.minutes(60)))
struct StackRaceTests {
    // A debug run explores a few of them.
    #if DEBUG
    private static let explored = Architecture.all.enumerated().filter { $0.offset % 11 == 3 }.map(\.element)
    #else
    private static let explored = Architecture.all
    #endif

    private static let stack = MapRequest(
        pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(PageNumber(0x2000)))

    private static func outcomes(
        _ world: World, _ comment: String, _ location: SourceLocation = #_sourceLocation
    ) -> [String] {
        let found = world.explore()
        #expect(found.isComplete && found.brokenLaws.isEmpty, "\(comment)", sourceLocation: location)
        #expect(found.deadlocks.isEmpty, "\(comment)", sourceLocation: location)
        return found.texts
    }

    @Test(
        "of two accesses below a stack the second finds it grown, in every order",
        arguments: explored, [KernelModel.linux6_1, .linux6_12])
    func twoGrowers(_ architecture: Architecture, _ model: KernelModel) throws {
        var world = try World(model, entry: ArchFaultEntry(architecture))
        let task = world.task()
        let area = try world.map(Self.stack, in: task)
        world.start(.write(area.start - 3), in: task)
        world.start(.write(area.start - 2), in: world.thread(of: task))
        let texts = Self.outcomes(world, "\(architecture.name)")
        #expect(!texts.isEmpty && texts.allSatisfy { !$0.contains("SIGSEGV") }, "\(texts)")
    }

    @Test(
        "a stack that is unmapped while the lock is taken for writing can't grow, in every order",
        arguments: explored, [KernelModel.linux6_1, .linux6_12])
    func unmappedStack(_ architecture: Architecture, _ model: KernelModel) throws {
        var world = try World(model, entry: ArchFaultEntry(architecture))
        let task = world.task()
        let area = try world.map(Self.stack, in: task)
        world.start(.write(area.start - 3), in: task)
        world.start(.munmap(area), in: world.thread(of: task))
        let texts = Self.outcomes(world, "\(architecture.name)")
        #expect(texts.contains { $0.contains("task 0: SIGSEGV/MAPERR") }, "\(texts)")
        #expect(texts.contains { !$0.contains("SIGSEGV") }, "\(texts)")
    }

    @Test(
        "a reader of the area's own lock delays the growth of a stack", arguments: [KernelModel.linux6_4, .linux6_12])
    func readerOfTheArea(_ model: KernelModel) throws {
        for architecture in Self.explored where architecture.triesAreaLock {
            var world = try World(model, entry: ArchFaultEntry(architecture))
            let task = world.task()
            let area = try world.map(Self.stack, in: task)
            try world.perform(.write(area, page: 1), in: task)
            world.start(.write(area.start - 3), in: task)
            world.start(.write(area, page: 0), in: world.thread(of: task))
            let texts = Self.outcomes(world, "\(architecture.name)")
            #expect(!texts.isEmpty && texts.allSatisfy { !$0.contains("SIGSEGV") }, "\(texts)")
        }
    }

    @Test("an access through a damaged entry is an oops, and no attempt", arguments: Architecture.all)
    func damagedEntry(_ architecture: Architecture) throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let isDamaged = [
            world.machine.damageEntry(of: area[1], in: area.map), world.machine.damageEntry(of: area[2], in: area.map),
        ]
        #expect(isDamaged == [true, false])
        #expect(try world.perform(.read(area, page: 0), in: task).signal == nil)
        let report = try world.perform(.read(area, page: 1), in: task)
        #expect(report.outcome.oops && report.attempts.isEmpty)
    }
}
