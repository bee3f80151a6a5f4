import FaultSimulator
import Testing

/// What is kept of the operations of a list or program.
@Suite("Reports of lists and programs", .timeLimit(.minutes(60)))
struct ReportTests {
    @Test("each operation of a list has its report, in order, with counters and attempts of its own")
    func list() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1_000))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start([.read(area, page: 3), .read(area, page: 3), .munmap(area), .read(area, page: 3)], in: task)
        #expect(world.run() == .finished)
        let reports = world.reports(of: task)
        try #require(reports.count == 4)
        #expect(reports[0].majorFaults == 1 && reports[0].attempts.count == 2)
        #expect(reports[1].counters.exceptions == 0 && reports[1].attempts.isEmpty)
        #expect(reports[2].operation == .munmap(area) && reports[2].errno == nil)
        #expect(reports[3].signal == .segv(.notMapped))
        #expect(reports[3] == world.report(of: task))
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "pgfault is told for each task: together they are the machine's, however faults are done",
        arguments: [KernelModel.linux2_6_37, .linux6_1, .linux6_12])
    func pgfault(_ model: KernelModel) throws {
        for traces in [false, true] {
            var world = try World(model, disk: .latency(nanoseconds: 1_000))
            world.machine.isTracing = traces
            let file = try world.file(pages: 64)
            let (first, second) = (world.task(), world.task())
            for task in [first, second] {
                let area = try world.map(file, in: task)
                let memory = try world.map(anonymousPages: 8, in: task)
                world.start(
                    [.read(area, page: 3), .write(memory, pages: 8), .write(area, page: 5)]
                        + (task == first ? [.write(memory, page: 1), .munmap(memory)] : []), in: task)
            }
            #expect(world.run() == .finished)
            let counts = [first, second].map { world.machine.counters(of: $0).pgfault }
            #expect(counts.allSatisfy { $0 >= 10 })
            #expect(counts.reduce(0, +) == world.machine.events.pgfault)
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("an operation has succeeded if it has ended without an error, a signal or an oops")
    func succeeded() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file("log", pages: 4), .read, in: task)
        world.start(.read(area), in: task)
        world.run()
        #expect(!world.report(of: task).succeeded, "it waits for the disk")
        world.completeReads()
        world.run()
        #expect(world.report(of: task).succeeded)
        #expect(try !world.perform(.mlock(area, page: 4, pages: 1), in: task).succeeded)
        #expect(try !world.perform(.write(area), in: task).succeeded)
        #expect(try !world.perform(.kernelTouch(.write, area, page: 0, .kernelWithoutFixup), in: task).succeeded)
        #expect(world.report(of: task).outcome.oops)
    }

    @Test("the report of a killed operation names the signal, and what the call had come to")
    func killed() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 64)
        let task = world.task()
        world.start(.read(file, page: 9), in: task)
        world.run()
        world.kill(task)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.signal == .kill && report.isGone)
        #expect(report.errno == nil && report.errnoWhenKilled == .interrupted)
        #expect(
            report.description.hasPrefix(
                "pread page 9 of log: done, ended by SIGKILL; the call had failed with EINTR; the task has ended\n"))
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("the reports are those of the list or operation given last")
    func forgotten() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        world.start([.write(area), .write(area, page: 1)], in: task)
        world.run()
        #expect(world.reports(of: task).count == 2)
        try world.perform(.read(area), in: task)
        #expect(world.reports(of: task) == [world.report(of: task)])
        world.machine.recordsAttempts = false
        world.start([.read(area)], in: task)
        world.run()
        #expect(world.reports(of: task).isEmpty)
    }

    /// Reads a page of an area, so many times.
    private struct Reader: TaskProgram {
        let area: Area
        let times: Int

        struct State: PluginState {
            var done = 0

            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("done", done) }
        }

        func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
            guard state.done < times else { return nil }
            state.done += 1
            return .read(area, page: state.done % area.pages)
        }
    }

    @Test("of a long program the last reports are kept, and how many were before them is told")
    func limit() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        world.machine.reportLimit = 10
        world.start(Reader(area: area, times: 35), in: task)
        world.run()
        #expect(world.reports(of: task).count == 10)
        #expect(world.machine.reportsLeftOut(of: task) == 25)
        #expect(world.reports(of: task).last?.operation == .read(area, page: 35 % 4))
    }

    @Test("a report says how many attempts it leaves out, and keeps as many as it is told to")
    func attempts() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 100, in: task)
        let first = try world.perform(.write(area, pages: 100), in: task)
        #expect(first.attempts.count == 64 && first.attemptsLeftOut == 36)
        #expect("\(first)".contains("88 attempts, then"))
        try world.perform(.madvise(area, .dontNeed), in: task)
        world.machine.attemptLimit = 1_000
        let second = try world.perform(.write(area, pages: 100), in: task)
        #expect(second.attempts.count == 100 && second.attemptsLeftOut == 0)
    }
}
