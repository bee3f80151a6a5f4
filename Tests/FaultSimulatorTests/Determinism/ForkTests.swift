import FaultSimulator
import Testing

@Suite("A fork is a second world", .timeLimit(.minutes(60)))
struct ForkTests {
    /// How many programs each batch runs. Debug runs are slow.
    #if DEBUG
    static let programs: UInt64 = 12
    #else
    static let programs: UInt64 = 100
    #endif

    @Test("whichever branch runs first, both end as a run that was never forked", arguments: 0..<10)
    func forksAreIndependent(batch: UInt64) throws {
        for seed in (batch * 100)..<(batch * 100 + Self.programs) {
            var random = SplitMix64(seed: seed ^ 0xF0F0)
            let start = try RandomWorld(seed: seed, operationsPerTask: 6)
            var unforked = start.world
            #expect(unforked.run() == .finished, "seed \(seed)")

            var trunk = start.world
            let stages = random.below(400)
            _ = trunk.machine.run(limit: stages)
            let kept = trunk.machine
            var branch = trunk
            if random.below(2) == 0 {
                _ = branch.run()
                #expect(trunk.machine == kept, "running the branch changed the trunk; seed \(seed)")
                _ = trunk.run()
            } else {
                _ = trunk.run()
                #expect(branch.machine == kept, "running the trunk changed the branch; seed \(seed)")
                _ = branch.run()
            }
            #expect(trunk.machine == unforked.machine, "seed \(seed)")
            #expect(branch.machine == unforked.machine, "seed \(seed)")
            #expect(trunk.machine.fingerprint == unforked.machine.fingerprint, "seed \(seed)")
        }
    }

    @Test("a fork in the middle of a wait may go another way, and the first goes on as if nothing had been")
    func otherBranch() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 8)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        let before = world.machine
        var other = world
        other.kill(task)
        _ = other.run()
        #expect(other.machine != before)
        #expect(world.machine == before)
    }
}
