import FaultSimulator
import FaultTestSupport
import Testing

@testable import FaultFuzzing

@Suite("A fork of a world that has everything is a second world", .timeLimit(.minutes(60)))
struct WideForkTests {
    /// Whether two machines are equal, and have counted the same.
    private func expectEqual(_ a: Machine, _ b: Machine, _ where: String) {
        #expect(a == b, "\(`where`)")
        #expect(a.fingerprint == b.fingerprint && a.stateKey == b.stateKey, "\(`where`)")
        #expect(a.differences(from: b).isEmpty, "\(`where`)")
    }

    @Test(
        "a program with limits, swap areas, pins and descriptors goes on alike in both, and neither sees the other",
        arguments: [KernelModel.linux5_10, .linux6_1, .linux6_12, .linux6_19])
    func programs(_ model: KernelModel) throws {
        var ended = 0
        for seed in 0..<(isWhole ? 400 : 16) as Range<UInt64> {
            var trunk = try RandomProgram(model, ProgramChoices(seed: seed &+ 900_000), features: .all)
            guard case .ended = trunk.run(rounds: 2) else { continue }
            ended += 1
            let kept = trunk.world.machine
            var branch = trunk
            _ = branch.run(rounds: 2)
            expectEqual(trunk.world.machine, kept, "the branch has changed the trunk; seed \(seed)")
            let gone = branch.world.machine
            _ = trunk.run(rounds: 2)
            expectEqual(branch.world.machine, gone, "the trunk has changed the branch; seed \(seed)")
            expectEqual(trunk.world.machine, branch.world.machine, "they went different ways; seed \(seed)")
        }
        #expect(ended > 8)
    }

    /// A world with handlers, a file system and a disk of a test's own, each of which remembers something.
    private func plugged() throws -> (world: World, task: TaskID) {
        var world = try World(.linux6_12)
        let task = world.task()
        let disk = world.addDisk(UnevenDisk(usually: .microseconds(90), rarely: .milliseconds(5), oneIn: 3, seed: 7))
        let memory = world.register(WaitingMemory(.request(disk)))
        let holey = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: disk))
        let area = try world.map(memory, pages: 4, in: task)
        let file = try world.file(pages: 8, on: holey)
        let uneven = try world.file(pages: 32, device: disk)
        let mapped = try world.map(uneven, in: task)
        world.start(
            [.read(area, pages: 4), .punchHole(file, 4, pages: 2), .read(mapped, page: 3), .read(mapped, page: 20)],
            in: task)
        return (world, task)
    }

    @Test("plug-ins remember in each branch what happened there")
    func plugIns() throws {
        let (start, task) = try plugged()
        var unforked = start
        #expect(unforked.run() == .finished)
        for stages in stride(from: 0, through: 120, by: 6) {
            var trunk = start
            _ = trunk.machine.run(limit: stages)
            let kept = trunk.machine
            var branch = trunk
            branch.kill(task)
            _ = branch.run()
            expectEqual(trunk.machine, kept, "after \(stages) stages")
            #expect(trunk.run() == .finished)
            expectEqual(trunk.machine, unforked.machine, "after \(stages) stages")
        }
    }

    @Test("exploring a world leaves it and its forks as they were, and finds the same in each")
    func explorers() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let thread = world.thread(of: task)
        try world.addSwap(pages: 16)
        try world.addMemoryGroup(limit: 40, swapLimit: 8)
        let pinned = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(pinned, pages: 2), in: task)
        try world.pin(pinned, in: task)
        let handled = try world.map(anonymousPages: 4, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(handled, with: descriptor, for: .missing, by: task)
        world.start(.read(handled, page: 1), in: thread)
        world.start(.copy(descriptor, handled, page: 1), in: task)
        let kept = world.machine
        let fork = world

        var options = Explorer.Options()
        options.stateLimit = 5_000
        let explorer = Explorer(world.machine, options)
        var copy = explorer
        let first = explorer.explore()
        let second = copy.explore()
        copy = explorer
        #expect(first.isComplete && first.states > 10)
        #expect("\(first)" == "\(second)" && "\(first)" == "\(copy.explore())")
        #expect("\(fork.explore(options))" == "\(first)")
        expectEqual(world.machine, kept, "the world that was explored")
        expectEqual(fork.machine, kept, "its fork")
    }
}
