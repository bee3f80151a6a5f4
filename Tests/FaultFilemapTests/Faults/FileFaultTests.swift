import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("File faults that wait, fail or race", .timeLimit(.minutes(60)))
struct FileFaultTests {
    @Test("a first attempt waits for the disk without the mmap lock, and its file is pinned")
    func waitsUnlocked() {
        var world = MappedFile(pages: 64)
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 9), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task) == [HeldLock(.invalidate(world.file), .read)])
        #expect(world.machine.files[0].pins == 1)
        world.machine.release(world.device)
        #expect(world.run() == .finished)
        #expect(world.machine.files[0].pins == 0)
        #expect(world.machine.report(of: world.task).outcome.stamp == FileIO.initialStamp(world.file, 9))
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a page that another task has read on its way is waited for, without a miss of one's own")
    func secondReader() {
        var world = MappedFile(pages: 64)
        let thread = world.machine.addTask(in: world.machine.map(of: world.task))
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 9), in: world.task)
        world.run()
        world.machine.start(.read(world.base + 9), in: thread)
        #expect(world.run() == .blocked)
        #expect(world.machine.requestsUnderWay.count == 1)
        world.machine.release(world.device)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(
            world.machine.report(of: thread).attempts.map(\.result) == [.retry, []],
            "the first reader's fault-around has mapped it by then")
        #expect(world.machine.events.pgmajfault == 1)
        #expect(world.machine.counters(of: thread).majorFaults == 1)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a page that can't be read takes two attempts and three reads, and is SIGBUS")
    func readError() {
        var world = MappedFile(pages: 64)
        world.machine.breakBlocks(of: world.file, PageRun(20, 20))
        world.machine.isTracing = true
        #expect(world.attempts(at: 20) == [[.major, .retry], .sigbus])
        #expect(world.machine.report(of: world.task).signal == .bus(.noSuchAddress))
        let reads = world.machine.trace.filter { $0.kind == .ioSubmitted }
        #expect(reads.map(\.b) == [4, 20, 20])
        #expect(world.counts == Counts(faults: 1, minor: 0, major: 0, pgfault: 2, pgmajfault: 1, locks: 2))
        #expect(world.state.maximum == 2, "each single read that failed divides the window by four")
        #expect(!world.flags(of: 20).contains(.locked))
        #expect(!world.flags(of: 21).contains(.uptodate), "the request that had it failed as a whole")
        #expect(world.machine.violations.isEmpty)
    }

    @Test("an error that is gone when the second attempt reads repairs the fault")
    func repairedError() {
        var world = MappedFile(pages: 64)
        world.machine.breakBlocks(of: world.file, PageRun(20, 20))
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 20), in: world.task)
        for _ in 0..<2 {
            world.run()
            world.machine.finishHeld(on: world.device)
        }
        #expect(world.run() == .blocked)
        #expect(world.machine.holds(.mmap(world.machine.map(of: world.task)), world.task) == .read)
        world.machine.repairBlocks(of: world.file)
        world.machine.release(world.device)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [[.major, .retry], .locked])
        #expect(world.machine.report(of: world.task).outcome.stamp == FileIO.initialStamp(world.file, 20))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("SIGKILL ends the wait of a first attempt, which then holds no lock and no page")
    func killedWhileWaiting() {
        var world = MappedFile(pages: 64)
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 9), in: world.task)
        world.run()
        world.machine.send(.kill, to: world.task)
        world.run(until: .stage(world.task, "exit.lock"))
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [[.major, .retry]])
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.files[0].pins == 0)
        #expect(world.flags(of: 9).contains([.locked, .underRead]), "the read goes on without its reader")
        world.machine.release(world.device)
        #expect(world.flags(of: 9).contains(.uptodate))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("SIGKILL in a second attempt releases the mmap lock, and returns RETRY all the same")
    func killedOnSecondAttempt() {
        var world = MappedFile(pages: 64, resident: [PageRun(9, 9)], flags: [.read, .write, .shared])
        let folio = world.machine.cachedFolio(at: 9, of: world.file)!
        let other = world.machine.addTask()
        world.bare.hold(folio, by: other)
        world.machine.start(.write(world.base + 9), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        // Unlocked and locked again before the second attempt gets there.
        world.machine.unlock(folio)
        world.run(until: .stage(world.task, "pageFault.enter"))
        world.bare.hold(folio, by: other)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind) == [.mmap])
        world.machine.send(.kill, to: world.task)
        world.run(until: .stage(world.task, "exit.lock"))
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [.retry, .retry])
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a page that is truncated while its read is waited for is beyond the end on the second attempt")
    func truncatedWhileWaiting() {
        var world = MappedFile(pages: 64)
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 40), in: world.task)
        world.run()
        world.machine.finishHeld(on: world.device)
        world.truncate(to: 30)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [[.major, .retry], .sigbus])
        #expect(world.machine.report(of: world.task).signal == .bus(.noSuchAddress))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("the last page of a file is there, the one behind it SIGBUS without a miss", arguments: [3, 4])
    func endOfFile(page: Int) {
        var world = MappedFile(pages: 4, areaPages: 8)
        let results = world.attempts(at: page)
        #expect(results == (page < 4 ? [[.major, .retry], .noPage] : [.sigbus]))
        #expect(world.machine.events.pgmajfault == (page < 4 ? 1 : 0))
        #expect(world.mapped == (page < 4 ? [0, 1, 2, 3].filter { !world.marked.contains($0) } : []))
    }

    @Test("a hole is a miss like any other, but needs no device and is all zeroes")
    func hole() {
        var world = MappedFile(pages: 64, blocks: [PageRun(0, 7), PageRun(24, 63)])
        world.machine.hold(world.device)
        #expect(world.attempts(at: 12) == [[.major, .retry], .noPage])
        #expect(world.machine.report(of: world.task).outcome.stamp == 0)
        #expect(world.machine.requestsUnderWay.map(\.index) == [0, 24])
        #expect(world.machine.requestsUnderWay.map(\.pages) == [8, 8])
        #expect(world.mapped == Array(8..<16))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("without RETRY allowed the fault submits, waits and ends with the mmap lock held")
    func mayNotDrop() {
        var world = MappedFile(pages: 64, entry: BareEntry(without: .allowRetry))
        world.machine.hold(world.device)
        world.machine.start(.read(world.base + 9), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind) == [.mmap, .invalidate])
        world.machine.release(world.device)
        #expect(world.run() == .finished)
        #expect(world.machine.report(of: world.task).attempts.map(\.result) == [[.major, .locked]])
        #expect(world.mapped == [9])
    }

    @Test("a kernel whose folio-lock wait alone drops the lock submits with it held")
    func olderRule() {
        var model = KernelModel.linux6_1
        model.lockDroppingWaits = .folioLock
        var world = MappedFile(pages: 64, model: model, disk: Disk(throttleNanoseconds: 5_000))
        world.machine.start(.read(world.base + 9), in: world.task)
        world.run(until: .asleep(world.task))
        #expect(world.machine.wait(of: world.task)?.kind == .submission)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind).contains(.mmap))
        #expect(world.run() == .finished)
    }

    @Test("a throttled submission sleeps without the mmap lock, and with the invalidate lock")
    func throttledSubmission() {
        var world = MappedFile(pages: 64, disk: Disk(throttleNanoseconds: 5_000))
        world.machine.start(.read(world.base + 9), in: world.task)
        world.run(until: .asleep(world.task))
        #expect(world.machine.wait(of: world.task)?.kind == .submission)
        #expect(world.machine.heldLocks(of: world.task).map(\.lock.kind) == [.invalidate])
        #expect(world.run() == .finished)
        #expect(world.mapped.contains(9))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("no memory for the page is OOM if the lock is held, and RETRY if it was dropped")
    func noMemory() {
        var dropped = MappedFile(pages: 64)
        dropped.machine.failAllocation(at: .cachePage)
        dropped.machine.failAllocation(at: .cachePage)
        #expect(dropped.attempts(at: 9).first == [.major, .retry])
        var held = MappedFile(pages: 64, flags: [.read, .randomRead])
        held.machine.failAllocation(at: .cachePage)
        #expect(held.attempts(at: 9) == [.oom])
        #expect(held.machine.violations.isEmpty)
    }

    @Test("a fault on a page that is being truncated waits for the invalidate lock, not holding the mmap lock")
    func waitsForTruncation() {
        var world = MappedFile(pages: 64)
        let other = world.machine.addTask()
        world.bare.hold(.invalidate(world.file), .write, by: other)
        world.machine.start(.read(world.base + 9), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.cached.isEmpty)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
        world.machine.unlock(.invalidate(world.file), by: other)
        #expect(world.run() == .finished)
        #expect(world.machine.violations.isEmpty)
    }
}
