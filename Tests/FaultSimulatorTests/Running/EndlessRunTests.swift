import FaultSimulator
import Testing

@Suite("Runs that do not end", .timeLimit(.minutes(60)))
struct EndlessRunTests {
    /// A process whose memory is handled by a handler that never comes to an end, and one that waits for its lock.
    private func circle() throws -> (world: World, task: TaskID, area: Area) {
        var world = try World(.linux6_1)
        world.stageLimit = 5_000
        let task = world.task("reader")
        let area = try world.map(world.register(EndlessMemory()), pages: 2, in: task)
        world.start(.mmap(MapRequest(pages: 1, access: .read)), in: world.thread("mapper", of: task))
        return (world, task, area)
    }

    @Test("a run is stopped at the world's limit, and prints the stage, the tasks that wait, and the last events")
    func stopped() throws {
        var (world, task, area) = try circle()
        world.start(.read(area), in: task)
        let reason = world.run(until: .asleep(TaskID(1)))
        #expect(reason == .conditionMet || reason == .limitReached)
        let end = world.run()
        #expect(end == .limitReached && end.nextTask == task)
        #expect(!end.lastEvents.isEmpty && end.lastEvents.count <= 12)
        let text = "\(end)"
        #expect(text.hasPrefix("limitReached: reader is at "), "\(text)")
        #expect(text.contains("the last events:") && text.split(separator: "\n").count <= 23, "\(text)")
    }

    @Test("an operation that does not end is an error that says where it goes in circles")
    func performed() throws {
        var (world, task, area) = try circle()
        do {
            try world.perform(.read(area), in: task)
            Issue.record("it ended")
        } catch {
            guard case .endless(let reason) = error else { throw error }
            #expect(reason.hasPrefix("limitReached: reader is at "), "\(reason)")
            #expect("\(error)".contains("World.stageLimit"))
        }
    }

    @Test("so is one that reads from the disk again and again: the limit is for all that is finished for it")
    func readsAgain() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, in: task)
        world.machine.breakBlocks(of: file, PageRun(9, 9))
        world.stageLimit = 5_000
        // Populating tries a page whose block is bad again and again, as the kernel does.
        do {
            try world.perform(.mlock(area), in: task)
            Issue.record("it ended")
        } catch {
            guard case .endless(let reason) = error else { throw error }
            #expect(reason.hasPrefix("limitReached: "), "\(reason)")
        }
    }

    @Test("a run in which a law is broken forever ends long before its limit, and is violated")
    func brokenForever() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.register(StubbornMemory()), pages: 1, in: task)
        world.start(.read(area), in: task)
        let reason = world.run()
        #expect(reason == .violated && reason.nextTask == task)
        #expect(reason.violations.first?.law == .faultLockReleasedOnce)
        #expect(world.report(of: task).counters.attempts < 100_000)
    }

    @Test("a run that ends within the limit tells no events")
    func ended() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        world.start(.read(try world.map(anonymousPages: 1, in: task)), in: task)
        let reason = world.run()
        #expect(reason == .finished && reason.lastEvents.isEmpty)
        #expect(world.stageLimit == 100_000_000)
    }
}

/// Memory that is always about to come.
private struct EndlessMemory: VMOperations {
    var name: StaticName { StaticName("endless memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .next(stage) }
}

/// Memory whose handler returns `RETRY` and keeps the lock, again and again.
private struct StubbornMemory: VMOperations {
    var name: StaticName { StaticName("stubborn memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(.retry) }
}
