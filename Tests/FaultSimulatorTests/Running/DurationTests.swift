import FaultSimulator
import Testing

/// Times as a test writes them.
@Suite("Durations", .timeLimit(.minutes(60)))
struct DurationTests {
    @Test("a duration is the same as its nanoseconds")
    func equal() throws {
        #expect(TaskOperation.sleep(.milliseconds(3)) == .sleep(nanoseconds: 3_000_000))
        #expect(TaskOperation.compute(.seconds(2)) == .compute(nanoseconds: 2_000_000_000))
        #expect(World.DiskSpeed.latency(.microseconds(7)) == .latency(nanoseconds: 7_000))
        var world = try World(.linux6_1, disk: .latency(.microseconds(7)))
        let task = world.task()
        let area = try world.map(try world.file(pages: 4), in: task)
        try world.perform(.read(area), in: task)
        try world.perform(.sleep(.seconds(3)), in: task)
        #expect(world.elapsed == .seconds(3) + .microseconds(7))
    }

    @Test("costs that are given as durations are those in nanoseconds, and the others are zero")
    func costs() {
        var costs = CostModel()
        #expect(costs == CostModel(exception: .zero))
        costs.exceptionNanoseconds = 1
        #expect(costs == CostModel(exception: .nanoseconds(1)))
        costs.faultStageNanoseconds = 2_000
        #expect(costs == CostModel(exception: .nanoseconds(1), faultStage: .microseconds(2)))
        costs = CostModel()
        costs.pageCopyNanoseconds = 3
        #expect(costs == CostModel(pageCopy: .nanoseconds(3)))
        costs.systemCallStageNanoseconds = 4
        costs.touchNanoseconds = 5
        let all = CostModel(
            pageCopy: .nanoseconds(3), systemCallStage: .nanoseconds(4), touch: .nanoseconds(5))
        #expect(costs == all)
    }

    @Test("a negative duration ends the process, with a sentence")
    func negative() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = TaskOperation.sleep(.seconds(-1))
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("is negative; virtual time only increases"))
    }
}
