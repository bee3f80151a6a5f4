import BareMachine
import Testing

@testable import FaultCore

/// A task that changes areas locks them first: what it waits for, and what is reported if it has not locked them.
@Suite("Write-locking areas", .timeLimit(.minutes(60)))
struct AreaWritingTests {
    /// Two areas; a second task reads under the lock of the upper one.
    private func machine(_ model: KernelModel = .linux6_12) -> (BareMachine, TaskID) {
        var test = BareMachine(model)
        test.mmap(0x100, 4)
        test.mmap(0x104, 4, .read)
        let reader = test.machine.addTask(in: test.map)
        var fault = VMFault()
        fault.task = reader
        fault.map = test.map
        fault.page = PageNumber(0x105)
        if test.machine.findAreaWithoutLock(of: &fault), test.machine.tryAreaLock(of: &fault) == .locked {
            test.machine.tasks[reader.index].fault = fault
        }
        return (test, reader)
    }

    @Test("an area is locked at once if no task reads it; otherwise the writer waits until the reader ends")
    func waits() {
        var (test, reader) = machine()
        let map = test.map
        let range = PageNumber(0x100)..<PageNumber(0x108)
        _ = test.machine.tryLock(.mmap(map), .write, for: test.task)
        let wait = test.machine.waitToWrite(areasIn: range, of: map)
        #expect(wait == TaskWait(.areaReaders, .uninterruptible, value: UInt64(map.index)))
        #expect(test.machine.isPending(wait ?? .none, of: test.task))
        #expect(test.machine.isAreaWriteLocked(PageNumber(0x100), in: map))
        #expect(test.machine.isAreaWriteLocked(PageNumber(0x104), in: map))
        test.machine.endAreaRead(in: map, by: reader)
        #expect(!test.machine.isPending(wait ?? .none, of: test.task))
        let again = test.machine.waitToWrite(areasIn: range, of: map)
        #expect(again == nil)
        test.machine.unlock(.mmap(map), by: test.task)
        #expect(!test.machine.isAreaWriteLocked(PageNumber(0x100), in: map))
        #expect(test.machine.violations.isEmpty)
    }

    @Test("a change locks the area and the neighbours that it will join, and no others")
    func partners() {
        for (flags, joins) in [(VMAFlags.read, true), ([.read, .execute], false)] {
            var (test, _) = machine()
            let map = test.map
            _ = test.machine.tryLock(.mmap(map), .write, for: test.task)
            let position = test.machine.maps[map.index].areas.firstPosition(endingAfter: PageNumber(0x100))!
            let charge = test.machine.maps[map.index].areas[position].flags.intersection(.account)
            // The upper area was never writable: it has no charge, and so must the range.
            let wait = test.machine.waitToWrite(
                changing: PageNumber(0x102)..<PageNumber(0x104), at: position, in: map,
                to: joins ? flags : flags.union(charge))
            #expect((wait != nil) == joins)
            #expect(test.machine.isAreaWriteLocked(PageNumber(0x100), in: map))
            #expect(test.machine.isAreaWriteLocked(PageNumber(0x104), in: map) == joins)
        }
    }

    @Test("a change that did not wait for a reader is a broken contract")
    func unawaited() {
        for upper in [false, true] {
            var (test, _) = machine()
            let map = test.map
            _ = test.machine.tryLock(.mmap(map), .write, for: test.task)
            let page = PageNumber(upper ? 0x104 : 0x100)
            let position = test.machine.maps[map.index].areas.firstPosition(endingAfter: page)!
            test.machine.removeArea(at: position, in: map)
            #expect(test.machine.violations.map(\.law) == (upper ? [.staleArea] : []))
        }
    }

    @Test("a task that ends with an area's lock, and marks without a writer, are broken laws")
    func leftovers() {
        let (test, _) = machine()
        #expect(test.machine.checkInvariants().contains { $0.law == .leftovers })
        var marked = machine().0
        marked.machine.maps[marked.map.index].areaLocks.mark(PageNumber(0x100)..<PageNumber(0x104))
        #expect(marked.machine.checkInvariants().contains { $0.law == .lockHolders })
        var gone = machine()
        gone.0.machine.maps[gone.0.map.index].areas.remove(
            at: gone.0.machine.maps[gone.0.map.index].areas.firstPosition(endingAfter: PageNumber(0x104))!)
        #expect(gone.0.machine.checkInvariants().contains { $0.law == .staleArea })
    }

    @Test("which tasks read, and which areas are marked, is state: equality and the fingerprint see it")
    func isState() {
        let (reading, reader) = machine()
        var ended = reading
        ended.machine.endAreaRead(in: ended.map, by: reader)
        #expect(ended.machine != reading.machine && ended.machine.fingerprint != reading.machine.fingerprint)
        var unmarked = ended
        _ = unmarked.machine.tryLock(.mmap(ended.map), .write, for: ended.task)
        var marked = unmarked
        _ = marked.machine.waitToWrite(areasIn: PageNumber(0x100)..<PageNumber(0x101), of: ended.map)
        #expect(marked.machine != unmarked.machine && marked.machine.fingerprint != unmarked.machine.fingerprint)
        var awaited = reading
        _ = awaited.machine.maps[awaited.map.index].areaLocks.awaitReaders(of: PageNumber(0x104))
        #expect(awaited.machine != reading.machine && awaited.machine.fingerprint != reading.machine.fingerprint)
    }

    @Test("kernels without areas' locks have nothing to wait for, and mark nothing")
    func withoutLocks() {
        var (test, reader) = machine(.linux6_1)
        let map = test.map
        #expect(test.machine.areaRead(by: reader) == nil)
        _ = test.machine.tryLock(.mmap(map), .write, for: test.task)
        let wait = test.machine.waitToWrite(areasIn: PageNumber(0x100)..<PageNumber(0x108), of: map)
        #expect(wait == nil)
        test.machine.removeArea(at: test.machine.maps[map.index].areas.firstPosition!, in: map)
        #expect(test.machine.maps[map.index].areaLocks.marks.isEmpty)
        test.machine.unlock(.mmap(map), by: test.task)
        #expect(test.machine.violations.isEmpty)
    }
}
