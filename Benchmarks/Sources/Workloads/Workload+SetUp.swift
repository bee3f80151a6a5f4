import FaultSimulator

/// How the machines of the workloads are set up.
extension Workload {
    /// Where areas are placed: far from heap and stack, at the start of a page table.
    private static let base = PageNumber(1 << 32)
    private static let areas = 1_000
    private static let pagesPerArea = 64

    /// A world that is not watched: without checks and attempt reports.
    private static func world(
        disk: World.DiskSpeed = .held, readahead: Int? = nil, costs: CostModel = CostModel()
    ) throws -> World {
        var settings = MachineSettings()
        if let readahead { settings.readaheadPages = readahead }
        return try World(.linux6_1, disk: disk, settings: settings, costs: costs)
    }

    /// Stops watching, and makes a run of it.
    private static func run(
        _ world: World, _ task: TaskID, count: Int, minor: Int = 0, major: Int = 0, kind: Run.Kind = .toTheEnd,
        start: (inout Machine) -> Void = { _ in }
    ) -> Run {
        var machine = world.machine
        machine.isChecking = false
        machine.recordsAttempts = false
        start(&machine)
        let before = machine.counters(of: task)
        return Run(
            machine: machine, task: task, kind: kind, count: count, minorFaults: before.minorFaults + minor,
            majorFaults: before.majorFaults + major)
    }

    static func ascending(
        pages: Int, costs: CostModel = CostModel(), _ change: (inout Machine) -> Void = { _ in }
    ) throws -> Run {
        var world = try world(costs: costs)
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: pages, access: .readWrite, placement: .fixed(base)), in: task)
        return run(world, task, count: pages, minor: pages) {
            change(&$0)
            $0.start(.write(area, pages: pages), in: task)
        }
    }

    static func staged(pages: Int) throws -> Run {
        var costs = CostModel()
        costs.exceptionNanoseconds = 100
        costs.faultStageNanoseconds = 10
        return try ascending(pages: pages, costs: costs)
    }

    static func watched(pages: Int) throws -> Run {
        try ascending(pages: pages) {
            $0.isChecking = true
            $0.recordsAttempts = true
        }
    }

    static func traced(pages: Int) throws -> Run {
        // How many events there are is known after a run.
        var counted = try ascending(pages: pages) { $0.isTracing = true }
        _ = counted.go()
        let run = try ascending(pages: pages) { $0.isTracing = true }
        return Run(
            machine: run.machine, task: run.task, kind: run.kind, count: counted.machine.trace.count,
            minorFaults: run.minorFaults, majorFaults: run.majorFaults)
    }

    static func hitting(pages: Int, rounds: Int) throws -> Run {
        var world = try world()
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: pages, access: .readWrite, placement: .fixed(base)), in: task)
        try world.perform(.write(area, pages: pages), in: task)
        return run(world, task, count: pages * rounds) {
            $0.start([TaskOperation](repeating: .write(area, pages: pages), count: rounds), in: task)
        }
    }

    /// Maps 1,000 areas with a page of nothing between them, so that none is merged with its neighbour.
    private static func mapAreas(_ world: inout World, _ task: TaskID) throws {
        world.machine.isChecking = false
        let requests = (0..<areas).map { number in
            TaskOperation.mmap(
                MapRequest(
                    pages: pagesPerArea, access: .readWrite,
                    placement: .fixed(base + number * (pagesPerArea + 1))))
        }
        world.machine.start(requests, in: task)
        _ = world.machine.run()
    }

    static func scattered(mapped: Bool) throws -> Run {
        var world = try world()
        let task = world.task()
        try mapAreas(&world, task)
        var pages = (0..<areas * pagesPerArea).map { base + $0 / pagesPerArea * (pagesPerArea + 1) + $0 % pagesPerArea }
        var random = SplitMix64(seed: 6_1)
        pages.shuffle(using: &random)
        let touches = pages.map { TaskOperation.write($0) }
        if mapped {
            world.machine.start(touches, in: task)
            _ = world.machine.run()
        }
        return run(world, task, count: pages.count, minor: mapped ? 0 : pages.count) { $0.start(touches, in: task) }
    }

    static func cachedFile(faults: Int) throws -> Run {
        var world = try world()
        world.machine.isChecking = false
        let around = world.machine.settings.faultAroundPages
        let file = try world.file(pages: faults * around, resident: .all)
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: faults * around, access: .readWrite, file: file, placement: .fixed(base)), in: task)
        return run(world, task, count: faults, minor: faults) {
            $0.start(.read(area, pages: faults, stride: around), in: task)
        }
    }

    static func mapping(pairs: Int) throws -> Run {
        var world = try world()
        let task = world.task()
        // A first area tells where the kernel begins to look; all others are placed below it.
        let first = try world.map(anonymousPages: 1, .readWrite, in: task)
        world.machine.isChecking = false
        let step = pagesPerArea + 1
        let requests = (1...areas).map { number in
            TaskOperation.mmap(
                MapRequest(
                    pages: pagesPerArea, access: .readWrite,
                    placement: .fixed(PageNumber(first.start.rawValue - UInt64(number * step)))))
        }
        let hole = PageNumber(first.start.rawValue - UInt64(areas / 2 * step))
        world.machine.start(requests + [.munmap(hole, pages: pagesPerArea)], in: task)
        _ = world.machine.run()
        return run(world, task, count: pairs) { $0.start(MapAndUnmap(pairs: pairs, pages: pagesPerArea), in: task) }
    }

    static func forking(copies: Int) throws -> Run {
        var world = try world()
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: 10_000, access: .readWrite, placement: .fixed(base)), in: task)
        try world.perform(.write(area, pages: 10_000), in: task)
        return run(world, task, count: copies, kind: .copies(copies, .write(area, page: 5_000)))
    }

    static func cold(reads: Int) throws -> Run {
        var world = try world(disk: .latency(nanoseconds: 1_000), readahead: 0)
        let around = world.machine.settings.faultAroundPages
        let file = try world.file(pages: reads * around)
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: reads * around, access: .readWrite, file: file, placement: .fixed(base)), in: task)
        return run(world, task, count: reads, major: reads) {
            $0.start(.read(area, pages: reads, stride: around), in: task)
        }
    }
}

/// Maps and unmaps, over and over.
private struct MapAndUnmap: TaskProgram {
    let pairs: Int
    let pages: Int

    /// How many calls it has made.
    struct State: PluginState {
        var calls = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("calls", calls) }
    }

    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        defer { state.calls += 1 }
        if state.calls == 2 * pairs { return nil }
        guard state.calls % 2 == 1 else { return .mmap(MapRequest(pages: pages, access: .read)) }
        guard last.value > 0 else { return nil }
        return .munmap(PageNumber(UInt64(last.value)), pages: pages)
    }
}
