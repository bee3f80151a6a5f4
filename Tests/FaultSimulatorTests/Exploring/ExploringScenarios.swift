import FaultSimulator

/// The races that are explored: each a world in which all that can happen is small enough to be gone through.
struct ExploringScenario {
    var world: World
    var injections: [Injection] = []

    init(_ model: KernelModel = .linux6_1, _ settings: MachineSettings = MachineSettings()) throws {
        world = try World(model, settings: settings)
    }

    /// Two threads read one page of a file that is not cached.
    static func twoReaders(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let file = try scenario.world.file(pages: 1)
        let first = scenario.world.task()
        let area = try scenario.world.map(file, .read, in: first)
        scenario.world.start(.read(area), in: first)
        scenario.world.start(.read(area), in: scenario.world.thread(of: first))
        return scenario
    }

    /// A thread reads a page that is not cached, and something else happens.
    private static func read(
        _ model: KernelModel, against other: (World, FileID, Area) -> TaskOperation
    ) throws -> Self {
        var scenario = try Self(model)
        let file = try scenario.world.file(pages: 1)
        let first = scenario.world.task()
        let area = try scenario.world.map(file, .read, in: first)
        scenario.world.start(.read(area), in: first)
        scenario.world.start(other(scenario.world, file, area), in: scenario.world.thread(of: first))
        return scenario
    }

    /// A read fault against munmap of its area.
    static func munmap(_ model: KernelModel = .linux6_1) throws -> Self {
        try read(model) { _, _, area in .munmap(area) }
    }

    /// A read fault against a truncation that takes its page.
    static func truncation(_ model: KernelModel = .linux6_1) throws -> Self {
        try read(model) { _, file, _ in .truncate(file, pages: 0) }
    }

    /// A read fault whose page is evicted, at most twice: also between its attempts.
    static func eviction(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let file = try scenario.world.file(pages: 1)
        let task = scenario.world.task()
        let area = try scenario.world.map(file, .read, in: task)
        scenario.world.start(.read(area), in: task)
        scenario.injections = [Injection(.start(.dropCache(file), in: scenario.world.task()), times: 2)]
        return scenario
    }

    /// A shared write that is throttled, because one page too many is dirty, against munmap of its area.
    static func throttledWrite(_ model: KernelModel = .linux6_1) throws -> Self {
        var settings = MachineSettings()
        settings.dirtyLimitPages = 1
        var scenario = try Self(model, settings)
        let file = try scenario.world.file(pages: 2, resident: .all)
        let first = scenario.world.task()
        let area = try scenario.world.map(file, .readWrite, .shared, in: first)
        try scenario.world.perform(.write(file, page: 1), in: first)
        scenario.world.start(.write(area), in: first)
        scenario.world.start(.munmap(area), in: scenario.world.thread(of: first))
        return scenario
    }

    /// The priority inversion of 2018: a reader sleeps for its page; then come a writer of the map, a reader of a
    /// cached page, and a monitor that reads the maps.
    ///
    /// - Parameter writerIsQueued: Whether the writer has come before anything else can happen.
    static func monitor(_ model: KernelModel = .linux6_1, writerIsQueued: Bool = false) throws -> Self {
        var scenario = try Self(model)
        let file = try scenario.world.file(pages: 1)
        let cached = try scenario.world.file(pages: 1, resident: .all)
        let first = scenario.world.task()
        let cold = try scenario.world.map(file, .read, in: first)
        let warm = try scenario.world.map(cached, .read, in: first)
        let other = try scenario.world.map(anonymousPages: 1, in: first)
        scenario.world.start(.read(cold), in: first)
        _ = scenario.world.run()
        scenario.world.start(.munmap(other), in: scenario.world.thread(of: first))
        if writerIsQueued { _ = scenario.world.run() }
        scenario.world.start(.read(warm), in: scenario.world.thread(of: first))
        scenario.world.start(.readProcMaps(cold.map), in: scenario.world.task())
        return scenario
    }

    /// A parent writes to a page that it shares with its child, which gives it up.
    static func copyOnWrite(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let parent = scenario.world.task()
        let area = try scenario.world.map(anonymousPages: 1, in: parent)
        try scenario.world.perform(.write(area), in: parent)
        let child = TaskID(try scenario.world.perform(.fork, in: parent).value)
        scenario.world.start(.write(area), in: parent)
        scenario.world.start(.madvise(area, .dontNeed), in: child)
        return scenario
    }

    /// A cold read that is killed in any of its sleeps.
    static func killed(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let file = try scenario.world.file(pages: 1)
        let task = scenario.world.task()
        let area = try scenario.world.map(file, .read, in: task)
        scenario.world.start(.read(area), in: task)
        scenario.injections = [Injection(.signal(.kill, task), .asleep(task))]
        return scenario
    }

    /// Two threads write to one anonymous page.
    static func twoWriters(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let first = scenario.world.task()
        let area = try scenario.world.map(anonymousPages: 1, in: first)
        scenario.world.start(.write(area), in: first)
        scenario.world.start(.write(area), in: scenario.world.thread(of: first))
        return scenario
    }

    /// A thread reads a page that is in swap, and another has it swapped out, by MADV_PAGEOUT.
    static func swapping(_ model: KernelModel = .linux6_1) throws -> Self {
        var scenario = try Self(model)
        let swap = try scenario.world.addSwap(pages: 4)
        let first = scenario.world.task()
        let area = try scenario.world.map(anonymousPages: 1, in: first)
        try scenario.world.perform(.write(area), in: first)
        try scenario.world.perform(.madvise(area, .pageOut), in: first)
        scenario.world.machine.finishHeld(on: swap, reads: false)
        scenario.world.evictSwapCache()
        scenario.world.start(.read(area), in: first)
        scenario.world.start(.madvise(area, .pageOut), in: scenario.world.thread(of: first))
        return scenario
    }

    /// The names of the races, for tests of all of them.
    enum Name: CaseIterable, Sendable {
        case twoReaders, munmap, truncation, eviction, throttledWrite, monitor, copyOnWrite, killed, twoWriters,
            swapping

        func scenario(_ model: KernelModel = .linux6_1) throws -> ExploringScenario {
            switch self {
            case .twoReaders: try .twoReaders(model)
            case .munmap: try .munmap(model)
            case .truncation: try .truncation(model)
            case .eviction: try .eviction(model)
            case .throttledWrite: try .throttledWrite(model)
            case .monitor: try .monitorOfOldKernel(model)
            case .copyOnWrite: try .copyOnWrite(model)
            case .killed: try .killed(model)
            case .twoWriters: try .twoWriters(model)
            case .swapping: try .swapping(model)
            }
        }

        /// How many states there are while no law remembers anything.
        var states: Int {
            switch self {
            case .twoReaders: 5786
            case .munmap: 329
            case .truncation: 1010
            case .eviction: 671
            case .throttledWrite: 569
            case .monitor: 7813
            case .copyOnWrite: 92
            case .killed: 69
            case .twoWriters: 303
            case .swapping: 474
            }
        }
    }

    /// The same under two rules of early kernels: a fault keeps its lock while it waits for a device, and a lock that is
    /// released goes to the task that waits for it.
    static func monitorOfOldKernel(_ model: KernelModel = .linux6_1, writerIsQueued: Bool = false) throws -> Self {
        var model = model
        model.lockDroppingWaits = .none
        model.lockHandover = .given
        return try monitor(model, writerIsQueued: writerIsQueued)
    }

    func explore(_ order: Explorer.Order, change: (inout Explorer.Options) -> Void = { _ in }) -> Exploration {
        var options = Explorer.Options()
        options.order = order
        options.injections = injections
        change(&options)
        return world.explore(options)
    }
}
