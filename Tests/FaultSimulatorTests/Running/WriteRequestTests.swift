import FaultSimulator
import Testing

@Suite("Requests that write pages back", .timeLimit(.minutes(60)))
struct WriteRequestTests {
    @Test("a run of dirty pages is written by requests of at most the largest size, one after the other")
    func pieces() throws {
        var settings = MachineSettings()
        settings.largestRequestPages = 2
        var world = try World(.linux6_1, settings: settings)
        let file = try world.file(pages: 10, resident: .all)
        let task = world.task()
        try world.perform(.write(file, page: 1, pages: 5), in: task)
        try world.perform(.write(file, page: 8, pages: 1), in: task)
        world.start(.fsync(file), in: task)
        world.run()
        let requests = world.machine.requestsUnderWay.filter { $0.kind == .write }
        #expect(requests.map(\.index) == [1, 3, 5, 8])
        #expect(requests.map(\.pages) == [2, 2, 1, 1])
        world.machine.finishHeld(on: world.disk)
        world.run()
        world.machine.finishHeld(on: world.disk)
        #expect(world.run() == .finished && world.report(of: task).errno == nil)
    }
}
