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

    @Test("a part that begins at the end of all numbers fails with an errno, however long its rest would be")
    func rests() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        let descriptor = try world.userfaultfd(in: task)
        for page in [Int.min, .min + 1, .max] {
            let calls: [TaskOperation] = [
                .munmap(area, page: page), .mprotect(area, .read, page: page), .madvise(area, .dontNeed, page: page),
                .mlock(area, page: page), .mlock2(area, .onFault, page: page), .munlock(area, page: page),
                .mincore(area, page: page), .msync(area, page: page), .getUserPages(area, page: page),
                .mprotectWithKey(area, .read, key: 0, page: page), .readRemoteMemory(area, page: page),
                .readProcMem(area, page: page), .writeProcMem(area, page: page), .pinUserPages(area, page: page),
                .writeProtect(descriptor, area, page: page), .wake(descriptor, area, page: page),
            ]
            for call in calls { #expect(try !world.perform(call, in: task).succeeded, "\(call)") }
            #expect(throws: WorldError.refused(.invalid)) {
                try world.register(area, page: page, with: descriptor, for: .missing, by: task)
            }
        }
    }

    @Test("remapped memory is where the call says, with its pages, and the old area is empty")
    func remap() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        _ = try world.map(anonymousPages: 4, .read, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        let stamp = try world.perform(.read(area, page: 3), in: task).outcome.stamp
        let moved = try world.remap(area, newPages: 4, .leaving, in: task)
        #expect(moved.start != area.start && moved.pages == 4 && moved.map == area.map)
        #expect(world.presentPages(of: moved) == [0, 1, 2, 3] && world.presentPages(of: area).isEmpty)
        #expect(try world.perform(.read(moved, page: 3), in: task).outcome.stamp == stamp)
        let shrunk = try world.remap(moved, newPages: 1, in: task)
        #expect(shrunk == Area(map: moved.map, start: moved.start, pages: 1))
        #expect(world.presentPages(of: moved) == [0])
    }

    @Test("memory is not remapped to no pages, by another process, or where there is none")
    func wrongRemap() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let other = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        for pages in [Int.min, -1, 0, 1 << 24 + 1, .max] {
            #expect(throws: WorldError.invalid("an area can't get \(pages) pages; pages must be 1 to 2^24")) {
                try world.remap(area, newPages: pages, in: task)
            }
        }
        #expect(
            throws: WorldError.invalid("the area is not in the memory of task 1; take a task of its process")
        ) { try world.remap(area, newPages: 8, in: other) }
        try world.perform(.munmap(area), in: task)
        #expect(throws: WorldError.refused(.badAddress)) { try world.remap(area, newPages: 8, in: task) }
    }

    @Test("a call of the set-up whose task is killed gives nothing, and says so")
    func killedSetUp() throws {
        let calls: [(inout World, TaskID, Area) throws -> Void] = [
            { world, task, _ in _ = try world.fork(task) },
            { world, task, _ in _ = try world.map(anonymousPages: 1, in: task) },
            { world, task, area in _ = try world.remap(area, newPages: 8, in: task) },
            { world, task, area in try world.pin(area, in: task) },
            { world, task, _ in _ = try world.userfaultfd(in: task) },
        ]
        for call in calls {
            var world = try World(.linux6_1)
            let task = world.task("victim")
            let killer = world.task("killer")
            let area = try world.map(anonymousPages: 4, in: task)
            world.start(.kill(task, .kill), in: killer)
            #expect(
                throws: WorldError.invalid(
                    "SIGKILL ended task 0 before its call returned; take a task that no signal is sent to")
            ) { try call(&world, task, area) }
        }
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
        #expect(world.report(of: task).majorFaults == 1)
    }
}
