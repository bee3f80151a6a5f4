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

    @Test("a negative duration ends the process, with a sentence")
    func negative() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = TaskOperation.sleep(.seconds(-1))
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("is negative; virtual time only increases"))
    }
}
