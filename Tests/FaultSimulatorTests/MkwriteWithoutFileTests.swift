import FaultSimulator
import Testing

/// Memory without a file that is told when a page is first written to.
private struct NotedMemory: VMOperations {
    struct AreaState: Equatable, PluginState {
        var writes = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("writes", writes) }
    }

    var name: StaticName { StaticName("noted memory") }
    var provides: VMOperationSet { .pageMkwrite }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom) }

    func pageMkwrite(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        var state = machine.areaState(of: fault, as: Self.self)
        state.writes += 1
        machine.setAreaState(state, of: fault, as: Self.self)
        return .done([])
    }
}

@Suite("page_mkwrite of memory without a file", .timeLimit(.minutes(60)))
struct MkwriteWithoutFileTests {
    @Test("the handler is told of the first write, whether the page is there or not; the write succeeds")
    func firstWrite() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(NotedMemory()), pages: 2, in: task)
        func writes() -> Int? {
            world.machine.areaState(at: area[0], in: area.map, as: NotedMemory.self)?.writes
        }
        #expect(try world.perform(.write(area), in: task).signal == nil)
        #expect(writes() == 1)
        try world.perform(.read(area, page: 1), in: task)
        #expect(writes() == 1)
        try world.perform(.write(area, page: 1), in: task)
        #expect(writes() == 2)
        try world.perform(.write(area, pages: 2), in: task)
        #expect(writes() == 2)
        #expect(world.machine.verify(after: StopReason(.finished)).violations.isEmpty)
    }

    @Test(
        "a store to a page without a mapping is not throttled, so it keeps the fault lock and does not complete",
        arguments: [KernelModel.linux5_10, .linux6_1, .linux6_12])
    func isNotThrottled(_ kernel: KernelModel) throws {
        var world = try World(kernel)
        let task = world.task()
        let area = try world.map(world.register(NotedMemory()), pages: 2, in: task)
        let missing = try world.perform(.write(area), in: task)
        #expect(missing.attempts.last?.result == [] && missing.attempts.last?.lockHeldAfter == true)
        try world.perform(.read(area, page: 1), in: task)
        let protected = try world.perform(.write(area, page: 1), in: task)
        #expect(protected.attempts.last.map { $0.result.subtracting(.write) } == [])
        #expect(protected.attempts.last?.lockHeldAfter == true)
    }
}
