import BareMachine
import Testing

@testable import FaultCore

@Suite("mprotect", .timeLimit(.minutes(60)))
struct MprotectTests {
    private func protect(_ page: UInt64, _ pages: Int, _ flags: VMAFlags) -> TaskOperation {
        .mprotect(PageNumber(page), pages: pages, flags.protection)
    }

    @Test("memory that ends before the range does is changed up to its end, and the call is ENOMEM")
    func endsEarly() {
        var world = BareMachine()
        world.area(at: 0x100, pages: 2)
        #expect(world.run(.mprotect(PageNumber(0x100), pages: 3, .read)).errno == .noMemory)
        #expect(world.areas.map { $0.flags.protection } == [.read])
        #expect(world.run(.mprotect(PageNumber(0x102), pages: 1, .read)).errno == .noMemory)
    }

    @Test("a part is split off, and merges back")
    func splitAndMerge() {
        var world = BareMachine()
        world.mmap(1000, 10)
        let before = world.machine.structuralHash
        let report = world.run(protect(1003, 4, .read))
        #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == 0)
        #expect(world.bounds == [[1000, 1003], [1003, 1007], [1007, 1010]])
        world.run(protect(1003, 2, [.read, .write]))
        #expect(world.bounds == [[1000, 1005], [1005, 1007], [1007, 1010]])
        world.run(protect(1005, 5, [.read, .write]))
        #expect(world.bounds == [[1000, 1010]])
        #expect(world.machine.structuralHash == before)
    }

    @Test("a part of a read-only area that was writable for a while stays charged, and does not merge back")
    func accountStays() {
        var world = BareMachine()
        world.mmap(1000, 10, .read)
        world.run(protect(1004, 2, [.read, .write]))
        world.run(protect(1004, 2, .read))
        #expect(world.bounds.count == 3)
        #expect(world.areas.map { $0.flags.contains(.account) } == [false, true, false])
    }

    @Test("parts that share an anon_vma merge; a written part does not join one that is not")
    func anonVMA() {
        var world = BareMachine()
        world.mmap(1000, 10)
        world.run(protect(1005, 5, .read))
        world.run(.write(PageNumber(1000)))
        world.run(protect(1000, 5, .read))
        #expect(world.bounds.count == 2, "with an anon_vma it does not join a neighbour without")
        world.run(protect(1005, 5, [.read, .write]))
        world.run(protect(1005, 5, .read))
        #expect(world.bounds.count == 1, "without, it joins a neighbour with one")
    }

    @Test("a hole ends it with ENOMEM; what came before stays changed")
    func hole() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.mmap(1006, 4)
        #expect(world.run(protect(1002, 8, .read)).errno == .noMemory)
        #expect(world.bounds == [[1000, 1002], [1002, 1004], [1006, 1010]])
        #expect(world.run(protect(998, 8, .execute)).errno == .noMemory)
        #expect(world.bounds.count == 3, "nothing is changed behind a hole at the start")
        #expect(world.run(protect(998, 0, .execute)).errno == nil)
        #expect(world.run(protect(1008, 3, .read)).errno == .noMemory)
        #expect(world.areas.last?.flags == [.read, .account])
    }

    @Test("private pages that were written stay writable over read-only and back; zero pages do not")
    func privateEntries() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.run(.write(PageNumber(1000)))
        world.run(.read(PageNumber(1001)))
        world.run(protect(1000, 4, .read))
        #expect(world.entry(1000).bits == [.present, .accessible, .dirty, .young])
        world.run(protect(1000, 4, []))
        #expect(world.entry(1000).bits == [.present, .dirty, .young])
        world.run(protect(1000, 4, [.read, .write]))
        #expect(world.entry(1000).bits == [.present, .accessible, .dirty, .young, .writable])
        #expect(world.entry(1001).bits == [.present, .accessible, .young, .special])
        #expect(world.entry(1002).bits == [])
        let frame = world.entry(1000).frame
        world.machine.setFlags(of: frame, removing: .anonExclusive)
        world.run(protect(1000, 4, .read))
        world.run(protect(1000, 4, [.read, .write]))
        #expect(!world.entry(1000).bits.contains(.writable), "shared with another process")
        let counted = world.run(.write(PageNumber(1000)))
        #expect(counted.minorFaults == 1)
    }

    @Test("shared pages become writable all at once, or only if dirty where the file wants to notice writes")
    func sharedEntries() {
        var world = BareMachine()
        let plain = world.file(traits: .shmem)
        let notified = world.file(vmOperations: 2, traits: [.writeback, .pageMkwrite])
        let bits: PTE.Bits = [.present, .accessible]
        world.mmap(1000, 4, [.read, .shared], file: plain)
        world.mmap(2000, 4, [.read, .shared], file: notified)
        world.install(1000, of: plain, at: 0, bits)
        world.install(2000, of: notified, at: 0, bits)
        world.install(2001, of: notified, at: 1, bits.union(.dirty))
        world.run(protect(1000, 4, [.read, .write]))
        world.run(protect(2000, 4, [.read, .write]))
        #expect(world.entry(1000).bits == bits.union(.writable))
        #expect(world.entry(2000).bits == bits)
        #expect(world.entry(2001).bits == bits.union([.dirty, .writable]))
    }

    @Test("a private locked area that becomes writable is populated under the write lock")
    func populates() throws {
        var world = BareMachine()
        world.mmap(1000, 6, [.read, .locked])
        world.machine.start(protect(1002, 3, [.read, .write]), in: world.task)
        let reached = world.step(until: .getUserPages)
        let populate = try #require(reached)
        let frame = populate.bytes.frame(GetUserPagesRoutine.Frame.self)
        #expect(frame.page == PageNumber(1002) && frame.left == 3 && frame.mode == .populateHeld)
        #expect(world.machine.holds(.mmap(world.map), world.task) == .write)
        world.run()
        #expect(world.machine.report(of: world.task).errno == nil)
        world.machine.start(protect(1002, 3, .read), in: world.task)
        let again = world.step(until: .getUserPages)
        #expect(again?.routine == nil)
    }

    @Test("too many areas: ENOMEM, and the split below the range stays")
    func limit() {
        var settings = MachineSettings()
        settings.mapCountLimit = 2
        var world = BareMachine(settings: settings)
        world.mmap(1000, 10)
        #expect(world.run(protect(1004, 2, .read)).errno == .noMemory)
        #expect(world.bounds == [[1000, 1004], [1004, 1010]])
        #expect(world.areas.allSatisfy { $0.flags.contains(.write) })
    }
}
