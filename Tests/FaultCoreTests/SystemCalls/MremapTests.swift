import BareMachine
import Testing

@testable import FaultCore

@Suite("mremap", .timeLimit(.minutes(60)))
struct MremapTests {
    private func remap(_ page: UInt64, _ old: Int, _ new: Int, _ target: RemapTarget) -> TaskOperation {
        .mremap(PageNumber(page), pages: old, newPages: new, target)
    }

    @Test("shrinking unmaps the tail, whatever lies there, and downgrades the lock as munmap does")
    func shrink() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(1006, 4, .read)
        let report = world.run(remap(1000, 8, 2, .inPlace))
        #expect(report.value == 1000 && report.counters.mmapReadLocks == 1)
        #expect(world.bounds == [[1000, 1002], [1008, 1010]])
        #expect(world.run(remap(1000, 2, 2, .inPlace)).counters.mmapReadLocks == 0)
        world.mmap(2000, 1, [.read, .write, .growsDown])
        #expect(world.run(remap(1008, 2, 1, .mayMove)).counters.mmapReadLocks == 0)
    }

    @Test("growing in place merges with what follows")
    func growInPlace() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(1010, 4)
        #expect(world.run(remap(1002, 2, 8, .inPlace)).value == 1002)
        #expect(world.bounds == [[1000, 1014]])
    }

    @Test("what can't grow in place is refused, or moves with its pages")
    func move() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(1004, 1, .read)
        world.run(.write(PageNumber(1000), pages: 4))
        let stamps = (0..<4).map { world.entry(1000 + $0) }
        #expect(world.run(remap(1000, 4, 5, .inPlace)).errno == .noMemory)
        let report = world.run(remap(1000, 4, 70, .mayMove))
        let new = UInt64(report.value)
        #expect(report.counters.mmapReadLocks == 0 && new != 1000)
        #expect(world.bounds == [[1004, 1005], [new, new + 70]])
        #expect((0..<4).map { world.entry(new + $0) } == stamps)
        #expect(world.rss().anonymous == 4)
        #expect(world.areas[1].startIndex == 1000, "pages keep their number")
        world.run(.munmap(PageNumber(0), pages: 1 << 18))
        #expect(world.machine.structuralHash == BareMachine().machine.structuralHash)
    }

    @Test("an area that is left stays, empty and new, where its pages were moved away from")
    func leaving() throws {
        var world = BareMachine()
        world.mmap(1000, 4, [.read, .write, .locked])
        world.run(.write(PageNumber(1000), pages: 4))
        let entries = (0..<4).map { world.entry(1000 + $0) }
        let number = world.areas[0].anonVMA
        let new = UInt64(world.run(remap(1000, 4, 4, .leaving)).value)
        #expect(world.bounds == [[1000, 1004], [new, new + 4]].sorted { $0[0] < $1[0] })
        #expect((0..<4).map { world.entry(new + $0) } == entries)
        #expect((0..<4).allSatisfy { world.entry(1000 + $0).isNone })
        let left = try #require(world.machine.area(containing: PageNumber(1000), in: world.map))
        let moved = try #require(world.machine.area(containing: PageNumber(new), in: world.map))
        #expect(left.anonVMA == 0 && left.anonLinks == 0 && left.startIndex == 1000 && !left.flags.contains(.locked))
        #expect(number != 0 && moved.anonVMA == number && moved.startIndex == 1000 && moved.flags.contains(.locked))
        #expect(world.machine.maps[0].lockedPages == 4 && world.machine.maps[0].totalPages == 8)
        #expect(world.run(.write(PageNumber(1000))).errno == nil)
        #expect(world.rss().anonymous == 5)
        #expect(world.run(remap(1000, 4, 3, .leaving)).errno == .invalid)
        #expect(world.run(remap(1000, 5, 5, .leaving)).errno == .badAddress)
    }

    @Test("a part of an area that is left keeps the area's anon_vma")
    func leavingPart() throws {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.run(.write(PageNumber(1000), pages: 4))
        let number = world.areas[0].anonVMA
        #expect(world.run(remap(1001, 2, 2, .leaving)).errno == nil)
        let left = try #require(world.machine.area(containing: PageNumber(1001), in: world.map))
        #expect(left.anonVMA == number && left.startIndex == 1000 && left.pages == 4)
        #expect(world.rss().anonymous == 4)
    }

    @Test("memory without anon_vma is renumbered where it goes, so that it merges there, even with itself")
    func renumbering() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(2000, 4)
        #expect(world.run(remap(1000, 4, 4, .fixed(PageNumber(2004)))).value == 2004)
        #expect(world.bounds == [[2000, 2008]])
        #expect(world.run(remap(2000, 4, 4, .fixed(PageNumber(2008)))).value == 2008)
        #expect(world.bounds == [[2004, 2012]])
    }

    @Test("a fixed target is unmapped first, and stays so if the call then fails")
    func fixedTarget() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(1004, 4, .read)
        world.mmap(2000, 10)
        #expect(world.run(remap(1000, 6, 6, .fixed(PageNumber(2000)))).errno == .badAddress)
        #expect(world.bounds == [[1000, 1004], [1004, 1008], [2006, 2010]])
        #expect(world.run(remap(1000, 8, 6, .fixed(PageNumber(2004)))).errno == .badAddress)
        #expect(world.bounds == [[1000, 1004], [1004, 1006]], "the tail is gone too")
        #expect(world.run(remap(1000, 6, 2, .fixed(PageNumber(2000)))).value == 2000)
        #expect(world.bounds == [[2000, 2002]])
    }

    @Test("what can't be remapped is refused with the kernel's error")
    func refused() {
        var settings = MachineSettings()
        settings.addressSpaceLimitPages = 8
        settings.lockedLimitPages = 2
        var world = BareMachine(settings: settings)
        world.mmap(1000, 4)
        world.mmap(1100, 2, [.read, .locked])
        #expect(world.run(remap(1000, 4, 0, .mayMove)).errno == .invalid)
        #expect(world.run(remap(999, 4, 5, .mayMove)).errno == .badAddress)
        #expect(world.run(remap(1000, 5, 6, .mayMove)).errno == .badAddress)
        #expect(world.run(remap(1000, 0, 1, .mayMove)).errno == .invalid)
        #expect(world.run(remap(1000, 4, 7, .mayMove)).errno == .noMemory)
        #expect(world.run(remap(1100, 2, 3, .mayMove)).errno == .tryAgain)
        #expect(world.run(remap(1000, 4, 4, .fixed(PageNumber(1003)))).errno == .invalid)
        #expect(world.run(remap(1000, 4, 4, .fixed(PageNumber(1 << 18)))).errno == .invalid)
        #expect(world.run(remap(1000, 4, 4, .fixed(PageNumber(8)))).errno == .notPermitted)
        #expect(world.bounds == [[1000, 1004], [1100, 1102]])
    }

    @Test("the new part of a locked area is populated, in place and moved", arguments: [RemapTarget.inPlace, .mayMove])
    func populates(_ target: RemapTarget) throws {
        var world = BareMachine()
        world.mmap(1000, 4, [.read, .locked])
        if target == .mayMove { world.mmap(1004, 1, .execute) }
        world.machine.start(remap(1000, 4, 6, target), in: world.task)
        let reached = world.step(until: .populate)
        let populate = try #require(reached)
        let area = try #require(world.areas.first { $0.flags.contains(.locked) })
        let frame = populate.bytes.frame(PopulateRoutine.Frame.self)
        #expect(frame.page == area.start + 4 && frame.end == area.start + 6)
        #expect(world.machine.maps[0].lockedPages == 6)
    }

    @Test("a shared area can be mapped a second time by moving no pages of it")
    func duplicate() {
        var world = BareMachine()
        world.mmap(1000, 4, [.read, .shared])
        let report = world.run(remap(1001, 0, 2, .mayMove))
        #expect(report.errno == nil)
        let areas = world.areas
        #expect(areas.count == 2 && areas[0].file == areas[1].file && areas[1].startIndex == 1)
    }

    @Test("a page table that can't be made for the target puts everything back")
    func outOfTables() {
        var world = BareMachine()
        world.mmap(1000, 100)
        world.run(.write(PageNumber(1000), pages: 100))
        let before = world.machine.structuralHash
        for failing in 1...2 {
            var other = world
            other.machine.failAllocation(at: .pageTable, skipping: failing - 1)
            #expect(other.run(remap(1000, 100, 100, .fixed(PageNumber(5000)))).errno == .noMemory)
            #expect(other.machine.structuralHash == before)
        }
    }
}
