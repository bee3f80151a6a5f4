import FaultSimulator

/// What keeps memory: how many bytes a unit takes is measured.
public enum MemoryWorkload: String, CaseIterable, Sendable {
    /// A process with pages of anonymous memory; one unit is a page. Its entry, eight bytes of a page table, is left out.
    case residentPages
    /// Threads that sleep for a page; one unit is a thread.
    case sleepingThreads

    /// What is kept, in words.
    public var title: String {
        switch self {
        case .residentPages: "bytes of a resident page beyond its entry"
        case .sleepingThreads: "bytes of a sleeping thread"
        }
    }

    /// How many units there are at the small end and at the large end.
    public var sizes: (small: Int, large: Int) {
        switch self {
        case .residentPages: (10_240, 1_024_000)
        case .sleepingThreads: (100, 10_000)
        }
    }

    /// Makes a machine of that size.
    public func make(size: Int) throws -> MemoryRun {
        var world = try ScaleRun.world()
        switch self {
        case .residentPages:
            let task = world.task()
            let area = try world.map(
                MapRequest(pages: size, access: .readWrite, placement: .fixed(ScaleRun.base)), in: task)
            try world.perform(.write(area, pages: size), in: task)
            return MemoryRun(machine: world.machine, bytesLeftOut: 8 * size)
        case .sleepingThreads:
            let tasks = ScaleRun.threads(size, in: &world)
            let file = try world.file(pages: 1)
            let area = try world.map(file, .read, in: tasks[0])
            for task in tasks { world.start(.read(area), in: task) }
            world.run()
            return MemoryRun(machine: world.machine, bytesLeftOut: 0)
        }
    }
}

/// A machine that is kept.
public struct MemoryRun: Sendable {
    let machine: Machine
    /// What is not counted.
    public let bytesLeftOut: Int

    /// How many pages are in use: read it after memory is measured, so that the machine is there until then.
    public var pages: Int { machine.framesInUse }
}
