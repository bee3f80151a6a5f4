import FaultArchX86
import FaultSimulator
import Testing

/// Memory that gives a page when it has slept.
private struct SleepyMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case rest, woken }

    let stamp: UInt32
    var name: StaticName { StaticName("sleepy memory") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .rest: .sleep(.time(machine.clock + 100, .killable), then: .woken)
        case .woken: .done(machine.giveNewPage(stamp: stamp, to: &fault) ? [] : .oom)
        }
    }
}

/// Memory with a stage of the same name.
private struct WakefulMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case begin, think, woken }

    var name: StaticName { StaticName("wakeful memory") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .begin: .next(.think)
        case .think: .next(.woken)
        case .woken: .done(machine.giveNewPage(stamp: 9, to: &fault) ? [] : .oom)
        }
    }
}

@Suite("A run stops at a stage that is named", .timeLimit(.minutes(60)))
struct StopAtStageTests {
    @Test("a stage of the core, by the name that traces print")
    func ofTheCore() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        world.machine.isTracing = true
        world.start(.munmap(area), in: task)
        #expect(world.run(until: .stage(task, "munmap.tearDown")) == .conditionMet)
        #expect(world.machine.backtrace(of: task) == ["munmap.tearDown"])
        _ = world.run(until: .done(task))
        let stages = world.machine.trace.filter { $0.kind == .stage }.map { world.machine.text(of: $0) }
        #expect(stages.contains { $0.hasSuffix("stage munmap.tearDown") })
    }

    @Test("a stage of a handler, by name: of any handler that has it")
    func ofAnyHandler() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let sleepy = try world.map(world.register(SleepyMemory(stamp: 1)), pages: 1, in: task)
        let wakeful = try world.map(world.register(WakefulMemory()), pages: 1, in: task)
        for area in [sleepy, wakeful] {
            world.start(.read(area), in: task)
            #expect(world.run(until: .stage(task, "handlerFault.woken")) == .conditionMet)
            #expect(world.machine.backtrace(of: task).last == "handlerFault.woken")
            _ = world.run(until: .done(task))
        }
    }

    @Test("a stage of a handler, by type: of none that is of another type")
    func ofOneHandler() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let sleepy = try world.map(world.register(SleepyMemory(stamp: 1)), pages: 1, in: task)
        let again = try world.map(world.register(SleepyMemory(stamp: 2)), pages: 1, in: task)
        let wakeful = try world.map(world.register(WakefulMemory()), pages: 1, in: task)
        for area in [wakeful, sleepy, again] {
            world.start(.read(area), in: task)
            let reason = world.run(until: .stage(task, of: SleepyMemory.self, .woken))
            #expect(reason == (area == wakeful ? .finished : .conditionMet))
            _ = world.run(until: .done(task))
        }
    }

    @Test("a stage of an entry, by type")
    func ofAnEntry() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.start(.write(area), in: task)
        #expect(world.run(until: .stage(task, of: X86FaultEntry.self, .handled)) == .conditionMet)
        #expect(world.machine.backtrace(of: task).last == "faultEntry.handled")
    }

    @Test("a stage of a file system's call, by the call's name; other calls have stages of that name too")
    func ofAFileSystem() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4, resident: .all)
        world.start(.punchHole(file, 0, pages: 1), in: task)
        #expect(world.run(until: .stage(task, "punchHole.unmap")) == .conditionMet)
        #expect(world.machine.backtrace(of: task).last == "punchHole.unmap")
    }

    @Test("a stage that there is not ends the process, with a sentence that names those that there are")
    func unknownStage() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            _ = world.run(until: .stage(task, "munmap.tearDwn"))
        }
        #expect(
            text(result).contains("no munmap.tearDwn; the stages of munmap are lock, removeAreas, downgrade, tearDown"))
    }

    @Test("a routine that there is not ends the process, with a sentence that names those that there are")
    func unknownRoutine() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            _ = world.run(until: .stage(task, "unmap.lock"))
        }
        #expect(text(result).contains("no unmap.lock; the routines are touch, userAccess, faultEntry"))
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
