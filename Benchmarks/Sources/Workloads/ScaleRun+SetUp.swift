import FaultSimulator

/// How the machines of the workloads of two sizes are set up.
extension ScaleRun {
    static let base = PageNumber(1 << 32)

    /// A world that is not watched: without checks and attempt reports.
    static func world(
        disk: World.DiskSpeed = .held, _ change: (inout MachineSettings) -> Void = { _ in }
    ) throws -> World {
        var settings = MachineSettings()
        settings.readaheadPages = 0
        settings.faultAroundPages = 1
        change(&settings)
        var world = try World(.linux6_1, disk: disk, settings: settings)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        return world
    }

    /// A process with threads, and with them the task that all are threads of.
    static func threads(_ count: Int, in world: inout World) -> [TaskID] {
        let first = world.task()
        return [first] + (1..<count).map { _ in world.thread(of: first) }
    }

    /// Runs to the end, and fills the pages that the tasks wait for.
    static func finish(_ machine: inout Machine, _ tasks: [TaskID]) -> Int? {
        guard machine.run() == .finished else { return nil }
        return tasks.reduce(1) { $0 + machine.counters(of: $1).majorFaults + machine.counters(of: $1).minorFaults }
    }

    static func switching(tasks count: Int) throws -> ScaleRun {
        var world = try world()
        let tasks = threads(count, in: &world)
        let area = try world.map(MapRequest(pages: 1, access: .readWrite, placement: .fixed(base)), in: tasks[0])
        try world.perform(.write(area), in: tasks[0])
        let turns = max(4, 40_000 / count)
        for task in tasks {
            world.start([TaskOperation](repeating: .write(area), count: turns), in: task)
        }
        return ScaleRun(machine: world.machine, count: turns * count) { finish(&$0, tasks) }
    }

    static func sleeping(tasks count: Int) throws -> ScaleRun {
        var world = try world()
        let tasks = threads(count, in: &world)
        let turns = max(2, 4_000 / count)
        for (number, task) in tasks.enumerated() {
            world.start(
                (0..<turns).map { .sleep(nanoseconds: UInt64(1_000 + (number * 7_919 + $0 * 104_729) % 100_003)) },
                in: task)
        }
        return ScaleRun(machine: world.machine, count: turns * count) { finish(&$0, tasks) }
    }

    static func reading(tasks count: Int) throws -> ScaleRun {
        var world = try world(disk: .latency(nanoseconds: 1_000))
        let tasks = threads(count, in: &world)
        let turns = max(2, 4_000 / count)
        let pages = count * turns
        let file = try world.file(pages: pages)
        let area = try world.map(
            MapRequest(pages: pages, access: .readWrite, file: file, placement: .fixed(base)), in: tasks[0])
        for (number, task) in tasks.enumerated() {
            world.start((0..<turns).map { .read(area, page: $0 * count + number) }, in: task)
        }
        return ScaleRun(machine: world.machine, count: pages) { finish(&$0, tasks) }
    }

    static func herd(tasks count: Int) throws -> ScaleRun {
        var world = try world(disk: .latency(nanoseconds: 1_000))
        let tasks = threads(count, in: &world)
        let turns = max(1, 2_000 / count)
        let file = try world.file(pages: turns)
        let area = try world.map(
            MapRequest(pages: turns, access: .readWrite, file: file, placement: .fixed(base)), in: tasks[0])
        for task in tasks { world.start((0..<turns).map { .read(area, page: $0) }, in: task) }
        return ScaleRun(machine: world.machine, count: count * turns) { finish(&$0, tasks) }
    }

    static func killing(beside count: Int) throws -> ScaleRun {
        var world = try world()
        let kills = 32
        let tasks = threads(count + kills, in: &world)
        let file = try world.file(pages: tasks.count)
        let area = try world.map(
            MapRequest(pages: tasks.count, access: .readWrite, file: file, placement: .fixed(base)), in: tasks[0])
        for (number, task) in tasks.enumerated() { world.start(.read(area, page: number), in: task) }
        world.run()
        let victims = (0..<kills).map { tasks[1 + $0 * (count / kills)] }
        return ScaleRun(machine: world.machine, count: kills) { machine in
            for victim in victims {
                machine.send(.kill, to: victim)
                guard machine.run() == .blocked, machine.hasExited(victim) else { return nil }
            }
            return kills
        }
    }

    /// Requests for readahead of single pages, of which no two are neighbours. No task waits for them.
    private static func requests(_ count: Int, disk: World.DiskSpeed) throws -> World {
        var world = try world(disk: disk) { $0.readaheadPages = 1 }
        let file = try world.file(pages: 2 * count)
        let task = world.task()
        world.start((0..<count).map { .readAhead(file, PageIndex(2 * $0), pages: 1) }, in: task)
        world.run(until: .done(task))
        return world
    }

    static func completing(requests count: Int) throws -> ScaleRun {
        let world = try requests(count, disk: .held)
        var ids = world.machine.requestsUnderWay.map(\.id)
        var random = SplitMix64(seed: 6_1)
        ids.shuffle(using: &random)
        return ScaleRun(machine: world.machine, count: count) { machine in
            for id in ids { machine.finish(id) }
            return ids.count == count && machine.requestsUnderWay.isEmpty ? count : nil
        }
    }

    static func completingInTime(requests count: Int) throws -> ScaleRun {
        let world = try requests(count, disk: .latency(nanoseconds: 1_000_000_000))
        let before = world.machine.requestsUnderWay.count
        return ScaleRun(machine: world.machine, count: count) { machine in
            guard machine.run() == .finished, before == count else { return nil }
            return machine.requestsUnderWay.isEmpty ? count : nil
        }
    }

    static func advising(_ advice: Advice, pages: Int) throws -> ScaleRun {
        var world = try world { $0.frameLimit = 1 << 20 }
        try world.addSwap(pages: 2 * pages, held: false, isRotational: false)
        let task = world.task()
        let area = try world.map(MapRequest(pages: pages, access: .readWrite, placement: .fixed(base)), in: task)
        try world.perform(.write(area, pages: pages), in: task)
        world.start(.madvise(area, advice), in: task)
        return ScaleRun(machine: world.machine, count: pages) { finish(&$0, [task]) }
    }

    static func pagingOut(areas count: Int) throws -> ScaleRun {
        var world = try world { $0.frameLimit = 1 << 20 }
        try world.addSwap(pages: 2 * count, held: false, isRotational: false)
        let task = world.task()
        // With a page of nothing between them, so that none is merged with its neighbour.
        world.start(
            (0..<count).map {
                .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(base + 2 * $0)))
            }, in: task)
        world.run()
        world.start((0..<count).map { .write(base + 2 * $0) }, in: task)
        world.run()
        world.start((0..<count).map { .madvise(base + 2 * $0, pages: 1, .pageOut) }, in: task)
        return ScaleRun(machine: world.machine, count: count) { finish(&$0, [task]) }
    }

    static func mappingShared(beside count: Int) throws -> ScaleRun {
        var world = try world()
        let turns = 4_000
        let task = world.task()
        func request(_ page: PageNumber) -> TaskOperation {
            .mmap(MapRequest(pages: 1, access: .readWrite, flags: .shared, placement: .fixed(page)))
        }
        world.start((0..<count).map { request(base + 2 * ($0 + 1)) }, in: task)
        world.run()
        world.start((0..<turns).flatMap { _ in [request(base), .write(base), .munmap(base, pages: 1)] }, in: task)
        return ScaleRun(machine: world.machine, count: turns) { finish(&$0, [task]) }
    }

    static func refaulting(pages: Int) throws -> ScaleRun {
        var world = try world(disk: .latency(nanoseconds: 1_000)) { $0.frameLimit = pages / 2 }
        let file = try world.file(pages: pages)
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: pages, access: .read, file: file, placement: .fixed(base)), in: task)
        world.start(.read(area, pages: pages), in: task)
        world.run()
        world.start(.read(area, pages: pages), in: task)
        return ScaleRun(machine: world.machine, count: pages) { finish(&$0, [task]) }
    }

    static func storingChecked(beside pages: Int) throws -> ScaleRun {
        var world = try world()
        world.machine.isChecking = true
        world.machine.recordsAttempts = true
        let stores = 4_000
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: pages + stores, access: .readWrite, placement: .fixed(base)), in: task)
        try world.perform(.write(area, pages: pages), in: task)
        return ScaleRun(machine: world.machine, count: stores) { machine in
            for store in 0..<stores {
                machine.start(.write(area, page: pages + store), in: task)
                guard machine.verify(after: machine.run()) == .finished else { return nil }
            }
            return machine.counters(of: task).minorFaults == pages + stores ? stores : nil
        }
    }
}
