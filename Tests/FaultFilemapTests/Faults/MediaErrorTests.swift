import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Blocks that can be neither read nor written", .timeLimit(.minutes(60)))
struct MediaErrorTests {
    // MARK: Reading

    @Test("one bad block fails its whole request; each page is then read alone by the task that wants it")
    func wholeRequest() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.breakBlocks(of: file, PageRun(5, 5))
        #expect(world.run(.read(file, 0, pages: 16, into: nil)).value == 5)
        #expect(world.cached(file, with: .uptodate) == Array(0..<5))
        #expect(world.cached(file) == Array(0..<32))
        #expect(world.run(.read(file, 6, pages: 1, into: nil)).value == 1)
        #expect(world.cached(file, with: .uptodate) == Array(0..<5) + [6])
        #expect(world.isClean(file))
    }

    @Test("a request is judged when it is finished, not when it is submitted")
    func judgedAtEnd() {
        var world = BareMachine()
        let file = world.file(8)
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.machine.hold(world.device)
        world.run(.read(file, 0, pages: 8, into: nil))
        world.machine.repairBlocks(of: file, PageRun(3, 3))
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 8)
        #expect(world.cached(file, with: .uptodate) == Array(0..<8))
    }

    @Test("repairing a part of a bad run leaves the rest of it bad")
    func repairedPart() {
        var world = BareMachine()
        let file = world.file(16)
        world.machine.breakBlocks(of: file, PageRun(4, 9))
        world.machine.repairBlocks(of: file, PageRun(6, 7))
        let isBad = (0..<16).map { world.machine.isBroken(PageIndex($0), of: file) }
        #expect(isBad == (0..<16).map { [4, 5, 8, 9].contains($0) })
    }

    // MARK: Writing

    @Test("a failed write is told to the next fsync, once; its pages are clean, and the device has the old content")
    func failedWrite() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.run(.write(file, 2, pages: 4, from: nil))
        #expect(world.run(.fsync(file)).errno == .inputOutput)
        #expect(world.cached(file, with: .dirty).isEmpty && world.cached(file, with: .writeback).isEmpty)
        #expect(world.run(.fsync(file)).value == 0)
        #expect(world.machine.storedStamp(of: file, at: 3) == FileIO.initialStamp(file, 3))
        world.machine.repairBlocks(of: file)
        world.run(.write(file, 3, pages: 1, from: nil))
        #expect(world.run(.fsync(file)).value == 0)
        #expect(world.machine.storedStamp(of: file, at: 3) == world.stamp(file, 3))
        #expect(world.isClean(file))
    }

    @Test("msync of a mapping is told of a failed write as fsync is, and then fsync is not")
    func failedMsync() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let area = world.map(file, 8)
        world.run(.write(area + 3, pages: 1))
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        #expect(world.run(.msync(area, pages: 8)).errno == .inputOutput)
        #expect(world.run(.fsync(file)).value == 0)
        #expect(!world.entry(area + 3).isWritable)
        #expect(world.isClean(file))
    }

    @Test("a direct read writes the pages first: it fails with their write, once, and the next fsync is told too")
    func failedDirectRead() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let memory = world.map(nil, 1, [.read, .write])
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.run(.write(file, 3, pages: 1, from: nil))
        #expect(world.run(.directRead(file, 2, pages: 4, into: memory)).errno == .inputOutput)
        #expect(world.run(.directRead(file, 0, pages: 1, into: memory)).value == 1)
        #expect(world.run(.fsync(file)).errno == .inputOutput)
        #expect(world.run(.fsync(file)).value == 0)
        #expect(world.isClean(file))
    }

    @Test("an fsync that fails takes the error from callers without a file; of two that wait, one returns the error")
    func toldOnce() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let memory = world.map(nil, 1, [.read, .write])
        let other = world.machine.addTask()
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.run(.write(file, 3, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.run(.fsync(file))
        world.run(.fsync(file), in: other)
        world.machine.release(world.device)
        world.run()
        let ends = [world.task, other].map { world.machine.report(of: $0).errno }
        #expect(ends.filter { $0 == .inputOutput }.count == 1 && ends.contains(nil))
        #expect(world.run(.directRead(file, 0, pages: 1, into: memory)).value == 1)
    }

    @Test("a page that is written again while its write fails is dirty, and fails again")
    func writtenMeanwhile() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let other = world.machine.addTask()
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.run(.write(file, 3, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.run(.fsync(file))
        world.run(.write(file, 3, pages: 1, from: nil), in: other)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).errno == .inputOutput)
        #expect(world.cached(file, with: .dirty) == [3])
        #expect(world.run(.fsync(file)).errno == .inputOutput)
    }

    @Test("a write under way when its block is repaired arrives, one begun before its block broke does not")
    func judgedWrites() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.run(.write(file, 3, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.run(.fsync(file))
        world.machine.repairBlocks(of: file)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 0)
        #expect(world.machine.storedStamp(of: file, at: 3) == world.stamp(file, 3))
        world.run(.write(file, 3, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.run(.fsync(file))
        world.machine.breakBlocks(of: file, PageRun(3, 3))
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).errno == .inputOutput)
    }
}
