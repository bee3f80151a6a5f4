import BareMachine
import Testing

@testable import FaultCore

@Suite("get_user_pages", .timeLimit(.minutes(60)))
struct GUPTests {
    @Test("finds entries that suit without a fault, and faults the others")
    func facesOnlyMissingPages() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        world.run(.write(PageNumber(101)))
        let report = world.run(.getUserPages(PageNumber(100), pages: 4, .write))
        #expect(report.value == 4 && report.counters.attempts == 3 && report.minorFaults == 3)
        #expect(report.counters.exceptions == 0)
        #expect(report.counters.mmapReadLocks == 1)
        #expect(report.attempts.allSatisfy { $0.flags == .write })
        #expect(world.rss().anonymous == 4)
    }

    @Test("the zero page suits a read, and not a write")
    func zeroPage() {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        let first = world.run(.getUserPages(PageNumber(100), pages: 1, []))
        let again = world.run(.getUserPages(PageNumber(100), pages: 1, []))
        #expect(first.counters.attempts == 1 && again.counters.attempts == 0)
        #expect(world.entry(100).isZeroPage)
        let write = world.run(.getUserPages(PageNumber(100), pages: 1, .write))
        #expect(write.results == [.write])
    }

    @Test(
        "refuses what the area refuses",
        arguments: [
            (.write, [], .badAddress), (.write, .force, nil), (.read, .write, .badAddress),
            (.read, [.write, .force], nil), ([.read, .shared], [.write, .force], .badAddress), ([], .force, nil),
        ] as [(VMAFlags, GUPFlags, Errno?)])
    func permissions(area: VMAFlags, flags: GUPFlags, errno: Errno?) {
        var world = BareMachine()
        let file = world.file(pages: 1, cached: 0..<1)
        world.area(at: 100, pages: 1, area, file: file)
        let report = world.run(.getUserPages(PageNumber(100), pages: 1, flags))
        #expect(report.errno == errno)
        #expect(report.counters.attempts == (errno == nil ? 1 : 0))
    }

    @Test("stops at a hole with the pages before it")
    func hole() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        let short = world.run(.getUserPages(PageNumber(100), pages: 4, .write))
        let none = world.run(.getUserPages(PageNumber(102), pages: 1, .write))
        #expect(short.value == 2 && none.errno == .badAddress)
    }

    @Test("with `locked`, each cold page drops the lock once and is tried again with TRIED: major")
    func unlockable() {
        var world = BareMachine()
        let file = world.file(pages: 2)
        world.area(at: 100, pages: 2, [.read], file: file)
        let other = world.machine.addTask(in: world.map)
        world.machine.start(.getUserPages(PageNumber(100), pages: 2, .unlockable), in: world.task)
        #expect(world.run() == .blocked)
        #expect(world.machine.holds(.mmap(world.map), world.task) == nil, "the device is waited for without the lock")
        let report = world.goOn()
        #expect(report.value == 2)
        #expect(report.results == [[.major, .retry], .locked, [.major, .retry], .locked])
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, true, false, true])
        #expect(report.majorFaults == 2 && report.counters.mmapReadLocks == 3)
        #expect(world.machine.heldLocks(of: world.task).isEmpty && world.machine.heldLocks(of: other).isEmpty)
    }

    @Test("without `locked`, the device is waited for with the lock held, once a page")
    func held() {
        var world = BareMachine()
        let file = world.file(pages: 2)
        world.area(at: 100, pages: 2, [.read], file: file)
        world.machine.start(.getUserPages(PageNumber(100), pages: 2, []), in: world.task)
        #expect(world.run() == .blocked && world.machine.holds(.mmap(world.map), world.task) == .read)
        let report = world.goOn()
        #expect(report.results == [[.major, .locked], [.major, .locked]])
        #expect(report.value == 2 && report.majorFaults == 2 && report.counters.mmapReadLocks == 1)
    }

    @Test("a kill while the lock is dropped ends it with EINTR, or with the pages done")
    func killed() {
        var world = BareMachine()
        let file = world.file(pages: 2)
        world.area(at: 100, pages: 2, [.read], file: file)
        world.machine.start(.getUserPages(PageNumber(100), pages: 2, .unlockable), in: world.task)
        world.run()
        world.machine.send(.kill, to: world.task)
        #expect(world.run(until: .stage(world.task, "exit.lock")) == .conditionMet)
        #expect(world.machine.tasks[0].outcome.errno == .interrupted)
        #expect(world.machine.heldLocks(of: world.task).isEmpty)
    }

    @Test("a clean page under a clean writable entry is made dirty, not the entry")
    func touchDirtiesPage() throws {
        var world = BareMachine()
        let file = world.file(pages: 1, cached: 0..<1)
        world.area(at: 100, pages: 1, [.read, .write, .shared], file: file)
        world.run(.read(PageNumber(100)))
        #expect(world.entry(100).isWritable && !world.entry(100).isDirty, "no write notification")
        let report = world.run(.getUserPages(PageNumber(100), pages: 1, .write))
        #expect(report.value == 1 && report.counters.attempts == 0)
        #expect(world.frame(100).flags.contains(.dirty) && !world.entry(100).isDirty)
    }

    @Test("a read of another process's page that a fork shares copies it first, and leaves it read-only")
    func remotePinUnshares() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.run(.write(PageNumber(100)))
        let shared = world.entry(100).frame
        let child = world.fork()
        let report = world.run(.readRemoteMemory(world.map, PageNumber(100), pages: 1), in: child)
        #expect(report.value == 1 && report.results == [[]])
        #expect(report.attempts.map(\.flags) == [[.remote, .allowRetry, .killable, .unshare]])
        #expect(report.outcome.stamp == world.machine.stamp(of: shared))
        #expect(world.entry(100).frame != shared && !world.entry(100).isWritable && !world.entry(100).isDirty)
        #expect(world.entry(100, of: child).frame == shared)
        #expect(world.frame(100).flags.contains(.anonExclusive))
    }

    @Test("/proc/PID/mem takes the lock for each page, and sleeps for the device with it")
    func procMem() {
        var world = BareMachine()
        let file = world.file(pages: 3)
        world.area(at: 100, pages: 3, [], file: file)
        let reader = world.machine.addTask()
        world.machine.start(.readProcMem(world.map, PageNumber(100), pages: 3), in: reader)
        #expect(world.run() == .blocked && world.machine.holds(.mmap(world.map), reader) == .read)
        let report = world.goOn(reader)
        #expect(report.value == 3 && report.counters.mmapReadLocks == 3)
        #expect(report.majorFaults == 3 && report.attempts.allSatisfy { $0.flags == .remote })
    }

    @Test("/proc/PID/mem below a stack makes it grow, under the write lock")
    func procMemGrowsStack() {
        var world = BareMachine()
        world.area(at: 5000, pages: 2, [.read, .write, .growsDown])
        let reader = world.machine.addTask()
        let report = world.run(.readProcMem(world.map, PageNumber(4998), pages: 1), in: reader)
        #expect(report.value == 1)
        #expect(report.counters.mmapReadLocks == 2 && report.counters.mmapWriteLocks == 1)
        #expect(world.areas.map(\.start) == [PageNumber(4998)])
        #expect(world.machine.heldLocks(of: reader).isEmpty)
    }

    @Test("SIGKILL ends the wait of /proc/PID/mem for the write lock below a stack")
    func procMemGrowthIsKillable() {
        var world = BareMachine()
        let file = world.file(pages: 1)
        world.area(at: 100, pages: 1, [], file: file)
        world.area(at: 5000, pages: 2, [.read, .write, .growsDown])
        let (holder, reader) = (world.machine.addTask(), world.machine.addTask())
        world.machine.start(.readProcMem(world.map, PageNumber(100), pages: 1), in: holder)
        world.run()
        world.machine.start(.readProcMem(world.map, PageNumber(4998), pages: 1), in: reader)
        world.run()
        #expect(world.machine.isSleeping(reader) && world.machine.lockView(.mmap(world.map)).waiters == [reader])
        world.machine.send(.kill, to: reader)
        world.run()
        #expect(world.machine.report(of: reader).isGone && world.machine.lockView(.mmap(world.map)).waiters == [])
        #expect(world.machine.holds(.mmap(world.map), holder) == .read)
        #expect(world.machine.report(of: reader).errnoWhenKilled == .inputOutput)
    }

    @Test(
        "a write to /proc/PID/mem goes past the protection of private memory, to a copy, and to what is shared and writable"
    )
    func procMemWrite() {
        var world = BareMachine()
        let file = world.file(pages: 3, cached: 0..<3)
        world.area(at: 100, pages: 1, [.read], file: file)
        world.area(at: 200, pages: 1, [.read, .write, .shared], file: file)
        world.area(at: 300, pages: 1, [.read, .shared], file: file)
        let before = world.machine.stamp(of: world.machine.cachedFolio(at: 0, of: file)!)
        let writer = world.machine.addTask()
        let copied = world.run(.writeProcMem(world.map, PageNumber(100), pages: 1), in: writer)
        #expect(copied.value == 1 && copied.counters.mmapReadLocks == 1)
        let copy = world.entry(100)
        #expect(!copy.isWritable && world.frame(100).flags.contains([.anonymous, .dirty]))
        #expect(world.machine.stamp(of: copy.frame) == copied.outcome.stamp && copied.outcome.stamp != before)
        #expect(world.machine.stamp(of: world.machine.cachedFolio(at: 0, of: file)!) == before)
        let shared = world.run(.writeProcMem(world.map, PageNumber(200), pages: 1), in: writer)
        #expect(shared.value == 1 && world.machine.stamp(of: world.machine.cachedFolio(at: 0, of: file)!) != before)
        #expect(world.frame(200).flags.contains(.dirty))
        #expect(world.run(.writeProcMem(world.map, PageNumber(300), pages: 1), in: writer).errno == .inputOutput)
        #expect(world.machine.heldLocks(of: writer).isEmpty)
    }

    @Test("process_vm_readv reads up to what it can't have, and asks for that twice")
    func remoteShort() {
        var world = BareMachine()
        let file = world.file(pages: 2, cached: 0..<2)
        world.area(at: 100, pages: 4, [.read], file: file)
        let reader = world.machine.addTask()
        let report = world.run(.readRemoteMemory(world.map, PageNumber(100), pages: 4), in: reader)
        #expect(report.value == 2 && report.results == [.locked, .locked, .sigbus, .sigbus])
        let nothing = world.run(.readRemoteMemory(world.map, PageNumber(102), pages: 1), in: reader)
        #expect(nothing.errno == .badAddress)
        let mem = world.run(.readProcMem(world.map, PageNumber(300), pages: 1), in: reader)
        #expect(mem.errno == .inputOutput)
        #expect(mem.counters.mmapReadLocks == 1 && mem.counters.mmapWriteLocks == 1, "it tried to grow a stack")
    }

    @Test("/proc/PID/maps counts the areas, and its wait for the lock can be killed")
    func procMaps() {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        world.area(at: 200, pages: 1)
        let reader = world.machine.addTask()
        let report = world.run(.readProcMaps(world.map), in: reader)
        #expect(report.value == 2 && report.counters.mmapReadLocks == 1)

        world.hold(.mmap(world.map), .write, by: world.task)
        world.machine.start(.readProcMaps(world.map), in: reader)
        world.run()
        #expect(world.machine.wait(of: reader)?.kind == .lock)
        world.machine.send(.kill, to: reader)
        #expect(world.run() == .finished && world.machine.hasExited(reader))
        #expect(world.machine.maps[0].users == 1)
    }

    @Test("mincore counts mapped and cached pages, with one read lock an area")
    func mincore() {
        var world = BareMachine()
        let file = world.file(pages: 4, cached: 1..<3)
        world.area(at: 100, pages: 4)
        world.area(at: 104, pages: 4, [.read], file: file)
        world.run(.read(PageNumber(101)))
        let report = world.run(.mincore(PageNumber(100), pages: 8))
        #expect(report.value == 3 && report.counters.mmapReadLocks == 2)
        let hole = world.run(.mincore(PageNumber(100), pages: 9))
        #expect(hole.errno == .noMemory)
    }
}
