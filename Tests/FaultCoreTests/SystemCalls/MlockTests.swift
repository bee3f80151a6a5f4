import BareMachine
import Testing

@testable import FaultCore

@Suite("mlock and populate", .timeLimit(.minutes(60)))
struct MlockTests {
    @Test("mlock of private writable memory locks the area and writes to every page")
    func locksAndPopulates() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        world.run(.read(PageNumber(100)))
        let report = world.finish(.mlock(PageNumber(100), pages: 4))
        #expect(report.errno == nil && world.rss().anonymous == 4)
        #expect(report.results == [.write, [], [], []])
        #expect(report.counters.mmapWriteLocks == 1 && report.counters.mmapReadLocks == 1)
        #expect(world.areas[0].flags.contains(.locked))
        #expect(world.machine.maps[0].lockedPages == 4)
        let unlock = world.finish(.munlock(PageNumber(100), pages: 4))
        #expect(unlock.counters.mmapWriteLocks == 1 && unlock.counters.mmapReadLocks == 0)
        #expect(world.machine.maps[0].lockedPages == 0 && world.rss().anonymous == 4)
    }

    @Test("a hole ends mlock with ENOMEM and no populate; what came before it stays locked")
    func hole() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.area(at: 103, pages: 2)
        let report = world.finish(.mlock(PageNumber(100), pages: 5))
        #expect(report.errno == .noMemory && report.counters.attempts == 0 && report.counters.mmapReadLocks == 0)
        #expect(world.areas.map { $0.flags.contains(.locked) } == [true, false])
        let before = world.finish(.mlock(PageNumber(99), pages: 2))
        #expect(before.errno == .noMemory && world.machine.maps[0].lockedPages == 2)
    }

    @Test("a page that is SIGBUS makes mlock ENOMEM, faulted twice; the area stays locked")
    func populateFails() {
        var world = BareMachine()
        let file = world.file(pages: 1, cached: 0..<1)
        world.area(at: 100, pages: 2, [.read], file: file)
        let report = world.finish(.mlock(PageNumber(100), pages: 2))
        #expect(report.errno == .noMemory)
        #expect(report.results == [.locked, .sigbus, .sigbus])
        #expect(world.machine.maps[0].lockedPages == 2)
    }

    @Test("memory without any access is locked, and its populate fails")
    func noAccess() {
        var world = BareMachine()
        world.area(at: 100, pages: 2, [])
        let report = world.finish(.mlock(PageNumber(100), pages: 2))
        #expect(report.errno == .noMemory && report.counters.attempts == 0)
        #expect(report.counters.mmapReadLocks == 1 && world.machine.maps[0].lockedPages == 2)
    }

    @Test(
        "RLIMIT_MEMLOCK counts what is locked already once",
        arguments: [(3, nil), (2, .noMemory)] as [(Int, Errno?)])
    func limit(pages: Int, errno: Errno?) {
        var settings = MachineSettings()
        settings.lockedLimitPages = pages
        var world = BareMachine(settings: settings)
        world.area(at: 100, pages: 3)
        world.finish(.mlock(PageNumber(100), pages: 2))
        let report = world.finish(.mlock(PageNumber(100), pages: 3))
        #expect(report.errno == errno)
    }

    @Test("populating takes the lock once, and once more for each drop; a retried page is minor")
    func populateCounts() {
        var world = BareMachine()
        let file = world.file(pages: 3, cached: 1..<2)
        world.area(at: 100, pages: 3, [.read], file: file)
        let report = world.finish(.mlock(PageNumber(100), pages: 3))
        #expect(report.errno == nil)
        #expect(report.results == [[.major, .retry], .locked, .locked, [.major, .retry], .locked])
        #expect(report.attempts.allSatisfy { !$0.flags.contains(.tried) })
        #expect(report.counters.mmapReadLocks == 3 && report.counters.mmapWriteLocks == 1)
        #expect(report.minorFaults == 3 && report.majorFaults == 0 && report.counters.pgmajfault == 2)
    }

    @Test("a shared writable area is only read")
    func sharedIsRead() {
        var world = BareMachine()
        let file = world.file(pages: 2, cached: 0..<2)
        world.area(at: 100, pages: 2, [.read, .write, .shared], file: file)
        let report = world.finish(.mlock(PageNumber(100), pages: 2))
        #expect(report.attempts.allSatisfy { !$0.flags.contains(.write) } && report.counters.attempts == 2)
        #expect(!world.frame(100).flags.contains(.dirty))
    }

    /// Runs a routine that other system calls call, as an operation of its own.
    private func call(_ call: RoutineCall, in world: inout BareMachine) -> OperationReport {
        world.machine.begin(call, of: world.task, as: .getUserPages(PageNumber(0), pages: 0, []))
        return world.goOn()
    }

    @Test("mmap's populate passes over holes and ignores the errors of an area")
    func ignoresErrors() {
        var world = BareMachine()
        let file = world.file(pages: 1, cached: 0..<1)
        world.area(at: 100, pages: 3, [.read], file: file)
        world.area(at: 110, pages: 1, [])
        world.area(at: 120, pages: 2)
        let report = call(
            world.machine.populating(PageNumber(100)..<PageNumber(130), .areIgnored), in: &world)
        #expect(report.errno == nil && report.counters.mmapReadLocks == 1)
        #expect(report.results == [.locked, .sigbus, .sigbus, [], []])
        #expect(world.rss().anonymous == 2)
    }

    @Test("mprotect's populate keeps its write lock: a cold page is MAJOR|LOCKED, and errors are ignored")
    func populateHeld() {
        var world = BareMachine()
        let file = world.file(pages: 1)
        world.area(at: 100, pages: 2, [.read, .write, .locked], file: file)
        world.hold(.mmap(world.map), .write, by: world.task)
        let report = call(
            GetUserPagesRoutine.call(.populateHeld, from: PageNumber(100), pages: 2, in: world.map), in: &world)
        #expect(report.value == 0 && report.attempts.map(\.flags) == [.write, .write])
        #expect(report.results == [[.major, .locked], .sigbus])
        #expect(world.machine.holds(.mmap(world.map), world.task) == .write)
        #expect(report.majorFaults == 1 && world.rss().anonymous == 1)
    }
}
