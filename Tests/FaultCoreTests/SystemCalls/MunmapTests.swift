import BareMachine
import Testing

@testable import FaultCore

@Suite("munmap", .timeLimit(.minutes(60)))
struct MunmapTests {
    private func unmap(_ page: UInt64, _ pages: Int) -> TaskOperation {
        .munmap(PageNumber(page), pages: pages)
    }

    @Test("an area is split at both ends, its pages and page tables are freed")
    func splits() {
        var world = BareMachine()
        let empty = world.machine.structuralHash
        world.mmap(1000, 100)
        world.run(.write(PageNumber(1000), pages: 100))
        let report = world.run(unmap(1010, 80))
        #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == 1)
        #expect(world.bounds == [[1000, 1010], [1090, 1100]])
        #expect(world.rss().anonymous == 20)
        #expect(!world.machine.hasTable(for: PageNumber(1030), in: world.map), "the table of 1024 to 1087 is empty")
        #expect(world.machine.hasTable(for: PageNumber(1010), in: world.map), "960 to 1023 has a page left")
        #expect(world.areas.map(\.startIndex) == [1000, 1090])
        world.run(unmap(0, 1 << 18))
        #expect(world.machine.structuralHash == empty)
        #expect(world.machine.tables.nodesInUse == 1, "the root is left")
    }

    @Test("holes are fine; where nothing is mapped, nothing is downgraded")
    func holes() {
        var world = BareMachine()
        world.mmap(1000, 2)
        world.mmap(1010, 2)
        let report = world.run(unmap(990, 100))
        #expect(report.errno == nil && report.counters.mmapReadLocks == 1)
        #expect(world.bounds.isEmpty)
        let again = world.run(unmap(990, 100))
        #expect(again.errno == nil && again.counters.mmapReadLocks == 0 && again.counters.mmapWriteLocks == 1)
    }

    @Test("the lock is not downgraded below an area that grows down, however far above it is")
    func growingNeighbour() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(100_000, 4, [.read, .write, .growsDown])
        #expect(world.run(unmap(1000, 1)).counters.mmapReadLocks == 1, "the rest of the area comes next")
        #expect(world.run(unmap(1002, 2)).counters.mmapReadLocks == 0)
        #expect(world.run(unmap(100_000, 2)).counters.mmapReadLocks == 0, "the stack's own rest comes next")
        #expect(world.run(unmap(100_002, 2)).counters.mmapReadLocks == 1, "nothing comes next")
    }

    @Test("a waiting reader gets in before the page tables are torn down")
    func readerRunsBeside() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(2000, 4)
        world.run(.write(PageNumber(1000), pages: 4))
        let thread = world.machine.addTask(in: world.map)
        world.machine.start(unmap(1000, 4), in: world.task)
        let (map, task) = (world.map, world.task)
        world.step { $0.holds(.mmap(map), task) != .write }
        world.machine.start(.write(PageNumber(2000), pages: 1), in: thread)
        world.step(thread) { $0.wait(of: thread) == nil }
        world.step { $0.holds(.mmap(map), task) == .write }
        #expect(world.machine.holds(.mmap(world.map), thread) == .read)
        #expect(world.areas.count == 1)
        #expect(world.rss().anonymous == 4, "the entries are still there")
        world.run()
        #expect(world.rss().anonymous == 1)
    }

    @Test("a range that no map can have is refused", arguments: [(0, 0), (1 << 18, 1), (10, 1 << 18), (5, -1)])
    func invalid(_ page: Int, _ pages: Int) {
        var world = BareMachine()
        world.mmap(1000, 4)
        #expect(world.run(unmap(UInt64(page), pages)).errno == .invalid)
        #expect(world.bounds.count == 1)
    }

    @Test("a hole in an area needs one more, which the limit refuses; an end does not")
    func limit() {
        var settings = MachineSettings()
        settings.mapCountLimit = 1
        var world = BareMachine(settings: settings)
        world.mmap(1000, 10)
        #expect(world.run(unmap(1004, 2)).errno == .noMemory)
        #expect(world.bounds == [[1000, 1010]])
        #expect(world.run(unmap(1008, 2)).errno == nil)
        #expect(world.run(unmap(1000, 2)).errno == nil)
        #expect(world.bounds == [[1002, 1008]])
    }
}
