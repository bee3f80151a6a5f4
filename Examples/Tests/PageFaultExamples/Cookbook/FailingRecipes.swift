import FaultTestSupport
import Testing

@Suite("Cookbook: failing", .timeLimit(.minutes(60)))
struct FailingRecipes {
    /// A block that can't be read fails its whole request. The fault then reads the page alone, and gives up when that
    /// fails, too.
    @Test("How does EIO become SIGBUS?")
    func inputOutputError() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.machine.breakBlocks(of: file, PageRun(9, 9))

        #expect(try world.perform(.read(area, page: 9), in: task).signal == .bus(.noSuchAddress))
        #expect(try world.perform(.read(file, page: 9), in: task).errno == .inputOutput)
        #expect(try world.perform(.read(area, page: 10), in: task).signal == nil)
    }

    /// That depends on which task runs first when the read is done. An exhaustive check lists all outcomes.
    @Test("What happens to a fault whose file is truncated while it waits?")
    func truncated() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 1)
        let reader = world.task("reader")
        let writer = world.task("writer")
        let area = try world.map(file, .read, in: reader)
        world.start(.read(area), in: reader)
        #expect(world.run() == .blocked)
        world.start(.truncate(file, pages: 0), in: writer)

        let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(verdict.holds, "\(verdict)")
        #expect(
            verdict.coverage.texts.sorted() == [
                "reader: MAJOR|RETRY, NOPAGE, SIGBUS, faults 0/1, SIGBUS/ADRERR; writer: ok",
                "reader: MAJOR|RETRY, NOPAGE, faults 0/1; writer: ok",
                "reader: MAJOR|RETRY, SIGBUS, SIGBUS/ADRERR; writer: ok",
            ])
    }

    /// The wait is killable. The task counts neither a minor nor a major fault. The read goes on, although no task
    /// waits for it.
    @Test("What does SIGKILL do to a fault that waits for the disk?")
    func killed() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 64), in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)

        world.kill(task)
        #expect(world.run() == .finished)
        #expect(world.story(of: task).ended(by: .kill))
        #expect(world.story(of: task).counts(minor: 0, major: 0, attempts: 1))
        #expect(world.machine.requestsUnderWay.count == 1)
    }

    /// `failAllocation` makes one allocation fail. The attempt returns `OOM`, and the access faults again.
    @Test("What happens if one allocation fails?")
    func oneAllocation() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.machine.failAllocation(at: .anonymousPage)

        let report = try world.perform(.write(area), in: task)
        #expect(report.attempts.map(\.result) == [.oom, []])
        #expect(report.signal == nil)
    }

    /// The operation is repeated, each time with one more failure: each allocation and each read fails once, and
    /// SIGKILL arrives at each stage. Each time the operation must end, the laws must hold, and so must what the test
    /// asks for. The sweep says how many points there were.
    @Test("Does an operation survive the failure of everything, once each?")
    func everything() throws {
        var world = try World(.linux6_12)
        let task = world.task("reader")
        let area = try world.map(world.file("log", pages: 64), in: task)

        let sweep = world.failingEachOnce(.read(area, page: 9), in: task) { story in
            story.everybodyIsDone && story.story(of: task).holdsNothing
        }
        #expect(sweep.holds)
        #expect(sweep.count(.read) == 1 && sweep.count(.allocation) > 1 && sweep.count(.signal) > 10)
    }

    /// A user copy that faults on a bad buffer stops early and returns `EFAULT`. The program gets no signal.
    @Test("Does read(2) into a bad buffer get a signal, or EFAULT?")
    func badBuffer() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        let task = world.task()
        let buffer = try world.map(anonymousPages: 4, .read, in: task)

        let report = try world.perform(.read(file, pages: 2, into: buffer), in: task)
        #expect(report.errno == .badAddress && report.signal == nil)
    }

    /// `leaks(since:)` compares two worlds. It reports what is left: pages outside of page caches, page tables, areas,
    /// pins, requests and locks.
    @Test("Is anything left at the end?")
    func leaks() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let before = world

        let area = try world.map(anonymousPages: 16, in: task)
        try world.perform(.write(area, pages: 16), in: task)
        #expect(world.leaks(since: before).lines.contains { $0.hasPrefix("16 pages more") })
        try world.perform(.munmap(area), in: task)
        #expect(world.leaks(since: before).isEmpty)
    }
}
