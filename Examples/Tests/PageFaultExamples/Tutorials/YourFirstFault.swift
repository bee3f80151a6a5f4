import FaultTestSupport
import Testing

@Suite("Tutorial: your first fault", .timeLimit(.minutes(60)))
struct YourFirstFault {
    @Test("a cold read waits for the disk without the lock")
    func coldRead() throws {
        var world = try World(.linux6_1)
        let log = try world.file("log", pages: 64)
        let reader = world.task("reader")
        let buffer = try world.map(log, named: "buffer", in: reader)

        world.start(.read(buffer, page: 9), in: reader)
        #expect(world.run() == .blocked)

        #expect(
            "\(world.run())" == """
                blocked
                reader waits for I/O on page 9 of log
                """)
        #expect(world.mmapLock(of: reader).isFree)
        #expect(world.machine.requestsUnderWay.count == 1)
        #expect(world.machine.requestsUnderWay.map(\.pages) == [32])

        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: reader)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(report.majorFaults == 1 && report.minorFaults == 0)
        #expect(world.present(in: buffer) == [1...16])
    }

    @Test("what a failing expectation prints")
    func failing() throws {
        var world = try World(.linux6_1)
        let reader = world.task("reader")
        let buffer = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)

        world.start(.read(buffer, page: 9), in: reader)
        let story = world.story {
            $0.run()
            $0.completeReads()
            $0.run()
        }.story(of: reader)
        #expect(!story.neverRetried)
        #expect(
            "\(story)" == """
                reader: read page 9 of buffer: done, 0
                minorFaults 0, majorFaults 1, exceptions 1, attempts 2, pgfault 2, mmapReadLocks 2, pgmajfault 1
                page 9 of buffer ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE -> MAJOR|RETRY, lock released
                page 9 of buffer ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE -> NOPAGE, lock held
                reader waits for I/O on page 9 of log
                """)
    }

    @Test("another kernel, another story")
    func otherKernel() throws {
        for kernel in [KernelModel.linux2_6_36, .linux6_1, .linux6_12] {
            var world = try World(kernel)
            let reader = world.task("reader")
            let buffer = try world.map(world.file(pages: 64), in: reader)
            let report = try world.perform(.read(buffer, page: 9), in: reader)
            print("\(kernel): \(report.attempts.map(\.result)), \(report.counters.mmapReadLocks) mmap locks")
            #expect(report.majorFaults == 1)
        }
    }

    @Test("the second touch")
    func secondTouch() throws {
        var world = try World(.linux6_1)
        let reader = world.task("reader")
        let buffer = try world.map(world.file("log", pages: 64), in: reader)
        try world.perform(.read(buffer, page: 9), in: reader)

        try world.perform(.read(buffer, page: 9), in: reader)
        #expect(world.story(of: reader).counts(minor: 0, major: 0, exceptions: 0))
        try world.perform(.read(buffer, page: 20), in: reader)
        #expect(world.story(of: reader).wasMinorOnce)
    }
}
