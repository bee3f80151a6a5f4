import BareMachine
import Testing

@testable import FaultCore

@Suite("brk", .timeLimit(.minutes(60)))
struct BrkTests {
    @Test("the heap grows as one area and shrinks with a downgrade")
    func growAndShrink() {
        var world = BareMachine()
        let start = world.machine.maps[0].heapStart.rawValue
        let empty = world.machine.structuralHash
        #expect(world.run(.brk(4)).value == Int(start) + 4)
        world.run(.write(PageNumber(start), pages: 4))
        #expect(world.run(.brk(4)).value == Int(start) + 8)
        #expect(world.bounds == [[start, start + 8]])
        #expect(world.areas[0].flags == [.read, .write, .account])
        let report = world.run(.brk(-6))
        #expect(report.value == Int(start) + 2)
        #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == 1)
        #expect(world.rss().anonymous == 2)
        #expect(world.run(.brk(0)).value == Int(start) + 2)
        #expect(world.run(.brk(-2)).value == Int(start))
        #expect(world.machine.structuralHash == empty)
    }

    @Test("where it can't go, the end of the heap stays and is returned")
    func refused() {
        var settings = MachineSettings()
        settings.addressSpaceLimitPages = 10
        var world = BareMachine(settings: settings)
        let start = world.machine.maps[0].heapStart.rawValue
        world.mmap(start + 5, 1, .read)
        #expect(world.run(.brk(5)).value == Int(start), "a page must stay free behind it")
        #expect(world.run(.brk(4)).value == Int(start) + 4)
        #expect(world.run(.brk(-5)).value == Int(start) + 4)
        world.run(.munmap(PageNumber(start + 5), pages: 1))
        #expect(world.run(.brk(7)).value == Int(start) + 4, "the address space limit")
        world.run(.munmap(PageNumber(start), pages: 4))
        #expect(world.run(.brk(-2)).value == Int(start) + 4, "there is nothing to unmap")
    }

    @Test("the guard gap of a stack above it counts")
    func guardGap() {
        var world = BareMachine()
        let start = world.machine.maps[0].heapStart.rawValue
        world.mmap(start + 300, 1, [.read, .write, .growsDown])
        #expect(world.run(.brk(44)).value == Int(start))
        #expect(world.run(.brk(43)).value == Int(start) + 43)
    }

    @Test("the heap does not merge with what follows it, nor with what lies below its start")
    func noOtherMerge() {
        var world = BareMachine()
        let start = world.machine.maps[0].heapStart.rawValue
        world.mmap(start - 2, 2)
        world.run(.brk(2))
        #expect(world.bounds == [[start - 2, start], [start, start + 2]])
    }
}
