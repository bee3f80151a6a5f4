import FaultSimulator
import Testing

@Suite("A page that has to be read from the disk", .timeLimit(.minutes(60)))
struct ColdReadTests {
    @Test("a cold read drops the mmap lock, retries once, counts one major fault")
    func coldReadRetriesOnce() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, in: task)

        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)

        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(report.attempts.map(\.flags) == [[.default, .user], [.default, .user, .tried]])
        #expect(report.majorFaults == 1 && report.minorFaults == 0)
    }

    @Test("nobody waits for the disk with the mmap lock held: another thread maps memory meanwhile")
    func lockIsFreeWhileItWaits() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let reader = world.task()
        let area = try world.map(file, in: reader)
        world.start(.read(area, page: 9), in: reader)
        #expect(world.run() == .blocked)

        #expect(world.mmapLock(of: reader).isFree)
        let mapper = world.thread(of: reader)
        let other = try world.map(anonymousPages: 4, in: mapper)
        #expect(other.pages == 4)
    }

    @Test("a second reader of the page waits for the first one's read, and counts a major fault of its own")
    func secondReaderSharesTheRead() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let first = world.task()
        let second = world.thread(of: first)
        let area = try world.map(file, in: first)
        world.start(.read(area, page: 9), in: first)
        world.start(.read(area, page: 9), in: second)
        #expect(world.run() == .blocked)
        #expect(world.machine.requestsUnderWay.count == 1)

        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.report(of: first).attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(world.report(of: second).attempts.first?.result == .retry)
        #expect(world.report(of: second).majorFaults == 1)
    }

    @Test("SIGKILL ends the wait at once: the fault counts nowhere, and the task is gone before its read is done")
    func killedWhileWaiting() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)

        world.kill(task)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.isGone && report.signal == .kill)
        #expect(report.attempts.map(\.result) == [[.major, .retry]])
        #expect(report.majorFaults + report.minorFaults == 0)
        #expect(world.machine.requestsUnderWay.count == 1)
    }

    @Test("a fork of the world takes the other branch: here the read ends, there the area is unmapped first")
    func forkTakesTheOtherBranch() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)

        var other = world
        try other.perform(.munmap(area), in: other.thread(of: task))
        other.completeReads()
        #expect(other.run() == .finished)
        #expect(other.report(of: task).signal == .segv(.notMapped))

        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.report(of: task).signal == nil)
        #expect(world.presentPages(of: area).contains(9))
    }
}
