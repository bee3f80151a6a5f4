import FaultSimulator
import Testing

@Suite("What a program gets for an access", .timeLimit(.minutes(60)))
struct OutcomeTests {
    @Test("the first store to a shared tmpfs page completes in one attempt, and is minor")
    func sharedTmpfsWriteCompletes() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 8, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)

        let report = try world.perform(.write(area, page: 3), in: task)
        #expect(report.attempts.map(\.result) == [[.locked, .completed]])
        #expect(report.attempts.map(\.lockHeldAfter) == [false])
        #expect(report.minorFaults == 1 && report.majorFaults == 0)
    }

    @Test(
        "a touch beyond the end of a file is SIGBUS; its last page is not",
        arguments: [(3, nil), (4, TaskSignal.bus(.noSuchAddress))])
    func endOfFile(page: Int, signal: TaskSignal?) throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        #expect(try world.touch(.read, page: page, of: file).signal == signal)
    }

    @Test("a store to a read-only mapping is SIGSEGV with ACCERR, one to nothing with MAPERR")
    func segmentationFaults() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, .read, in: task)

        #expect(try world.perform(.write(area), in: task).signal == .segv(.accessDenied))
        try world.perform(.munmap(area), in: task)
        let report = try world.perform(.write(area), in: task)
        #expect(report.signal == .segv(.notMapped))
        #expect(report.counters.exceptions == 1 && report.attempts.isEmpty)
    }

    @Test("read(2) into memory that can't be written fails with EFAULT and no signal")
    func kernelCopyFails() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        let task = world.task()
        let buffer = try world.map(anonymousPages: 4, .read, in: task)

        let report = try world.perform(.read(file, pages: 2, into: buffer), in: task)
        #expect(report.errno == .badAddress && report.signal == nil)
        #expect(report.counters.kernelExceptions == 2, "the copy tries its last byte once more")
    }
}
