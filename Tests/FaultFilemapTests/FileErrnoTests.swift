import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Which error reads and writes of files fail with.
@Suite("Errors of reads and writes", .timeLimit(.minutes(60)))
struct FileErrnoTests {
    @Test("a read or write that finds no memory for the page cache is ENOMEM (filemap_create_folio(), write_begin())")
    func withoutMemory() {
        var world = BareMachine()
        let (read, written) = (world.file(4), world.file(4))
        world.machine.failAllocation(at: .cachePage)
        #expect(world.run(.write(written, 0, pages: 1, from: nil)).errno == .noMemory)
        #expect(world.run(.write(written, 0, pages: 1, from: nil)).errno == nil)
        // Readahead finds none, and then the read itself.
        for _ in 0..<2 { world.machine.failAllocation(at: .cachePage) }
        #expect(world.run(.read(read, 0, pages: 1, into: nil)).errno == .noMemory)
        #expect(world.run(.read(read, 0, pages: 1, into: nil)).errno == nil)
        #expect(world.isClean(read, written))
    }

    @Test("a write to tmpfs without memory is ENOMEM, and a fault there OOM (shmem_get_folio())")
    func tmpfsWithoutMemory() {
        var world = BareMachine()
        let file = world.shmem(4)
        world.machine.failAllocation(at: .shmemPage)
        #expect(world.run(.write(file, 0, pages: 1, from: nil)).errno == .noMemory)
        let page = world.map(file, 4)
        world.machine.failAllocation(at: .shmemPage)
        #expect(world.run(.read(page)).attempts.map(\.result) == [.oom])
        #expect(world.isClean(file))
    }

    @Test(
        "a write that is killed between two pages has written the first, or fails with EINTR (generic_perform_write())")
    func writeKilled() {
        var world = BareMachine()
        let file = world.file(4)
        world.machine.start(.write(file, 0, pages: 4, from: nil), in: world.task)
        let task = world.task
        world.step { $0.backtrace(of: task).last?.description.contains("faultedIn") != true }
        world.machine.send(.kill, to: world.task)
        world.run()
        #expect(world.machine.report(of: world.task).errnoWhenKilled == .interrupted)
        #expect(world.cached(file, with: .dirty).isEmpty)
    }
}
