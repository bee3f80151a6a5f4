import FaultSimulator
import Testing

@Suite("Requests under way as part of the state", .timeLimit(.minutes(60)))
struct RequestOrderTests {
    @Test("two reads of different files, submitted the one way or the other, are two states")
    func filesOfRequests() throws {
        func world(isReversed: Bool) throws -> World {
            var world = try World(.linux6_1)
            let files = [try world.file(pages: 1), try world.file(pages: 1)]
            let task = world.task()
            for file in isReversed ? files.reversed() : files {
                world.start(.readAhead(file, 0, pages: 1), in: task)
                world.run()
            }
            world.start(.mincore(PageNumber(0), pages: 0), in: task)
            world.run()
            #expect(world.machine.requestsUnderWay.count == 2)
            return world
        }
        let (one, other) = (try world(isReversed: false), try world(isReversed: true))
        #expect(try one.machine.fingerprint == world(isReversed: false).machine.fingerprint)
        #expect(one.machine.fingerprint != other.machine.fingerprint)
    }
}
