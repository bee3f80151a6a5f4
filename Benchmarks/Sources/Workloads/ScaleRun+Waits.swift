import FaultSimulator

/// Machines in which many tasks wait, and somebody asks for whom.
extension ScaleRun {
    static func viewingLock(beside count: Int) throws -> ScaleRun {
        var world = try world()
        let tasks = threads(count, in: &world)
        let file = try world.file(pages: count)
        let area = try world.map(
            MapRequest(pages: count, access: .readWrite, file: file, placement: .fixed(base)), in: tasks[0])
        for (number, task) in tasks.enumerated() { world.start(.read(area, page: number), in: task) }
        world.run()
        let map = world.map(of: tasks[0])
        let questions = 2_000
        return ScaleRun(machine: world.machine, count: questions) { machine in
            var sum = 1
            for _ in 0..<questions { sum += machine.lockView(.mmap(map)).waiters.count }
            return sum
        }
    }

    /// A process whose first thread reads the memory of its own, from a file that is not cached, without letting go of the
    /// lock of its map.
    private static func holding(threads count: Int) throws -> (World, [TaskID], Area) {
        var world = try world()
        let tasks = threads(count, in: &world)
        let file = try world.file(pages: 1)
        let area = try world.map(file, .read, in: tasks[0])
        world.start(.readProcMem(area.map, area.start, pages: 1), in: tasks[0])
        world.run()
        return (world, tasks, area)
    }

    /// All other threads wait for the lock, to write.
    static func describingWaits(of count: Int) throws -> ScaleRun {
        var (world, tasks, _) = try holding(threads: count + 1)
        for task in tasks.dropFirst() { world.start(.munmap(base, pages: 1), in: task) }
        world.run()
        return ScaleRun(machine: world.machine, count: count) { machine in
            let waits = machine.waitLinks
            return waits.count == tasks.count && waits.last?.behind == [tasks[0]] ? tasks.count : nil
        }
    }

    /// One thread waits to write, and all others wait behind it to read.
    static func describingChain(of count: Int) throws -> ScaleRun {
        var (world, tasks, area) = try holding(threads: count + 2)
        world.start(.munmap(base, pages: 1), in: tasks[1])
        for task in tasks.dropFirst(2) { world.start(.mincore(area.start, pages: 1), in: task) }
        world.run()
        return ScaleRun(machine: world.machine, count: count) { machine in
            let waits = machine.waitLinks
            return waits.count == tasks.count ? WaitLink.chain(of: waits).utf8.count : nil
        }
    }
}
