import FaultFuzzing
import FaultSimulator

/// Threads that fault in a file and in memory of their own, while another maps and unmaps what they fault in.
enum BusyWorld {
    /// A world whose timeline is recorded, and that has run to its end.
    static func run(_ model: KernelModel, threads: Int = 6, seed: UInt64 = 1, free: Bool = false) throws -> World {
        var random = SplitMix64(seed: seed)
        let costs = free ? CostModel() : ThreadMix.costs
        var settings = MachineSettings()
        settings.processors = 2
        settings.timeSliceNanoseconds = 20_000
        let disk = World.DiskSpeed.latency(nanoseconds: free ? 0 : 100_000)
        var world = try World(model, disk: disk, settings: settings, costs: costs)
        world.machine.recordsWaits = true
        world.recordsTimeline = true
        let first = world.task()
        let file = try world.file(pages: 256)
        let log = try world.map(file, .readWrite, .shared, in: first)
        let heap = try world.map(anonymousPages: 128, in: first)
        for number in 0..<threads {
            let thread = number == 0 ? first : world.thread(of: first)
            world.start(
                ThreadMix.operations(12, ofThread: number, file: file, log: log, heap: heap, &random), in: thread)
        }
        world.run()
        return world
    }
}
