import FaultSimulator

/// Threads that fault in a file and in memory of their own, while another maps and unmaps what they fault in.
enum BusyWorld {
    /// A world whose timeline is recorded, and that has run to its end.
    static func run(_ model: KernelModel, threads: Int = 6, seed: UInt64 = 1, free: Bool = false) throws -> World {
        var random = SplitMix64(seed: seed)
        var costs = CostModel()
        if !free {
            costs.faultStageNanoseconds = 50
            costs.systemCallStageNanoseconds = 70
            costs.touchNanoseconds = 10
            costs.exceptionNanoseconds = 300
            costs.pageCopyNanoseconds = 500
        }
        var settings = MachineSettings()
        settings.processors = 2
        settings.timeSliceNanoseconds = 20_000
        let disk = World.DiskSpeed.latency(nanoseconds: free ? 0 : 100_000)
        var world = try World(model, disk: disk, settings: settings, costs: costs)
        world.machine.recordsWaits = true
        world.recordsTimeline = true
        let first = world.task()
        let file = try world.file(pages: 256)
        let shared = try world.map(file, .readWrite, .shared, in: first)
        let area = try world.map(anonymousPages: 128, in: first)
        for number in 0..<threads {
            let thread = number == 0 ? first : world.thread(of: first)
            world.start(operations(number, shared, area, file, &random), in: thread)
        }
        world.run()
        return world
    }

    private static func operations(
        _ number: Int, _ shared: Area, _ area: Area, _ file: FileID, _ random: inout SplitMix64
    ) -> [TaskOperation] {
        (0..<12).map { _ in
            switch (number % 3, random.below(4)) {
            case (0, 0): .madvise(area, .dontNeed)
            case (0, 1): .mmap(MapRequest(pages: 4, access: .readWrite))
            case (0, _): .mprotect(area[random.below(64)], pages: 4, .readWrite)
            case (1, 0), (1, 1): .write(shared, page: random.below(256))
            case (1, 2): .dropCache(file)
            case (2, 0): .compute(nanoseconds: UInt64(random.below(5_000)))
            case (2, 1): .sleep(nanoseconds: UInt64(random.below(5_000)))
            default: .write(area, page: random.below(128))
            }
        }
    }
}
