import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("read(2)", .timeLimit(.minutes(60)))
struct FileReadTests {
    @Test("a cold read of one page reads its window and returns one page with the device's content")
    func coldPage() {
        var world = BareMachine()
        let file = world.file(64)
        let report = world.run(.read(file, 0, pages: 1, into: nil))
        #expect(report.value == 1)
        #expect(report.outcome.stamp == FileIO.initialStamp(file, 0))
        #expect(world.cached(file) == Array(0..<4), "a first window of four pages")
        #expect(world.isClean(file))
    }

    @Test("a read is short at the end of the file, and empty behind it")
    func endOfFile() {
        var world = BareMachine()
        let file = world.file(10)
        #expect(world.run(.read(file, 6, pages: 20, into: nil)).value == 4)
        #expect(world.run(.read(file, 10, pages: 1, into: nil)).value == 0)
        #expect(world.machine[readaheadOf: file].previousPosition == 10 * 4096)
        #expect(world.isClean(file))
    }

    @Test("a sleeping reader holds its references, no lock, and looks the page up again")
    func truncatedWhileWaiting() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.hold(world.device)
        let other = world.machine.addTask()
        world.run(.read(file, 20, pages: 2, into: nil))
        #expect(world.cause(of: world.task) == .io(file, 20))
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        world.run(.truncate(file, pages: 10), in: other)
        #expect(world.cause(of: other) == .io(file, 20), "truncation waits for the page under read")
        #expect(world.machine.holds(.invalidate(file), other) == .write)
        #expect(world.machine.holds(.inode(file), other) == .write)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 0)
        #expect(world.machine.report(of: other).isDone)
        #expect(world.cached(file).isEmpty && world.machine.pages(of: file) == 10)
        #expect(world.isClean(file))
    }

    @Test("a page that is truncated before its reader goes on is made anew, beyond the end of the file")
    func pageMadeBeyondEnd() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.hold(world.device)
        let other = world.machine.addTask()
        world.run(.read(file, 20, pages: 2, into: nil))
        world.run(.truncate(file, pages: 20), in: other)
        #expect(world.cause(of: other) == .io(file, 20))
        world.machine.release(world.device)
        while !world.machine.report(of: other).isDone {
            guard world.machine.step(other) || world.machine.stepEvent() else { break }
        }
        #expect(world.machine.report(of: other).isDone && world.cached(file).isEmpty)
        world.run()
        #expect(world.machine.report(of: world.task).value == 0, "nothing is copied from there")
        #expect(world.cached(file, with: .uptodate) == [20] && world.stamp(file, 20) == 0)
        #expect(world.machine.pages(of: file) == 20)
        #expect(world.isClean(file))
    }

    @Test("a marked page triggers readahead before the reader waits for it")
    func markBeforeWait() {
        var world = BareMachine()
        let file = world.file(256)
        world.run(.read(file, 0, pages: 1, into: nil))
        #expect(world.cached(file, with: .readahead) == [1])
        world.machine.hold(world.device)
        world.run(.read(file, 1, pages: 1, into: nil))
        #expect(world.machine.report(of: world.task).value == 1, "the marked page was uptodate: no wait")
        #expect(world.machine.requestsUnderWay.map(\.index) == [4])
        world.machine.release(world.device)
        #expect(world.isClean(file))
    }

    @Test("a marked page within the read ends its round, so that it is not passed over")
    func markEndsRound() {
        var world = BareMachine()
        let file = world.file(256)
        world.run(.read(file, 0, pages: 1, into: nil))
        #expect(world.cached(file, with: .readahead) == [1])
        world.machine.hold(world.device)
        #expect(world.run(.read(file, 0, pages: 4, into: nil)).value == 4)
        #expect(world.machine.requestsUnderWay.map(\.index) == [4])
    }

    @Test("a round takes fifteen pages, so a long read asks for its rest again")
    func rounds() {
        var world = BareMachine()
        let file = world.file(40, resident: [PageRun(0, 39)])
        world.machine.isTracing = true
        #expect(world.run(.read(file, 0, pages: 40, into: nil)).value == 40)
        let gather = UInt64(FileRead.Stage.gather.rawValue)
        let stages = world.machine.trace.filter { $0.kind == .stage && $0.b == gather }
        let rounds = stages.filter { $0.a == UInt64(RoutineNumber.fileCall.rawValue) }
        #expect(rounds.count == 3)
    }

    @Test("a copy that fails in the middle returns what was copied, and takes two exceptions")
    func shortCopy() {
        var world = BareMachine()
        let file = world.file(40, resident: [PageRun(0, 39)])
        let buffer = world.map(nil, 3, [.read, .write])
        let report = world.run(.read(file, 8, pages: 5, into: buffer))
        #expect(report.value == 3)
        #expect(report.counters.kernelExceptions == 3 + 2)
        #expect(report.signal == nil)
        #expect(world.machine[readaheadOf: file].previousPosition == 11 * 4096)
        for page in 0..<3 {
            let copied = world.machine.stamp(of: world.entry(buffer + page).frame)
            #expect(copied == FileIO.initialStamp(file, PageIndex(8 + page)))
        }
        #expect(world.isClean(file))
    }

    @Test("a copy that fails at once is EFAULT; what was read ahead stays")
    func badAddress() {
        var world = BareMachine()
        let file = world.file(64)
        let report = world.run(.read(file, 0, pages: 1, into: PageNumber(0x9_0000)))
        #expect(report.errno == .badAddress && report.counters.kernelExceptions == 2)
        #expect(world.cached(file) == Array(0..<4))
        #expect(world.machine[readaheadOf: file].previousPosition == 0)
        #expect(world.isClean(file))
    }

    @Test("a read error fails the read, but not the pages before it")
    func mediaError() {
        var world = BareMachine()
        let file = world.file(64, resident: [PageRun(0, 2)])
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        #expect(world.run(.read(file, 0, pages: 8, into: nil)).value == 3)
        #expect(world.run(.read(file, 3, pages: 1, into: nil)).errno == .inputOutput)
        world.machine.repairBlocks(of: file)
        #expect(world.run(.read(file, 3, pages: 1, into: nil)).value == 1)
        #expect(world.isClean(file))
    }

    @Test("a read that waits keeps hold of the pages of its batch: 15 in Linux 6.1, 31 in 6.12", arguments: [15, 31])
    func batch(_ size: Int) {
        var world = BareMachine(size == 15 ? .linux6_1 : .linux6_12)
        let file = world.file(64, resident: [PageRun(0, size + 2)])
        let other = world.machine.addTask()
        world.run(.adviseFile(file, .random))
        world.machine.hold(world.device)
        world.run(.read(file, PageIndex(size + 3), pages: 1, into: nil), in: world.machine.addTask())
        world.run(.read(file, PageIndex(0), pages: size + 4, into: nil))
        world.run(.dropCache(file), in: other)
        #expect(world.cached(file) == [size, size + 1, size + 2, size + 3])
    }

    @Test("readahead notes how far a read came: to the last byte of the file, not to the end of its last page")
    func positionInLastPage() {
        for (model, position) in [(KernelModel.linux6_1, 3 * 4096 + 100), (.linux6_12, 3 * 4096 + 100)] {
            var world = BareMachine(model)
            let file = world.file(4, resident: [PageRun(0, 3)])
            world.machine.setSize(of: file, .bytes(3 * 4096 + 100))
            #expect(world.run(.read(file, 0, pages: 4, into: nil)).value == 4)
            #expect(world.machine[readaheadOf: file].previousPosition == Int64(position), "\(model.name)")
        }
    }

    @Test("a killed reader stops waiting")
    func killed() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.hold(world.device)
        world.run(.read(file, 0, pages: 1, into: nil))
        world.machine.send(.kill, to: world.task)
        world.run(until: .idle, limit: 20)
        #expect(world.machine.wait(of: world.task) == nil)
        world.machine.release(world.device)
        #expect(world.isClean(file))
    }

    @Test("tmpfs holes are read as zeroes and stay holes")
    func shmemHoles() {
        var world = BareMachine()
        let file = world.shmem(8)
        world.run(.write(file, 3, pages: 1, from: nil))
        let buffer = world.map(nil, 8, [.read, .write])
        #expect(world.run(.read(file, 0, pages: 12, into: buffer)).value == 8)
        #expect(world.cached(file) == [3])
        #expect(world.machine.stamp(of: world.entry(buffer + 2).frame) == 0)
        #expect(world.machine.stamp(of: world.entry(buffer + 3).frame) == world.stamp(file, 3))
        #expect(world.isClean(file))
    }
}
