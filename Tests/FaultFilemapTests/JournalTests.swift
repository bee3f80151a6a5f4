import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Waiting for the journal of ext4", .timeLimit(.minutes(60)))
struct JournalTests {
    /// A world whose file has changed, with a sync that waits for its commit: writes are held.
    private func committing(_ pages: Int = 16, change: (inout BareMachine, FileID) -> Void = truncate) -> (
        BareMachine, FileID, syncer: TaskID
    ) {
        var world = BareMachine()
        let file = world.file(pages, resident: [PageRun(0, pages - 1)])
        let syncer = world.machine.addTask(in: world.map)
        change(&world, file)
        world.machine.hold(world.device, reads: false, writes: true)
        world.run(.fsync(file), in: syncer)
        return (world, file, syncer)
    }

    private static func truncate(_ world: inout BareMachine, _ file: FileID) {
        world.run(.truncate(file, pages: world.machine.pages(of: file) - 4))
    }

    private func release(_ world: inout BareMachine) {
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.waitLinks.isEmpty && world.machine.violations.isEmpty)
    }

    @Test("fsync of a changed inode waits for one commit; of an unchanged one for nothing")
    func fsyncWaits() {
        var (world, file, syncer) = committing()
        #expect(world.cause(of: syncer) == .request)
        #expect(world.machine.requestsUnderWay.map(\.kind) == [.commit])
        release(&world)
        #expect(world.machine.report(of: syncer).isDone)
        world.machine.hold(world.device)
        #expect(world.run(.fsync(file)).isDone, "it is committed")
    }

    @Test("a file that was only read has nothing to commit")
    func readsChangeNothing() {
        let (world, _, syncer) = committing { world, file in
            let area = world.map(file, 16)
            world.run(.read(area, pages: 16))
            world.run(.read(file, 0, pages: 16, into: nil))
        }
        #expect(world.machine.report(of: syncer).isDone && world.machine.requestsUnderWay.isEmpty)
    }

    @Test("no task is throttled for a commit, which the journal's own thread submits: not even at a later hole")
    func commitIsNotThrottled() {
        var world = BareMachine(
            disk: Disk(readLatencyNanoseconds: 1_000, writeLatencyNanoseconds: 1_000, throttleNanoseconds: 50_000))
        let file = world.file(16, resident: [PageRun(0, 15)])
        Self.truncate(&world, file)
        let holes = world.file(4, blocks: [])
        world.run(.adviseFile(holes, .random))
        world.run(.fsync(file))
        #expect(world.machine.clock == 1_000)
        world.run(.read(holes, 0, pages: 1, into: nil))
        #expect(world.machine.report(of: world.task).value == 1 && world.machine.clock == 1_000)
        world.run(.read(world.file(4), 0, pages: 1, into: nil))
        #expect(world.machine.clock == 51_000, "the disk throttles who reads")
    }

    @Test("fsync writes the pages first, then commits")
    func pagesFirst() {
        var (world, file, syncer) = committing { world, file in world.run(.write(file, 3, pages: 1, from: nil)) }
        #expect(world.cause(of: syncer) == .io(file, 3))
        world.machine.finishHeld(on: world.device)
        world.run()
        #expect(world.cause(of: syncer) == .request)
        release(&world)
        #expect(world.machine.report(of: syncer).isDone)
    }

    @Test("page_mkwrite waits with the mmap lock held for reading, SIGKILL or not, and without the invalidate lock")
    func mkwrite() {
        var (world, file, _) = committing()
        let area = world.map(file, 12)
        world.run(.write(area + 3))
        #expect(world.cause(of: world.task) == .request)
        #expect(world.machine.holds(.mmap(world.map), world.task) == .read)
        #expect(world.machine.holds(.invalidate(file), world.task) == nil)
        world.machine.send(.kill, to: world.task)
        world.run()
        #expect(world.cause(of: world.task) == .request)
        release(&world)
        #expect(world.cached(file, with: .dirty) == [3], "it dies after the write is permitted")
    }

    @Test("write(2) waits with the inode lock, a hole punch too, both before the invalidate lock")
    func holdersOfInodeLock() {
        let operations: [(FileID) -> TaskOperation] = [
            { .write($0, 3, pages: 1, from: nil) }, { .punchHole($0, 3, pages: 2) },
        ]
        for operation in operations {
            var (world, file, _) = committing()
            world.run(operation(file))
            #expect(world.cause(of: world.task) == .request)
            #expect(world.machine.holds(.inode(file), world.task) == .write)
            #expect(world.machine.holds(.invalidate(file), world.task) == nil)
            #expect(world.cached(file, with: .dirty).isEmpty && world.cached(file).count == 12)
            release(&world)
        }
    }

    @Test(
        "truncation waits with the invalidate lock before it sets the size, and to the same size before it cuts blocks")
    func truncation() {
        for size in [4, 12, 20] {
            var (world, file, _) = committing()
            world.run(.truncate(file, pages: size))
            #expect(world.cause(of: world.task) == .request)
            #expect(world.machine.holds(.inode(file), world.task) == .write)
            #expect(world.machine.pages(of: file) == 12)
            #expect(world.machine.holds(.invalidate(file), world.task) == .write)
            release(&world)
            #expect(world.machine.pages(of: file) == size && world.isClean(file))
        }
    }

    @Test("a commit takes in what changed in other files of the device, and the next one waits for it")
    func sharedTransaction() {
        var world = BareMachine()
        let one = world.file(16)
        let two = world.file(16)
        let elsewhere = world.machine.addDevice(operations: 0, held: false)
        let three = Filemap.makeExt4File(pages: 16, on: elsewhere, &world.machine)
        let others = (0..<4).map { _ in world.machine.addTask() }
        for file in [one, two, three] { world.run(.truncate(file, pages: 12)) }
        world.machine.hold(world.device)
        world.run(.fsync(one), in: others[0])
        world.run(.fsync(two), in: others[1])
        #expect(world.cause(of: others[1]) == .request && world.machine.requestsUnderWay.count == 1)
        #expect(world.run(.fsync(three), in: others[2]).isDone, "it has a journal of its own")
        world.run(.write(two, 0, pages: 1, from: nil), in: others[3])
        #expect(world.cause(of: others[3]) == .request)
        release(&world)
        #expect(others.allSatisfy { world.machine.report(of: $0).isDone })
    }

    @Test("inodes that lie in another block of the inode table may change during a commit")
    func otherBlock() {
        var (world, _, _) = committing()
        let files = (0..<16).map { _ in world.file(4) }
        world.run(.write(files[14], 0, pages: 1, from: nil))
        #expect(world.cause(of: world.task) == .request)
        let other = world.machine.addTask()
        #expect(world.run(.write(files[15], 0, pages: 1, from: nil), in: other).value == 1)
    }
}
