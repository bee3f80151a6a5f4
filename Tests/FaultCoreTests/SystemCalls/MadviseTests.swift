import BareMachine
import Testing

@testable import FaultCore

@Suite("madvise", .timeLimit(.minutes(60)))
struct MadviseTests {
    private func advise(
        _ world: inout BareMachine, _ page: UInt64, _ pages: Int, _ advice: Advice
    ) -> OperationReport {
        world.finish(.madvise(PageNumber(page), pages: pages, advice))
    }

    @Test("DONTNEED zaps what is mapped, skips a hole, and returns ENOMEM at the end")
    func dontNeedWithHole() {
        var world = BareMachine()
        world.area(at: 100, pages: 2)
        world.area(at: 104, pages: 2)
        world.run(.write(PageNumber(100), pages: 2))
        world.run(.write(PageNumber(104), pages: 2))
        let report = advise(&world, 101, 4, .dontNeed)
        #expect(report.errno == .noMemory)
        #expect(world.rss().anonymous == 2 && world.machine.frames.inUse == 2)
        #expect(world.entry(101).isNone && world.entry(104).isNone)
        #expect(report.counters.mmapReadLocks == 1 && report.counters.mmapWriteLocks == 0)
    }

    @Test("DONTNEED of a locked area is EINVAL at once; what came before stays done; DONTNEED_LOCKED may")
    func lockedArea() {
        var world = BareMachine()
        world.area(at: 100, pages: 1)
        world.area(at: 101, pages: 1, [.read, .write, .locked])
        world.run(.write(PageNumber(100), pages: 2))
        let refused = advise(&world, 100, 2, .dontNeed)
        #expect(refused.errno == .invalid && world.entry(100).isNone && world.entry(101).isPresent)
        let done = advise(&world, 100, 2, .dontNeedLocked)
        #expect(done.errno == nil && world.entry(101).isNone)
    }

    @Test("FREE makes entries clean and old, leaves them writable, and the next write takes no fault")
    func free() {
        var world = BareMachine()
        world.area(at: 100, pages: 3)
        world.run(.write(PageNumber(100)))
        world.run(.read(PageNumber(101)))
        let zero = world.entry(101)
        let report = advise(&world, 100, 3, .free)
        #expect(report.errno == nil && report.counters.mmapReadLocks == 1)
        #expect(world.entry(100).isWritable && world.entry(100).bits.isDisjoint(with: [.young, .dirty]))
        #expect(world.frame(100).flags.contains(.lazyFree) && world.rss().anonymous == 1)
        #expect(world.entry(101) == zero && world.entry(102).isNone)
        let write = world.run(.write(PageNumber(100)))
        #expect(write.counters.attempts == 0 && world.entry(100).isDirty)
    }

    @Test("FREE refuses file and locked memory")
    func freeRefused() {
        var world = BareMachine()
        let file = world.file(pages: 1)
        world.area(at: 100, pages: 1, file: file)
        world.area(at: 200, pages: 1, [.read, .write, .locked])
        let ofFile = advise(&world, 100, 1, .free)
        let ofLocked = advise(&world, 200, 1, .free)
        #expect(ofFile.errno == .invalid && ofLocked.errno == .invalid)
    }

    @Test("WILLNEED hands each file area's part to its file system, with the lock dropped and taken again")
    func willNeed() {
        var world = BareMachine()
        let first = world.file(pages: 16)
        let second = world.file(pages: 16)
        world.area(at: 100, pages: 8, [.read], file: first, offset: 4)
        world.area(at: 108, pages: 8, [.read], file: second)
        world.area(at: 116, pages: 2)
        let report = advise(&world, 102, 16, .willNeed)
        #expect(report.errno == nil && report.counters.mmapReadLocks == 3)
        #expect(world.machine.state(of: first, of: AdvisedFile.self) == .init(first: 6, pages: 6))
        #expect(world.machine.state(of: second, of: AdvisedFile.self) == .init(first: 0, pages: 8))
        #expect(world.machine.files.allSatisfy { $0.pins == 0 })
    }

    @Test("POPULATE_READ faults without TRIED: a cold page retries once and is minor")
    func populateRead() {
        var world = BareMachine()
        let file = world.file(pages: 2, cached: 0..<1)
        world.area(at: 100, pages: 2, [.read], file: file)
        let report = advise(&world, 100, 2, .populateRead)
        #expect(report.errno == nil)
        #expect(report.results == [.locked, [.major, .retry], .locked])
        #expect(report.attempts.allSatisfy { $0.flags == [.allowRetry, .killable] })
        #expect(report.minorFaults == 2 && report.majorFaults == 0)
        #expect(report.counters.mmapReadLocks == 2)
    }

    @Test(
        "POPULATE asks for the protection that it needs",
        arguments: [
            (.populateRead, .write, .invalid), (.populateWrite, .read, .invalid),
            (.populateWrite, .write, nil), (.populateRead, .read, nil),
        ] as [(Advice, VMAFlags, Errno?)])
    func populateProtection(advice: Advice, flags: VMAFlags, errno: Errno?) {
        var world = BareMachine()
        world.area(at: 100, pages: 2, flags)
        let report = advise(&world, 100, 2, advice)
        #expect(report.errno == errno && report.counters.attempts == (errno == nil ? 2 : 0))
    }

    @Test("POPULATE stops at a page that is SIGBUS with EFAULT; it is faulted twice, the pages before stay")
    func populateBeyondEnd() {
        var world = BareMachine()
        let file = world.file(pages: 2, cached: 0..<2)
        world.area(at: 100, pages: 4, [.read], file: file)
        let report = advise(&world, 100, 4, .populateRead)
        #expect(report.errno == .badAddress)
        #expect(report.results == [.locked, .locked, .sigbus, .sigbus])
        #expect(world.rss().file == 2 && report.minorFaults == 2)
    }

    @Test("RANDOM, SEQUENTIAL and NORMAL replace each other, under the write lock, part by part")
    func accessAdvice() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        let random = advise(&world, 101, 2, .random)
        #expect(random.errno == nil && random.counters.mmapWriteLocks == 1 && random.counters.mmapReadLocks == 0)
        let split = world.areas
        #expect(split.map(\.start.rawValue) == [100, 101, 103])
        #expect(split[1].flags == [.read, .write, .randomRead])
        _ = advise(&world, 100, 4, .sequential)
        let sequential = world.areas
        #expect(sequential.map(\.flags) == [[.read, .write, .sequentialRead]])
        _ = advise(&world, 100, 4, .normal)
        #expect(world.areas.map(\.flags) == [[.read, .write]])
    }

    @Test("WIPEONFORK is for private anonymous memory; DOFORK and KEEPONFORK take back")
    func forkAdvice() {
        var world = BareMachine()
        let file = world.file(pages: 1)
        world.area(at: 100, pages: 1)
        world.area(at: 200, pages: 1, file: file)
        let refused = advise(&world, 200, 1, .wipeOnFork)
        #expect(refused.errno == .invalid)
        for (advice, flags) in [
            (Advice.wipeOnFork, [.read, .write, .wipeOnFork] as VMAFlags), (.keepOnFork, [.read, .write]),
            (.dontFork, [.read, .write, .dontCopy]), (.doFork, [.read, .write]),
        ] {
            let report = advise(&world, 100, 1, advice)
            #expect(report.errno == nil)
            #expect(world.areas[0].flags == flags)
        }
    }

    @Test("nothing mapped in the range, and no pages at all", arguments: [(1, .noMemory), (0, nil)] as [(Int, Errno?)])
    func nothing(pages: Int, errno: Errno?) {
        var world = BareMachine()
        let report = advise(&world, 100, pages, .dontNeed)
        #expect(report.errno == errno && report.counters.mmapReadLocks == min(1, pages))
    }
}
