import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Shared pages that become writable", .timeLimit(.minutes(60)))
struct MkwriteTests {
    static let shared: VMAFlags = [.read, .write, .shared]

    @Test("a write to a resident page is one attempt that completes, and dirties it")
    func writeCompletes() {
        var world = MappedFile(pages: 16, resident: [PageRun(0, 15)], flags: Self.shared)
        #expect(world.attempts(at: 3, .write) == [[.locked, .completed]])
        #expect(world.flags(of: 3).contains(.dirty))
        #expect(world.mapped == [3])
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a write to a page that reads have mapped asks page_mkwrite")
    func readThenWrite() {
        var world = MappedFile(pages: 16, resident: [PageRun(0, 15)], flags: Self.shared)
        world.touch(.read, [3])
        #expect(!world.machine.entry(of: world.base + 3, in: world.machine.map(of: world.task)).isWritable)
        world.touch(.write, [3])
        #expect(world.machine.entry(of: world.base + 3, in: world.machine.map(of: world.task)).isWritable)
        #expect(world.flags(of: 3).contains(.dirty))
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a page over a hole gets a block, and has to be read from then on")
    func hole() {
        var world = MappedFile(pages: 16, blocks: [PageRun(0, 3), PageRun(5, 9)], flags: Self.shared)
        world.touch(.write, [4])
        #expect(world.machine[blocksOf: world.file] == [PageRun(0, 9)])
        #expect(FileIO.contentOnDevice(world.file, 4, world.machine) == 0, "allocated, and not written yet")
    }

    @Test("a full device is SIGBUS, and leaves the page unlocked, clean and over its hole")
    func noSpace() {
        var world = MappedFile(pages: 16, blocks: [], flags: Self.shared)
        world.machine.failAllocation(at: .block)
        #expect(world.attempts(at: 4, .write) == [[.major, .retry], .sigbus])
        #expect(world.machine.report(of: world.task).signal == .bus(.noSuchAddress))
        #expect(world.flags(of: 4).isDisjoint(with: [.locked, .dirty]))
        #expect(world.machine[blocksOf: world.file].isEmpty)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a page that is truncated before page_mkwrite has its lock: NOPAGE, and the replay is SIGBUS")
    func truncated() {
        var world = MappedFile(pages: 16, resident: [PageRun(0, 15)], flags: Self.shared)
        world.machine.start(.write(world.base + 9), in: world.task)
        world.run(until: .stage(world.task, "handlerMkwrite.setTimes"))
        world.truncate(to: 4)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [.noPage, .sigbus])
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("it waits for a truncation with the mmap lock held")
    func waitsForInvalidateLock() {
        var world = MappedFile(pages: 16, resident: [PageRun(0, 15)], flags: Self.shared)
        let other = world.machine.addTask()
        world.bare.hold(.invalidate(world.file), .write, by: other)
        world.machine.start(.write(world.base + 9), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind) == [.mmap])
        world.machine.unlock(.invalidate(world.file), by: other)
        #expect(world.run() == .finished)
    }
}

@Suite("tmpfs and shared anonymous memory", .timeLimit(.minutes(60)))
struct ShmemTests {
    @Test("touching a hole is a minor fault that leaves a clean page of zeroes")
    func hole() {
        var world = MappedFile(pages: 16, flags: MkwriteTests.shared, isShmem: true)
        #expect(world.attempts(at: 3) == [.locked])
        #expect(world.counts == Counts(faults: 1, minor: 1, major: 0, pgfault: 1, pgmajfault: 0, locks: 1))
        #expect(world.flags(of: 3).contains([.uptodate, .shmem]))
        #expect(world.flags(of: 3).isDisjoint(with: [.dirty, .locked]))
        #expect(world.machine.rss(of: world.machine.map(of: world.task)).shmem == 1)
        #expect(world.mapped == [3], "a hole next door is not filled")
    }

    @Test("a first shared write completes, one to a page that is dirty does not drop the lock")
    func writes() {
        var world = MappedFile(pages: 16, resident: [PageRun(8, 9)], flags: MkwriteTests.shared, isShmem: true)
        #expect(world.attempts(at: 3, .write) == [[.locked, .completed]])
        #expect(world.flags(of: 3).contains(.dirty))
        #expect(world.attempts(at: 8, .write) == [.locked])
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a read fault of a shared writable mapping installs writable entries, around it too")
    func readIsWritable() {
        var world = MappedFile(pages: 16, resident: [PageRun(8, 9)], flags: MkwriteTests.shared, isShmem: true)
        #expect(world.attempts(at: 8) == [.noPage])
        let writes = world.touch(.write, [9])
        #expect(writes.faults == 0)
    }

    @Test("beyond the size, and in a full tmpfs, it is SIGBUS; without memory OOM")
    func failures() {
        var settings = MachineSettings()
        settings.tmpfsPages = 2
        var world = MappedFile(pages: 8, flags: MkwriteTests.shared, areaPages: 16, isShmem: true, settings: settings)
        #expect(world.attempts(at: 8) == [.sigbus])
        world.touch(.write, [0, 1])
        #expect(world.attempts(at: 2) == [.sigbus])
        #expect(world.attempts(at: 1) == [])
        var short = MappedFile(pages: 8, flags: MkwriteTests.shared, isShmem: true)
        short.machine.failAllocation(at: .shmemPage)
        #expect(short.attempts(at: 2) == [.oom])
        #expect(world.machine.violations.isEmpty && short.machine.violations.isEmpty)
    }

    @Test("a locked page is waited for with the mmap lock held, and looked up again if it was truncated")
    func lockedPage() {
        var world = MappedFile(pages: 16, resident: [PageRun(8, 9)], flags: MkwriteTests.shared, isShmem: true)
        let other = world.machine.addTask()
        let folio = world.machine.cachedFolio(at: 8, of: world.file)!
        world.bare.hold(folio, by: other)
        world.machine.start(.write(world.base + 8), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind) == [.mmap])
        world.truncate(to: 8)
        world.machine.unlock(folio)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [.sigbus])
        #expect(world.machine.violations.isEmpty)
    }
}
