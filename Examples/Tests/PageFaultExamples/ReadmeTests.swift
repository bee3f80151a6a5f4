import FaultSimulator
import Testing

@Suite("The test of the README", .timeLimit(.minutes(60)))
struct ReadmeTests {
    @Test func coldReadRetriesOnce() throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 64)
        let task = world.task("reader")
        let area = try world.map(file, named: "buffer", in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree)
        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.report(of: task).attempts.map(\.result) == [[.major, .retry], .noPage])
    }
}
