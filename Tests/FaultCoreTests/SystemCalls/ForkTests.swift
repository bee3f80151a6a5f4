import BareMachine
import Testing

@testable import FaultCore

@Suite("fork", .timeLimit(.minutes(60)))
struct ForkTests {
    /// A parent that has written pages 100 to 102 of a private area of four, and forked.
    private func forked() -> (BareMachine, child: TaskID) {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        world.run(.write(PageNumber(100), pages: 3))
        let child = world.fork()
        return (world, child)
    }

    @Test("shares written pages: two references, two mappings, read-only in both, exclusive to neither")
    func sharesPages() {
        let (world, child) = forked()
        #expect(world.entry(100) != .none)
        #expect(world.entry(100).frame == world.entry(100, of: child).frame)
        #expect(!world.entry(100).isWritable && !world.entry(100, of: child).isWritable)
        #expect(world.entry(100).bits.contains([.young, .dirty]))
        #expect(world.entry(100, of: child).bits.contains(.dirty))
        #expect(!world.entry(100, of: child).bits.contains(.young))
        #expect(world.frame(100).references == 2 && world.frame(100).mappings == 2)
        #expect(!world.frame(100).flags.contains(.anonExclusive))
        #expect(world.entry(103, of: child).isNone)
        #expect(world.rss(child).anonymous == 3 && world.rss().anonymous == 3)
    }

    @Test("takes two write locks, the parent's and the child's, and returns the child")
    func locks() {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        let report = world.run(.fork)
        #expect(report.counters.mmapWriteLocks == 2 && report.counters.mmapReadLocks == 0)
        #expect(report.value == 1)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.semaphore(.mmap(world.machine.map(of: TaskID(1)))).isFree)
    }

    @Test("the first process that writes gets a copy, and the last one reuses the page", arguments: [true, false])
    func copyThenReuse(parentFirst: Bool) {
        var (world, child) = forked()
        let (first, second) = parentFirst ? (world.task, child) : (child, world.task)
        let shared = world.entry(100).frame

        let copying = world.run(.write(PageNumber(100)), in: first)
        #expect(copying.results == [.write])
        #expect(world.entry(100, of: first).frame != shared)
        #expect(world.machine.references(of: shared) == 1 && world.machine.mappings(of: shared) == 1)
        #expect(world.machine.events.pgreuse == 0)

        let reusing = world.run(.write(PageNumber(100)), in: second)
        #expect(reusing.results == [.write])
        #expect(world.entry(100, of: second).frame == shared)
        #expect(world.machine.events.pgreuse == 1)
        #expect(world.machine.flags(of: shared).contains(.anonExclusive))
        #expect(world.rss(first).anonymous == 3 && world.rss(second).anonymous == 3)
    }

    @Test("a child's exit leaves the page to the parent, which reuses it")
    func parentReusesAfterExit() {
        var (world, child) = forked()
        let shared = world.entry(101).frame
        world.run(.exit, in: child)
        #expect(world.machine.references(of: shared) == 1)
        world.run(.write(PageNumber(101)))
        #expect(world.entry(101).frame == shared && world.machine.events.pgreuse == 1)
    }

    @Test("each side reads its own last write")
    func contents() {
        var (world, child) = forked()
        let before = world.machine.stamp(of: world.entry(100).frame)
        world.run(.write(PageNumber(100)))
        let childRead = world.run(.read(PageNumber(100)), in: child)
        let ownRead = world.run(.read(PageNumber(100)))
        #expect(childRead.outcome.stamp == before && ownRead.outcome.stamp != before)
    }

    @Test("copies no entries of an area in which nothing was written")
    func copiesNothingWithoutAnonVMA() {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 0..<4)
        world.area(at: 100, pages: 4)
        world.area(at: 200, pages: 4, [.read, .write, .shared], file: file)
        world.run(.read(PageNumber(100), pages: 4))
        world.run(.read(PageNumber(200), pages: 4))
        #expect(world.rss().file == 4)
        let child = world.fork()
        #expect(world.rss(child) == ResidentPages())
        #expect(world.entry(100, of: child).isNone && world.entry(200, of: child).isNone)
        #expect(world.machine.areas(of: world.machine.map(of: child)).count == 2)
    }

    @Test("copies file pages and zero entries of a private area once it has an anon_vma")
    func copiesEverythingWithAnonVMA() throws {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 0..<4)
        world.area(at: 100, pages: 4)
        world.area(at: 200, pages: 4, file: file)
        world.run(.read(PageNumber(100), pages: 2))
        world.run(.write(PageNumber(102)))
        world.run(.read(PageNumber(200), pages: 3))
        world.run(.write(PageNumber(203)))
        let child = world.fork()
        #expect(world.entry(100, of: child).isZeroPage)
        #expect(!world.entry(100, of: child).bits.contains(.young))
        #expect(world.rss(child).anonymous == 2 && world.rss(child).file == 3)
        let cached = try #require(world.machine.cachedFolio(at: 0, of: file))
        #expect(world.machine.mappings(of: cached) == 2 && world.machine.references(of: cached) == 3)
    }

    @Test("counts the links of an area's chain up to 65,535, however many generations fork")
    func generations() throws {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        world.run(.write(PageNumber(100)))
        let position = try #require(world.machine.maps[world.map.index].areas.firstPosition)
        world.machine.maps[world.map.index].areas[position].anonLinks = .max - 1
        // No setter sets it, so its share of the fingerprint is counted here.
        world.machine.structuralHash = world.machine.recountedStructuralHash(MemoryCensus(of: world.machine))
        let child = world.fork()
        world.run(.fork, in: child)
        let links = (1...2).map { world.machine.areas(of: world.machine.map(of: TaskID($0)))[0].anonLinks }
        #expect(links == [.max, .max])
    }

    @Test("leaves out MADV_DONTFORK areas, empties MADV_WIPEONFORK ones, unlocks locked ones")
    func areaFlags() throws {
        var world = BareMachine()
        world.area(at: 100, pages: 2, [.read, .write, .dontCopy])
        world.area(at: 200, pages: 2, [.read, .write, .wipeOnFork])
        world.area(at: 300, pages: 2, [.read, .write, .locked])
        for page in [100, 200, 300] as [UInt64] { world.run(.write(PageNumber(page))) }
        let child = world.fork()
        let areas = world.machine.areas(of: world.machine.map(of: child))
        #expect(areas.map(\.start) == [PageNumber(200), PageNumber(300)])
        #expect(areas[0].anonVMA == 0 && areas[0].anonLinks == 0 && areas[0].flags.contains(.wipeOnFork))
        #expect(!areas[1].flags.contains(.locked) && areas[1].anonLinks == 2)
        let parent = try #require(world.machine.area(containing: PageNumber(300), in: world.map))
        #expect(parent.flags.contains(.locked) && parent.anonLinks == 1 && parent.anonVMA != areas[1].anonVMA)
        #expect(world.rss(child).anonymous == 1)
    }

    @Test(
        "fails with ENOMEM and leaves nothing behind",
        arguments: [AllocationPoint.area, .anonVMA, .pageTable])
    func failure(point: AllocationPoint) {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.area(at: 1000, pages: 2)
        world.run(.write(PageNumber(100)))
        world.run(.write(PageNumber(1000)))
        let frames = world.machine.frames.inUse
        let tables = world.machine.tables.nodesInUse
        world.machine.failAllocation(at: point, skipping: 1)
        let report = world.run(.fork)
        #expect(report.errno == .noMemory)
        #expect(world.machine.frames.inUse == frames && world.machine.tables.nodesInUse == tables)
        #expect(world.machine.taskCount == 1 && world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.frame(100).references == 1)
        let write = world.run(.write(PageNumber(100)))
        #expect(write.minorFaults == 1, "the entry stays write-protected")
    }

    @Test("waits for the parent's lock killably")
    func killedWhileWaiting() {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        let thread = world.addHolder(.read)
        world.machine.start(.fork, in: world.task)
        let blocked = world.run()
        #expect(blocked == .blocked)
        world.machine.send(.kill, to: world.task)
        world.machine.unlock(.mmap(world.machine.map(of: thread)), by: thread)
        #expect(world.run() == .finished)
        #expect(world.machine.hasExited(world.task) && world.machine.taskCount == 2)
    }
}
