import FaultCore
import FaultSimulator
import Testing

@Suite("Reads of cached file pages, handled at once", .timeLimit(.minutes(60)))
struct UncontendedFileReadTests {
    /// A file with holes in its cache, mapped twice by a process that has nothing in its page tables.
    private static func world(
        _ fileSystem: World.FileSystem, offset: Int, _ model: KernelModel = .linux6_1
    ) throws -> (World, TaskID, Area) {
        var world = try World(model, disk: .latency(nanoseconds: 100))
        let file = try world.file(pages: 1_200, on: fileSystem, resident: .pages([0...40, 44...700, 900...1_100]))
        let task = world.task()
        let area = try world.map(file, offset: offset, .readExecute, .shared, in: task)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        return (world, task, area)
    }

    @Test(
        "leave the machine that the stages leave, whatever the alignment of the mapping",
        arguments: [World.FileSystem.ext4, .tmpfs], [0, 5])
    func sameAsStages(_ fileSystem: World.FileSystem, offset: Int) throws {
        for model in KernelModel.presets.filter({ $0.areaLocks != .none }) + [.linux6_1] {
            try checkSameAsStages(fileSystem, offset: offset, model)
        }
    }

    // A debug run takes a third of the rules.
    #if DEBUG
    private static let step = 3
    #else
    private static let step = 1
    #endif

    @Test("leave what the stages leave under every rule of a kernel", arguments: [KernelModel.linux6_12])
    func everyRule(_ base: KernelModel) throws {
        for place in stride(from: 0, to: KernelModel.rules.count, by: Self.step) {
            let rule = KernelModel.rules[place]
            for value in rule.cases.indices where value != rule.value(in: base) {
                var model = base
                rule.override(&model, with: value)
                guard model.problems.isEmpty else { continue }
                try checkSameAsStages(.ext4, offset: 5, model)
            }
        }
    }

    private func checkSameAsStages(_ fileSystem: World.FileSystem, offset: Int, _ model: KernelModel) throws {
        let (world, task, area) = try Self.world(fileSystem, offset: offset, model)
        for operation in [
            TaskOperation.read(area, pages: 1_195 - offset), .read(area, page: 3, pages: 60, stride: 16),
            .execute(area, page: 40, pages: 200, stride: 5), .read(area, page: 1_195 - offset, pages: 8),
        ] {
            var atOnce = world.machine
            var staged = world.machine
            staged.usesShortcuts = false
            atOnce.start(operation, in: task)
            staged.start(operation, in: task)
            #expect(atOnce.run() == .finished)
            #expect(staged.run() == .finished)
            #expect(atOnce == staged)
            #expect(atOnce.report(of: task) == staged.report(of: task))
            #expect(atOnce.counters(of: task) == staged.counters(of: task))
            #expect(atOnce.events == staged.events)
            #expect(
                atOnce.lockStatistics(of: atOnce.map(of: task)) == staged.lockStatistics(of: staged.map(of: task)))
        }
    }

    @Test("stop after as many accesses as the limit allows, and go on from there")
    func limit() throws {
        let (world, task, area) = try Self.world(.ext4, offset: 0)
        var whole = world.machine
        whole.start(.read(area, pages: 32), in: task)
        var parts = whole
        #expect(whole.run() == .finished)
        var runs = 0
        while parts.run(limit: 7) != .finished { runs += 1 }
        #expect(runs > 3)
        #expect(parts == whole)
        #expect(parts.counters(of: task) == whole.counters(of: task))
    }
}
