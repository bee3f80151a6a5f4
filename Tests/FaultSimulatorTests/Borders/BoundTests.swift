import FaultSimulator
import Testing

/// A handler that has the core handle the fault that it is to handle.
private struct CallsBack: VMOperations {
    enum Stage: UInt8, RoutineStage { case begin, handled }

    var name: StaticName { StaticName("calls back") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .begin: .call(machine.handleMMFault(), then: .handled)
        case .handled: .done(.sigbus)
        }
    }
}

/// A handler that goes on and on, and is never twice in one state.
private struct NeverSleeps: VMOperations {
    enum Stage: UInt8, RoutineStage { case count }

    struct Frame: HandlerFrame {
        var times = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("times", times) }
    }

    var name: StaticName { StaticName("never sleeps") }

    func fault(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        frame.times += 1
        return .next(.count)
    }
}

@Suite("What would never end is bounded", .timeLimit(.minutes(60)))
struct BoundTests {
    private func endless() throws -> World {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(NeverSleeps()), pages: 1, in: task)
        world.start(.read(area), in: task)
        return world
    }

    @Test("a handler that calls back without end ends the process, and the sentence names the stages")
    func recursion() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            let area = try world.map(world.register(CallsBack()), pages: 1, in: task)
            world.start(.read(area), in: task)
            world.run()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Machine.run: task 0 has 128 routines under way, as many as a task may have"))
        #expect(text.contains("handlerFault.handled"))
    }

    @Test("a run that reaches its limit says which task is at which stage")
    func limit() throws {
        var world = try endless()
        let reason = world.machine.run(limit: 1000)
        #expect(reason == .limitReached)
        #expect(reason.nextTask == TaskID(0) && reason.nextStage?.stage == "count")
        #expect(reason.description.hasPrefix("limitReached: task 0 is at \(try #require(reason.nextStage))"))
    }

    @Test(
        "an explorer whose task never sleeps stops, and says which task is at which stage",
        arguments: [Explorer.Order.depthFirst, .breadthFirst])
    func turns(_ order: Explorer.Order) throws {
        var options = Explorer.Options()
        options.order = order
        options.grain = .untilSleep
        options.turnLimit = 500
        let found = try endless().explore(options)
        #expect(!found.isComplete)
        let reason = try #require(found.whyIncomplete)
        #expect(reason.hasPrefix("task 0 did not sleep in the turnLimit of 500 stages; it is at "))
        #expect(reason.hasSuffix(".count"))
    }

    @Test("so does one that chooses stages, at its limit of states")
    func states() throws {
        var options = Explorer.Options()
        options.stateLimit = 300
        let found = try endless().explore(options)
        #expect(!found.isComplete && found.whyIncomplete == "the stateLimit of 300 is reached")
        #expect(found.description.contains("not complete: the stateLimit of 300 is reached"))
    }

    @Test("a turn of as many stages as are allowed is made to its end")
    func exactTurn() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        world.start(.write(area, pages: 2), in: task)
        var options = Explorer.Options()
        options.grain = .untilSleep
        #expect(world.explore(options).isComplete)
    }

    @Test("events that are taken are kept no longer")
    func takenTrace() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        world.machine.isTracing = true
        try world.perform(.mmap(MapRequest(pages: 1, access: .read)), in: task)
        let events = world.machine.trace
        #expect(!events.isEmpty && world.machine.takeTrace().count == events.count)
        #expect(world.machine.trace.isEmpty && world.machine.takeTrace().isEmpty)
    }
}
