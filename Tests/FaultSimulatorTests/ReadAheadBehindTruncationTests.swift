import FaultSimulator
import Testing

@Suite("Readahead behind a truncation", .timeLimit(.minutes(60)))
struct ReadAheadBehindTruncationTests {
    @Test("MADV_WILLNEED reads what the file had when it was called, whatever a truncation has cut off since")
    func willNeed() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64)
        let other = world.task()
        let reader = world.task()
        let area = try world.map(file, .read, in: reader)
        let same = try world.map(file, .read, in: other)
        world.machine.hold(world.disk)
        // The reader waits with the invalidate lock, the truncation for it, and the advice behind the truncation.
        world.start(.read(area, page: 0), in: reader)
        _ = world.run()
        let truncating = other
        world.start(.truncate(file, pages: 40), in: truncating)
        _ = world.run()
        let advising = world.thread(of: other)
        world.start(.madvise(same, .willNeed), in: advising)
        _ = world.run()
        #expect(world.machine.isBusy(truncating) && world.machine.isBusy(advising))

        // The reader must not come back for the lock, which it might have before the truncation.
        world.machine.send(.kill, to: reader)
        _ = world.run()
        world.machine.release(world.disk)
        _ = world.run()
        #expect(world.machine.pages(of: file) == 40)
        #expect(world.machine.residentRuns(of: file).last?.upperBound == 63)
        #expect(world.machine.checkInvariants().isEmpty)
    }
}
