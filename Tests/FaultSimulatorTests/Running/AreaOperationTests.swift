import FaultSimulator
import Testing

/// Operations that name an area instead of pages.
@Suite("Operations on an area", .timeLimit(.minutes(60)))
struct AreaOperationTests {
    private let area = Area(map: MapID(0), start: PageNumber(100), pages: 8)

    @Test("without a part they mean the whole area, with one the pages of the part")
    func parts() {
        let start = PageNumber(100)
        #expect(TaskOperation.munlock(area) == .munlock(start, pages: 8))
        #expect(TaskOperation.munlock(area, page: 2, pages: 3) == .munlock(start + 2, pages: 3))
        #expect(TaskOperation.mincore(area, page: 6) == .mincore(start + 6, pages: 2))
        #expect(TaskOperation.msync(area) == .msync(start, pages: 8))
        #expect(TaskOperation.mremap(area, newPages: 16) == .mremap(start, pages: 8, newPages: 16, .mayMove))
        #expect(
            TaskOperation.getUserPages(area, .write, page: 1, pages: 2) == .getUserPages(start + 1, pages: 2, .write))
        #expect(TaskOperation.kernelTouch(.read, area, page: 3) == .kernelTouch(.read, start + 3, .kernelWithFixup))
        #expect(
            TaskOperation.faultIn(.fixup, .write, area, page: 5) == .faultIn(FaultRequest(.fixup, .write, start + 5)))
        #expect(TaskOperation.readProcMaps(of: area) == .readProcMaps(area.map))
        #expect(TaskOperation.readProcMem(area, page: 7) == .readProcMem(area.map, start + 7, pages: 1))
        #expect(TaskOperation.writeProcMem(area, page: 7) == .writeProcMem(area.map, start + 7, pages: 1))
        #expect(TaskOperation.readRemoteMemory(area) == .readRemoteMemory(area.map, start, pages: 8))
        #expect(
            TaskOperation.mprotectWithKey(area, .read, key: 3) == .mprotectWithKey(start, pages: 8, .read, key: 3))
    }

    @Test("a fork gives the child, whose memory is a copy")
    func fork() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let child = try world.fork(task)
        #expect(child != task && world.map(of: child) != world.map(of: task))
        #expect(world.rss(of: child) == world.rss(of: task))
        #expect(try world.perform(.write(area), in: child).minorFaults == 1)
    }

    @Test("a fork that the kernel refuses throws its errno")
    func refusedFork() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        try world.perform(.write(try world.map(anonymousPages: 2, in: task)), in: task)
        world.machine.failAllocation(at: .area)
        #expect(throws: WorldError.refused(.noMemory)) { try world.fork(task) }
    }

    @Test("what another disk holds is completed by its name")
    func otherDisk() throws {
        var world = try World(.linux6_1)
        let other = world.addDisk()
        let file = try world.file(pages: 8, device: other)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start(.read(area), in: task)
        #expect(world.run() == .blocked)
        #expect(world.completeReads() == 0)
        #expect(world.run() == .blocked)
        #expect(world.completeReads(on: other) == 1)
        #expect(world.run() == .finished)
        #expect(world.report(task).majorFaults == 1)
    }
}
