import FaultTestSupport
import Testing

/// The code of `Documentation/Operations.md`: each operation is done, in a copy of the same world.
@Suite("Guide: operations", .timeLimit(.minutes(60)))
struct OperationsGuide {
    private struct Scene {
        var world: World
        let task: TaskID
        let debugger: TaskID
        let file: FileID
        let area: Area
        let heap: Area

        init() throws {
            world = try World(.linux6_1)
            task = world.task("task")
            debugger = world.task("debugger")
            file = try world.file("table", pages: 64)
            area = try world.map(file, .readWrite, .shared, named: "area", in: task)
            heap = try world.map(anonymousPages: 8, named: "heap", in: task)
            try world.perform(.write(heap, pages: 8), in: task)
        }

        /// Whether all of these succeed, each by itself.
        func allSucceed(_ operations: [TaskOperation], in task: TaskID) throws -> Bool {
            try operations.allSatisfy { operation in
                var copy = world
                return try copy.perform(operation, in: task).errno == nil && copy.report(of: task).signal == nil
            }
        }
    }

    @Test("what a program does to its memory")
    func memory() throws {
        let scene = try Scene()
        let (task, area, heap) = (scene.task, scene.area, scene.heap)
        let accesses: [TaskOperation] = [
            .read(area, page: 9),
            .write(heap, page: 2),
            .read(area, pages: 16, stride: 4),
            .kernelTouch(.write, heap, page: 1),
        ]
        let calls: [TaskOperation] = [
            .mmap(MapRequest(pages: 4, access: .readWrite, flags: [.locked])),
            .munmap(area, page: 32, pages: 8),
            .mprotect(heap, .noAccess),
            .madvise(heap, .dontNeed),
            .mremap(heap, newPages: 16),
            .mlock(area), .munlock(area), .mlock2(area, .onFault), .mlockAll([.current]), .munlockAll,
            .brk(4),
            .mincore(area),
            .msync(area),
            .fork,
        ]
        #expect(try scene.allSucceed(accesses + calls, in: task))
    }

    @Test("where an area is after it has moved")
    func moved() throws {
        let scene = try Scene()
        var (world, task, heap) = (scene.world, scene.task, scene.heap)
        let moved = try world.remap(heap, newPages: 16, in: task)
        #expect(world.present(in: moved) == [0...7])
        #expect(world.present(in: heap).isEmpty == (moved.start != heap.start))
        #expect(world.report(of: task).succeeded)
    }

    @Test("what a program does to files")
    func files() throws {
        let scene = try Scene()
        let (task, file, heap) = (scene.task, scene.file, scene.heap)
        let calls: [TaskOperation] = [
            .read(file, page: 0, pages: 8),
            .read(file, pages: 8, into: heap),
            .directRead(file, pages: 8, into: heap),
            .write(file, page: 3),
            .write(file, pages: 8, from: heap),
            .truncate(file, pages: 8),
            .truncate(file, to: .bytes(5000)),
            .punchHole(file, 2, pages: 4),
            .fsync(file),
            .dropCache(file),
            .readAhead(file, 0, pages: 64),
            .adviseFile(file, .random),
        ]
        #expect(try scene.allSucceed(calls, in: task))
    }

    @Test("what devices and other processes do to its memory")
    func others() throws {
        let scene = try Scene()
        let (task, debugger, area, heap) = (scene.task, scene.debugger, scene.area, scene.heap)
        let lookups: [TaskOperation] = [
            .getUserPages(heap, [.get, .write, .unlockable], page: 0, pages: 2),
            .pinUserPages(heap, page: 0, pages: 2),
            .faultIn(.fixupUnlockable, .write, heap, page: 3),
            .sleep(.milliseconds(1)), .compute(.milliseconds(1)),
        ]
        let remote: [TaskOperation] = [
            .readProcMaps(of: area),
            .readRemoteMemory(area, page: 9, pages: 1),
            .readProcMem(area, page: 9, pages: 1),
            .writeProcMem(area, page: 9, pages: 1),
            .kill(task, .user1),
        ]
        #expect(try scene.allSucceed(lookups, in: task))
        #expect(try scene.allSucceed(remote, in: debugger))
    }

    @Test("a swap area is switched off by its number")
    func swap() throws {
        var world = try World(.linux6_1)
        let root = world.task("root")
        try world.addSwap(pages: 64)
        #expect(try world.perform(.swapOff(0), in: root).errno == nil)
        #expect(try world.perform(.swapOff(0), in: root).errno == .invalid)
    }

    @Test("where an area lies")
    func placement() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 36, resident: .all)
        let request = MapRequest(
            pages: 36, access: .read, file: file, placement: .fixed(PageNumber(0x10008)))
        let area = try world.map(request, in: task)
        try world.perform(.read(area, page: 0), in: task)
        #expect(world.present(in: area) == [0...15])
        try world.perform(.read(area, page: 24), in: task)
        #expect(world.present(in: area) == [0...15, 24...35])
    }

    @Test("where a run stops")
    func stops() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), .read, in: task)
        world.start(.read(area, page: 9), in: task)

        #expect(world.run(until: .stage(task, "pageFault.enter")) == .conditionMet)
        #expect(world.run(until: .event(.faultLockDropped, of: task)) == .conditionMet)
        #expect(world.run(until: .asleep(task)) == .conditionMet)
        #expect(world.run() == .blocked)
        world.completeReads()
        #expect(world.run(until: .predicate { !$0.requestsUnderWay.isEmpty }) == .finished)
    }

    @Test("what an administrator sets")
    func settings() throws {
        var settings = MachineSettings()
        #expect(settings.faultAroundPages == 16 && settings.readaheadPages == 32)
        #expect(settings.swapReadaheadPages == 8 && settings.processors == 1)
        settings.faultAroundPages = 1
        var world = try World(.linux6_1, settings: settings)
        let task = world.task()
        let area = try world.map(world.file(pages: 64, resident: .all), .read, in: task)
        #expect(try world.perform(.read(area, pages: 64), in: task).counters.exceptions == 64)
    }

    @Test("what may never end")
    func endless() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let task = world.task()
        let file = try world.file(pages: 64)
        let area = try world.map(file, .read, in: task)
        world.machine.breakBlocks(of: file, PageRun(9, 9))
        world.stageLimit = 20_000

        world.start(.mlock(area), in: task)
        #expect(world.run() == .limitReached)
        world.kill(task)
        #expect(world.run() == .finished)
    }
}
