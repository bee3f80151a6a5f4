import FaultTestSupport
import Testing

/// What a reviewer of a fault path asks first: which attempt dropped the lock, and which attempt is counted.
@Suite("A reviewer asks: retries and counts", .timeLimit(.minutes(60)))
struct ReadersRetryTests {
    struct Store: Sendable, CustomStringConvertible {
        var kernel: KernelModel
        var results: [FaultResult]
        var minor: Int
        var major: Int
        var description: String { "\(kernel)" }
    }

    @Test(
        "a store to a clean shared page of ext4 keeps the lock up to 5.4, retries in 5.5, completes since 6.0",
        arguments: [
            Store(kernel: .linux5_4, results: [.locked], minor: 1, major: 0),
            Store(kernel: .linux5_5, results: [.retry, .noPage], minor: 1, major: 0),
            Store(kernel: .linux5_19, results: [.retry, .noPage], minor: 0, major: 1),
            Store(kernel: .linux6_1, results: [[.locked, .completed]], minor: 1, major: 0),
        ])
    func sharedStore(_ expected: Store) throws {
        var world = try World(expected.kernel)
        let task = world.task("writer")
        let file = try world.file("log", pages: 8, resident: .all)
        let area = try world.map(file, .readWrite, .shared, in: task)

        let report = try world.perform(.write(area, page: 3), in: task)
        let story = world.story(of: task)
        #expect(report.attempts.count == expected.results.count, "\(story)")
        #expect(report.attempts.map { $0.result.contains(.retry) } == expected.results.map { $0.contains(.retry) })
        #expect(report.attempts.last?.result.contains(.completed) == expected.results.last?.contains(.completed))
        #expect(report.counters.mmapReadLocks == expected.results.count)
        #expect(story.counts(minor: expected.minor, major: expected.major, exceptions: 1), "\(story)")
    }

    @Test("a fault whose area goes while it waits for the disk is retried once and gets SIGSEGV, and counts nothing")
    func areaGoesMeanwhile() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), .read, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        try world.perform(.munmap(area), in: world.thread("mapper", of: task))
        world.completeReads()
        world.run()

        let story = world.story(of: task)
        #expect(world.report(of: task).attempts.map(\.result) == [[.major, .retry]])
        #expect(story.counts(minor: 0, major: 0, exceptions: 1, attempts: 1), "\(story)")
        #expect(world.report(of: task).signal == .segv(.notMapped))
    }

    @Test("the second attempt obeys a protection that came in between: no access, SIGSEGV, and the page stays cached")
    func protectionComesMeanwhile() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 64)
        let task = world.task("reader")
        let area = try world.map(file, .read, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        try world.perform(.mprotect(area, .noAccess), in: world.thread(of: task))
        world.completeReads()
        world.run()

        #expect(world.report(of: task).signal == .segv(.accessDenied))
        #expect(world.report(of: task).attempts.count == 1)
        #expect(world.resident(of: file) == [0...31])
        #expect(world.present(in: area) == [])
    }

    @Test("SIGKILL ends a wait for the disk under 6.1, and not under 2.6.36, which keeps the lock meanwhile")
    func killedWait() throws {
        func ends(_ kernel: KernelModel) throws -> (atOnce: Bool, lockIsFree: Bool) {
            var world = try World(kernel)
            let task = world.task("reader")
            let other = world.thread("other", of: task)
            let area = try world.map(world.file("log", pages: 64), .read, in: task)
            world.start(.read(area, page: 9), in: task)
            world.run()
            let lockIsFree = world.mmapLock(of: other).isFree
            world.kill(task)
            return (world.run() == .finished, lockIsFree)
        }
        #expect(try ends(.linux6_1) == (true, true))
        #expect(try ends(.linux2_6_36) == (false, false))
    }

    @Test("the first page of private memory: 6.4 takes the mmap lock for it, 6.12 for its anon_vma only")
    func fallingBack() throws {
        func locks(_ kernel: KernelModel) throws -> [Int] {
            var world = try World(kernel)
            let task = world.task()
            let area = try world.map(anonymousPages: 4, in: task)
            let first = try world.perform(.write(area, page: 0), in: task).counters
            let second = try world.perform(.write(area, page: 1), in: task).counters
            return [first.areaLockAttempts, first.mmapReadLocks, second.areaLockAttempts, second.mmapReadLocks]
        }
        #expect(try locks(.linux6_1) == [0, 1, 0, 1])
        #expect(try locks(.linux6_4) == [0, 1, 1, 0])
        #expect(try locks(.linux6_6) == [0, 1, 1, 0])
        #expect(try locks(.linux6_8) == [0, 1, 1, 0])
        #expect(try locks(.linux6_12) == [1, 1, 1, 0])
    }
}
