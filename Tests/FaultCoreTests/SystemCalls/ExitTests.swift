import BareMachine
import Testing

@testable import FaultCore

@Suite("exit", .timeLimit(.minutes(60)))
struct ExitTests {
    @Test("the last task frees every frame, page table and area, with one read lock and then a read and a write lock")
    func freesEverything() {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 0..<4)
        let empty = world.machine.structuralHash
        let tables = world.machine.tables.nodesInUse
        world.area(at: 100, pages: 4)
        world.area(at: 1 << 17, pages: 4, file: file)
        world.run(.write(PageNumber(100), pages: 4))
        world.run(.read(PageNumber(1 << 17), pages: 4))
        #expect(world.machine.frames.inUse == 8)

        let map = world.map
        let report = world.run(.exit)
        #expect(report.isGone && world.machine.map(of: world.task) == .none)
        #expect(report.counters.mmapReadLocks == 2 && report.counters.mmapWriteLocks == 1)
        #expect(world.machine.frames.inUse == 4, "the page cache stays")
        #expect(world.machine.tables.nodesInUse == tables - 1, "not even the root is left")
        #expect(world.machine.areas(of: map).isEmpty && world.machine.rss(of: map) == ResidentPages())
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        // Reading marked the cached pages as referenced, and that stays.
        for page in 0..<4 {
            let folio = world.machine.cachedFolio(at: PageIndex(page), of: file)!
            #expect(world.machine.references(of: folio) == 1 && world.machine.mappings(of: folio) == 0)
            world.machine.setFlags(of: folio, removing: .referenced)
        }
        #expect(world.machine.structuralHash == empty)
    }

    @Test("without files, no frame is in use in the end and the fingerprint is as if nothing had been")
    func nothingIsLeft() {
        var world = BareMachine()
        let empty = world.machine.structuralHash
        world.area(at: 100, pages: 8)
        world.run(.write(PageNumber(100), pages: 4))
        world.run(.read(PageNumber(100), pages: 8))
        let child = world.fork()
        world.run(.write(PageNumber(100)), in: child)
        world.run(.exit)
        #expect(world.rss(child).anonymous == 4)
        world.run(.exit, in: child)
        #expect(world.machine.frames.inUse == 0 && world.machine.tables.nodesInUse == 0)
        #expect(world.machine.structuralHash == empty)
    }

    @Test("shared anonymous memory goes with the last process that maps it")
    func unnamedFile() {
        var world = BareMachine()
        let memory = world.machine.addFile(
            pages: 4, operations: 0, vmOperations: 1, device: .none, traits: [.shmem, .unnamed], blocks: [])
        for page in 0..<4 {
            _ = world.machine.addToCache(
                of: memory, at: PageIndex(page), flags: [.uptodate, .shmem], point: .shmemPage, for: .none)
        }
        world.area(at: 100, pages: 4, [.read, .write, .shared], file: memory)
        world.run(.write(PageNumber(100), pages: 4))
        let child = world.fork()
        world.run(.exit)
        #expect(world.machine.cachedPages(of: memory) == 4)
        world.run(.exit, in: child)
        #expect(world.machine.cachedPages(of: memory) == 0 && world.machine.frames.inUse == 0)
    }

    @Test("a thread that is not the last only takes the lock for reading")
    func threadLeaves() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.run(.write(PageNumber(100)))
        let thread = world.machine.addTask(in: world.map)
        let report = world.run(.exit, in: thread)
        #expect(report.isGone)
        #expect(report.counters.mmapReadLocks == 1 && report.counters.mmapWriteLocks == 0)
        #expect(world.rss().anonymous == 1)
    }

    @Test("a killed task waits for the lock to exit, whatever is pending")
    func killedTaskWaits() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        let thread = world.addHolder()
        world.machine.send(.kill, to: world.task)
        let blocked = world.run()
        #expect(blocked == .blocked)
        #expect(!world.machine.hasExited(world.task))
        world.machine.unlock(.mmap(world.machine.map(of: thread)), by: thread)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(world.task))
    }

    @Test("a task killed while a fault reads ends with no locks, and its memory with it")
    func killedInFault() {
        var world = BareMachine()
        let file = world.file(pages: 4)
        world.area(at: 100, pages: 4, [.read], file: file)
        world.machine.start(.read(PageNumber(100)), in: world.task)
        let blocked = world.run()
        #expect(blocked == .blocked)
        world.machine.send(.kill, to: world.task)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(world.task))
        #expect(world.machine.report(of: world.task).signal == .kill)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.tables.nodesInUse == 0)
    }

    @Test("a reader of its memory keeps the map of an ended process alive, and tears it down")
    func remoteReaderIsLast() {
        var world = BareMachine()
        let file = world.file(pages: 4)
        world.area(at: 100, pages: 4, [.read], file: file)
        world.area(at: 200, pages: 1)
        world.run(.write(PageNumber(200)))
        let map = world.map
        let reader = world.machine.addTask()
        world.machine.start(.readRemoteMemory(map, PageNumber(100), pages: 1), in: reader)
        let blocked = world.run()
        #expect(blocked == .blocked)
        world.run(.exit)
        #expect(world.machine.hasExited(world.task))
        #expect(world.machine.rss(of: map).anonymous == 1, "the reader still uses it")

        let report = world.goOn(reader)
        #expect(report.value == 1)
        #expect(world.machine.rss(of: map) == ResidentPages() && world.machine.areas(of: map).isEmpty)
        #expect(report.counters.mmapWriteLocks == 1)
        let late = world.run(.readRemoteMemory(map, PageNumber(100), pages: 1), in: reader)
        #expect(late.errno == .noSuchProcess)
        let maps = world.run(.readProcMaps(map), in: reader)
        #expect(maps.value == 0 && maps.errno == nil)
    }
}
