import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("truncate, fsync, fadvise, fallocate, msync", .timeLimit(.minutes(60)))
struct FileCommandTests {
    // MARK: truncate

    @Test("truncation unmaps the range everywhere, private copies too, and cuts the blocks")
    func truncates() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let other = world.machine.addTask()
        let shared = world.map(file, 16)
        let copy = world.map(file, 16, [.read, .write, .locked], in: other)
        world.run(.write(shared, pages: 16))
        world.run(.write(copy, pages: 16), in: other)
        #expect(world.run(.truncate(file, pages: 5)).value == 0)
        for page in 0..<16 {
            #expect(world.entry(shared + page).isPresent == (page < 5))
            #expect(world.entry(copy + page, of: other).isPresent == (page < 5))
        }
        #expect(world.cached(file) == Array(0..<5))
        #expect(world.machine.dirtyPages == 5)
        #expect(world.machine[blocksOf: file] == [PageRun(0, 4)])
        #expect(world.machine.rss(of: world.machine.map(of: other)).anonymous == 5)
        #expect(world.isClean(file))
    }

    @Test("truncation removes what is idle first, and waits for a page under read holding the invalidate lock")
    func truncationOrder() {
        var world = BareMachine()
        let file = world.file(64, resident: [PageRun(40, 45)])
        let reader = world.machine.addTask()
        let area = world.map(file, 64)
        world.run(.read(area + 40))
        world.machine.hold(world.device)
        world.run(.read(file, 20, pages: 1, into: nil), in: reader)
        #expect(world.cached(file, with: .underRead) == [20])
        world.run(.truncate(file, pages: 10))
        #expect(world.cause(of: world.task) == .io(file, 20))
        #expect(world.machine.holds(.invalidate(file), world.task) == .write)
        #expect(world.machine.pages(of: file) == 10, "the size is set first")
        #expect(world.cached(file) == [20] && !world.entry(area + 40).isPresent)
        world.machine.release(world.device)
        world.run()
        #expect(world.cached(file).isEmpty && world.machine.report(of: reader).value == 0)
        #expect(world.isClean(file))
    }

    @Test("growing takes the invalidate lock too, and makes holes")
    func grows() {
        var world = BareMachine()
        let file = world.file(4)
        world.run(.truncate(file, pages: 8))
        #expect(world.machine.pages(of: file) == 8 && world.machine[blocksOf: file] == [PageRun(0, 3)])
        world.machine.hold(world.device)
        #expect(world.run(.read(file, 6, pages: 1, into: nil)).value == 1, "a hole needs no device")
        world.hold(.invalidate(file), .read, by: world.task)
        world.machine.start(.truncate(file, pages: 9), in: world.machine.addTask())
        world.run()
        #expect(world.cause(of: TaskID(1)) == .lock(.invalidate(file), .write))
    }

    @Test("tmpfs truncation removes dirty pages and takes no invalidate lock")
    func truncatesShmem() {
        var world = BareMachine()
        let file = world.shmem(8)
        let area = world.map(file, 8)
        world.run(.write(area, pages: 8))
        world.hold(.invalidate(file), .read, by: world.task)
        #expect(world.run(.truncate(file, pages: 2), in: world.machine.addTask()).isDone)
        #expect(world.cached(file) == [0, 1] && !world.entry(area + 2).isPresent)
        world.machine.unlock(.invalidate(file), by: world.task)
        #expect(world.isClean(file))
    }

    // MARK: fsync

    @Test("fsync makes entries of dirty pages clean and read-only, in shared areas of every process, and no others")
    func cleansEntries() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let other = world.machine.addTask()
        let shared = world.map(file, 8)
        let elsewhere = world.map(file, 8, in: other)
        let copy = world.map(file, 8, [.read, .write])
        world.run(.write(shared, pages: 2))
        world.run(.write(elsewhere, pages: 1), in: other)
        world.run(.write(copy, pages: 1))
        world.run(.read(copy + 1))
        #expect(world.run(.fsync(file)).value == 0)
        for entry in [world.entry(shared), world.entry(shared + 1), world.entry(elsewhere, of: other)] {
            #expect(entry.isPresent && !entry.isWritable && !entry.isDirty)
        }
        #expect(world.entry(copy).isWritable && world.entry(copy).isDirty)
        #expect(world.cached(file, with: .dirty).isEmpty && world.machine.dirtyPages == 0)
        #expect(world.machine.storedStamp(of: file, at: 1) == world.stamp(file, 1))
        world.run(.write(shared, pages: 1))
        #expect(world.cached(file, with: .dirty) == [0])
        #expect(world.isClean(file))
    }

    @Test("an entry of a clean page stays writable")
    func leavesCleanPages() {
        var world = BareMachine()
        let file = world.file(4, resident: [PageRun(0, 3)])
        let area = world.map(file, 4)
        world.run(.write(area, pages: 1))
        world.machine.clearDirty(world.folio(file, 0))  // not as writeback does it: the entry stays dirty
        world.lawsLeftOut = [.writableIsDirty]
        world.run(.fsync(file))
        #expect(world.entry(area).isWritable && world.entry(area).isDirty)
    }

    @Test("a page under writeback can be written again; fsync waits only for its own writes")
    func rewritten() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let area = world.map(file, 16)
        let syncer = world.machine.addTask()
        world.run(.write(area + 3))
        world.machine.hold(world.device, reads: false)
        world.run(.fsync(file), in: syncer)
        #expect(world.cause(of: syncer) == .io(file, 3))
        #expect(world.run(.write(area + 3)).isDone)
        #expect(world.run(.write(area + 5)).isDone)
        #expect(world.run(.write(file, 3, pages: 1, from: nil)).value == 1)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: syncer).value == 0)
        #expect(world.cached(file, with: .dirty) == [3, 5] && world.machine.dirtyPages == 2)
        #expect(world.isClean(file))
    }

    @Test("neighbours are written in one request, and the readahead mark ends with the writeback")
    func runs() {
        var world = BareMachine()
        let file = world.file(64)
        world.run(.read(file, 0, pages: 1, into: nil))
        world.run(.write(file, 0, pages: 3, from: nil))
        world.run(.write(file, 9, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.run(.fsync(file))
        let writes = world.machine.requestsUnderWay
        #expect(writes.map(\.kind) == [.write, .write])
        #expect(writes.map(\.index) == [0, 9] && writes.map(\.pages) == [3, 1])
        #expect(world.cached(file, with: .readahead) == [1])
        world.machine.release(world.device)
        world.run()
        #expect(world.cached(file, with: .readahead).isEmpty)
        #expect(world.isClean(file))
    }

    @Test("truncation waits for writeback with the page locked")
    func writebackTruncated() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let syncer = world.machine.addTask()
        world.run(.write(file, 10, pages: 1, from: nil))
        world.machine.hold(world.device, reads: false)
        world.run(.fsync(file), in: syncer)
        world.run(.truncate(file, pages: 8))
        #expect(world.cause(of: world.task) == .io(file, 10))
        #expect(world.machine.lockOwner(of: world.folio(file, 10)) == world.task)
        #expect(world.cached(file) == Array(0..<8) + [10])
        world.machine.release(world.device)
        world.run()
        #expect(world.cached(file) == Array(0..<8) && world.isClean(file))
    }

    @Test("what was written over a hole has to be read from the device later")
    func holeBecomesData() {
        var world = BareMachine()
        let file = world.file(4, blocks: [])
        world.run(.write(file, 1, pages: 1, from: nil))
        let written = world.stamp(file, 1)
        world.run(.fsync(file))
        world.run(.dropCache(file))
        #expect(world.cached(file).isEmpty)
        world.machine.hold(world.device)
        world.run(.read(file, 1, pages: 1, into: nil))
        #expect(world.cause(of: world.task) == .io(file, 1))
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).outcome.stamp == written)
    }

    @Test("fsync and fadvise leave tmpfs pages dirty and where they are")
    func shmemUntouched() {
        var world = BareMachine()
        let file = world.shmem(4)
        let area = world.map(file, 4)
        world.run(.write(area, pages: 2))
        #expect(world.run(.fsync(file)).value == 0 && world.run(.dropCache(file)).value == 0)
        #expect(world.cached(file, with: .dirty) == [0, 1] && world.entry(area).isWritable)
    }

    // MARK: fadvise, fallocate, msync

    @Test("dropping the cache leaves what is dirty, locked, or mapped")
    func dropsIdlePages() {
        var world = BareMachine()
        let file = world.file(40, resident: [PageRun(0, 39)])
        let area = world.map(file, 2, offset: 20, [.read])
        let copy = world.map(file, 1, offset: 30, [.read, .write])
        world.run(.write(file, 3, pages: 1, from: nil))
        world.run(.read(area))
        world.run(.write(copy))
        world.hold(world.folio(file, 7), by: world.task)
        world.run(.dropCache(file))
        #expect(world.cached(file) == [3, 7, 20, 21], "a page with a private copy alone goes")
    }

    @Test("a hole of no page, or of less, is EINVAL", arguments: [0, -1])
    func emptyHole(_ pages: Int) {
        var world = BareMachine()
        let file = world.file(4, resident: [PageRun(0, 3)])
        let shmem = world.shmem(4)
        #expect(world.run(.punchHole(file, 0, pages: pages)).errno == .invalid)
        #expect(world.run(.punchHole(shmem, 0, pages: pages)).errno == .invalid)
        #expect(world.cached(file) == [0, 1, 2, 3] && world.isClean(file))
    }

    @Test("punching a hole writes first, keeps the size and private copies, and frees the blocks")
    func punches() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let shared = world.map(file, 16)
        let copy = world.map(file, 16, [.read, .write])
        world.run(.write(shared, pages: 16))
        world.run(.write(copy + 5))
        world.run(.read(copy + 6))
        #expect(world.run(.punchHole(file, 4, pages: 4)).value == 0)
        #expect(world.cached(file) == [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15])
        #expect(!world.entry(shared + 5).isPresent && world.entry(copy + 5).isPresent)
        #expect(!world.entry(copy + 6).isPresent)
        #expect(world.machine[blocksOf: file] == [PageRun(0, 3), PageRun(8, 15)])
        #expect(world.machine.pages(of: file) == 16)
        #expect(world.cached(file, with: .dirty) == [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15])
        #expect(world.isClean(file))
    }

    @Test("a punched tmpfs page is a hole again")
    func punchesShmem() {
        var world = BareMachine()
        let file = world.shmem(4)
        world.run(.write(file, 0, pages: 4, from: nil))
        world.run(.punchHole(file, 1, pages: 2))
        #expect(world.cached(file) == [0, 3] && world.machine.pages(of: file) == 4)
    }

    @Test("msync syncs the mapped range of a shared file, without the mmap lock, and reports holes")
    func syncsRange() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let area = world.map(file, 8, offset: 4)
        world.run(.write(area, pages: 8))
        world.machine.hold(world.device)
        world.run(.msync(area + 2, pages: 3))
        #expect(world.cause(of: world.task) == .io(file, 6))
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 0)
        #expect(world.machine.report(of: world.task).counters.mmapReadLocks == 1)
        #expect(world.cached(file, with: .dirty) == [4, 5, 9, 10, 11])
        #expect(world.run(.msync(area + 6, pages: 4)).errno == .noMemory)
        #expect(world.cached(file, with: .dirty) == [4, 5, 9], "what is mapped is written all the same")
        #expect(world.isClean(file))
    }
}
