import FaultSimulator
import Testing

/// A handler that waits for a program again and again, as userfaultfd does, and gives up in the end.
private struct PatientHandler: VMOperations {
    let declaresIt: Bool

    var name: StaticName { StaticName("patient") }
    var provides: VMOperationSet { declaresIt ? .dropsWhenTried : [] }

    enum Stage: UInt8, RoutineStage { case begin }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        guard machine.counters(of: fault.task).attempts < 4 else { return .done(.sigbus) }
        return .done(machine.dropFaultLock(of: &fault, for: .handler) ? .retry : .sigbus)
    }
}

@Suite("Handlers that wait for programs", .timeLimit(.minutes(60)))
struct HandlerTests {
    @Test("A handler that says so may drop the lock again and again", arguments: [true, false])
    func drops(declaresIt: Bool) throws {
        var world = try World(.linux6_1)
        world.machine.isChecking = true
        let task = world.task()
        let handler = world.register(PatientHandler(declaresIt: declaresIt))
        let area = try world.map(handler, pages: 1, in: task)
        let report = try world.perform(.read(area), in: task)
        let retries = [FaultResult](repeating: .retry, count: declaresIt ? 3 : 1)
        #expect(report.attempts.map(\.result) == retries + [.sigbus])
        #expect(world.machine.violations.isEmpty)
    }
}
