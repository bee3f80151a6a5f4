import FaultSimulator
import Testing

/// A process with a cold file mapped, one of whose threads reads a page of it, and sleeps.
struct ColdRead {
    var world: World
    let file: FileID
    let reader: TaskID
    let other: TaskID
    let area: Area

    init(_ model: KernelModel, pages: Int = 64, page: Int = 3) throws {
        world = try World(model)
        file = try world.file(pages: pages)
        reader = world.task()
        other = world.thread(of: reader)
        area = try world.map(file, .read, in: reader)
        world.start(.read(area, page: page), in: reader)
        let reason = world.run()
        #expect(reason == .blocked)
    }

    /// Whether the process's mmap lock is held while the read is waited for.
    var holdsLock: Bool { !world.mmapLock(of: reader).isFree }

    /// Lets the device finish, and everybody go on.
    mutating func finish() -> OperationReport {
        repeat { world.run() } while world.completeReads() > 0
        return world.report(of: reader)
    }
}

extension World {
    /// Lets an idle thread hold the mmap lock of its process, which no law allows. Answers whether it was free.
    mutating func hold(_ mode: LockMode, by thread: TaskID) -> Bool {
        machine.isChecking = false
        return machine.tryLock(.mmap(machine.map(of: thread)), mode, for: thread)
    }
}
