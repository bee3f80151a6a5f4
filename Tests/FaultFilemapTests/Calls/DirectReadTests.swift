import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("read(2) past the page cache", .timeLimit(.minutes(60)))
struct DirectReadTests {
    private let anonymous: VMAFlags = [.read, .write]

    @Test("it faults its destination in with one get_user_pages, then waits for one request, without the mmap lock")
    func waits() {
        var world = BareMachine()
        let file = world.file(16)
        let memory = world.map(nil, 4, anonymous)
        world.machine.hold(world.device)
        let report = world.run(.directRead(file, 2, pages: 3, into: memory))
        #expect(world.cause(of: world.task) == .request && report.counters.attempts == 3)
        #expect(report.counters.exceptions == 0 && report.counters.mmapReadLocks == 1)
        #expect(world.machine.holds(.inode(file), world.task) == .read)
        #expect(world.machine.waitLinks.first?.mmapHeld == nil)
        #expect(world.machine.requestsUnderWay.map(\.pages) == [3] && world.cached(file).isEmpty)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 3)
        for page in 0..<3 {
            let frame = world.entry(memory + page).frame
            #expect(world.machine.stamp(of: frame) == FileIO.initialStamp(file, PageIndex(2 + page)))
            #expect(world.machine.references(of: frame) == 1, "nothing stays pinned")
        }
        #expect(world.isClean(file) && world.machine.violations.isEmpty)
    }

    @Test("pages that are there and writable are had without a lock")
    func fast() {
        var world = BareMachine()
        let file = world.file(16)
        let memory = world.map(nil, 4, anonymous)
        world.run(.write(memory, pages: 4))
        let report = world.run(.directRead(file, 0, pages: 4, into: memory))
        #expect(report.value == 4 && report.counters.attempts == 0 && report.counters.mmapReadLocks == 0)
    }

    @Test("the pages that it reads into are dirty: memory that MADV_FREE gave up keeps what was read")
    func dirties() {
        var world = BareMachine()
        let file = world.file(4)
        let memory = world.map(nil, 2, anonymous)
        world.run(.write(memory, pages: 2))
        world.run(.madvise(memory, pages: 2, .free))
        let frames = (0..<2).map { world.entry(memory + $0).frame }
        #expect(frames.allSatisfy { world.machine.flags(of: $0).contains(.lazyFree) })
        world.run(.directRead(file, 0, pages: 1, into: memory))
        #expect(frames.map { world.machine.flags(of: $0).contains(.dirty) } == [true, false])
        world.run(.madvise(memory, pages: 2, .pageOut))
        #expect(world.run(.read(memory)).outcome.stamp == FileIO.initialStamp(file, 0))
        #expect(world.run(.read(memory + 1)).outcome.stamp == 0)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("its pages outlive their mapping; no signal ends the wait")
    func unmapped() {
        var world = BareMachine()
        let file = world.file(16)
        let memory = world.map(nil, 4, anonymous)
        let other = world.machine.addTask(in: world.map)
        let before = world.machine.frames.inUse
        world.machine.hold(world.device)
        world.run(.directRead(file, 0, pages: 2, into: memory))
        #expect(world.run(.munmap(memory, pages: 4), in: other).value == 0)
        world.machine.send(.user1, to: world.task)
        world.run()
        #expect(world.cause(of: world.task) == .request && world.machine.frames.inUse == before + 2)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 2 && world.machine.frames.inUse == before)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("dirty pages of the range, and only those, are written first and waited for, without a commit")
    func writesDirty() {
        var world = BareMachine()
        let file = world.file(16, resident: [PageRun(0, 15)])
        let memory = world.map(nil, 4, anonymous)
        world.run(.write(file, 1, pages: 1, from: nil))
        world.run(.write(file, 9, pages: 1, from: nil))
        let written = world.stamp(file, 1)
        world.machine.hold(world.device)
        world.run(.directRead(file, 0, pages: 2, into: memory))
        #expect(world.cause(of: world.task) == .io(file, 1) && world.cached(file, with: .dirty) == [9])
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.stamp(of: world.entry(memory + 1).frame) == written)
    }

    @Test("holes are zeroed by the kernel's own faults, between two requests")
    func holes() {
        var world = BareMachine()
        let file = world.file(8, blocks: [PageRun(0, 1), PageRun(4, 7)])
        let memory = world.map(nil, 8, anonymous)
        world.machine.hold(world.device)
        let report = world.run(.directRead(file, 0, pages: 6, into: memory))
        #expect(world.machine.requestsUnderWay.map(\.pages) == [2, 2] && report.counters.kernelExceptions == 2)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 6)
        #expect(world.machine.stamp(of: world.entry(memory + 2).frame) == 0)
        #expect(world.machine.stamp(of: world.entry(memory + 4).frame) == FileIO.initialStamp(file, 4))
    }

    @Test("a bad destination fails the whole read with EFAULT, after the device is done with the good pages")
    func badAddress() {
        var world = BareMachine()
        let file = world.file(16)
        let memory = world.map(nil, 2, anonymous)
        #expect(world.run(.directRead(file, 0, pages: 1, into: memory + 2)).errno == .badAddress)
        world.machine.hold(world.device)
        world.run(.directRead(file, 0, pages: 4, into: memory))
        #expect(world.cause(of: world.task) == .request && world.machine.requestsUnderWay.map(\.pages) == [2])
        world.machine.release(world.device)
        world.run()
        let report = world.machine.report(of: world.task)
        #expect(report.errno == .badAddress && report.counters.mmapReadLocks == 4)
        #expect(world.isClean(file) && world.machine.violations.isEmpty)
    }

    @Test("it ends at the end of the file, fails on a bad block, and is refused on tmpfs")
    func ends() {
        var world = BareMachine()
        let file = world.file(3)
        let memory = world.map(nil, 8, anonymous)
        #expect(world.run(.directRead(file, 1, pages: 4, into: memory)).value == 2)
        #expect(world.run(.directRead(file, 3, pages: 1, into: memory)).value == 0)
        #expect(world.run(.directRead(file, 0, pages: 0, into: memory)).value == 0)
        world.machine.breakBlocks(of: file, PageRun(2, 2))
        #expect(world.run(.directRead(file, 0, pages: 3, into: memory)).errno == .inputOutput)
        #expect(world.run(.directRead(world.shmem(4), 0, pages: 1, into: memory)).errno == .invalid)
        #expect(world.isClean(file))
    }

    @Test("a destination that must be read itself is waited for without the mmap lock")
    func coldDestination() {
        var world = BareMachine()
        let file = world.file(8)
        let memory = world.map(world.file(8), 8, [.read, .write])
        world.machine.hold(world.device)
        let report = world.run(.directRead(file, 0, pages: 1, into: memory))
        #expect(report.counters.attempts == 1 && world.machine.waitLinks.first?.mmapHeld == nil)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 1)
        #expect(world.machine.report(of: world.task).counters.mmapReadLocks == 2)
    }

    @Test("a shared mapping as the destination becomes dirty, and no file page is read into the cache by it")
    func intoSharedMapping() {
        var world = BareMachine()
        let file = world.file(8)
        let other = world.file(8, resident: [PageRun(0, 7)])
        let memory = world.map(other, 8)
        #expect(world.run(.directRead(file, 0, pages: 2, into: memory)).value == 2)
        #expect(world.cached(other, with: .dirty) == [0, 1] && world.cached(file).isEmpty)
        #expect(world.stamp(other, 1) == FileIO.initialStamp(file, 1))
    }

    @Test("a page that is written back while the device reads into it is dirty again: what was read is not lost")
    func writtenBackMeanwhile() throws {
        var world = BareMachine()
        let file = world.file(8)
        let other = world.file(8, resident: [PageRun(0, 7)])
        let memory = world.map(other, 8)
        let syncer = world.machine.addTask(in: world.map)
        world.machine.hold(world.device)
        world.run(.directRead(file, 0, pages: 1, into: memory))
        #expect(world.cached(other, with: .dirty) == [0])
        world.run(.fsync(other), in: syncer)
        // The write and the commit of the inode end before the read.
        while let place = world.machine.requestsUnderWay.firstIndex(where: { $0.kind != .direct }) {
            world.machine.finishRequest(place)
            world.run()
        }
        #expect(world.machine.report(of: syncer).value == 0 && world.cached(other, with: .dirty).isEmpty)
        world.machine.release(world.device)
        world.run()
        #expect(world.machine.report(of: world.task).value == 1)
        #expect(world.cached(other, with: .dirty) == [0])
        #expect(world.machine.checkInvariants().isEmpty)
    }
}
