import FaultSimulator
import Testing

@Suite("Pages of tmpfs", .timeLimit(.minutes(60)))
struct MinorTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test("A page that the cache has is mapped by CONTINUE, alone", arguments: models)
    func minor(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .minor)
        test.start(.read(test.area))
        #expect(try test.messages == [.fault(Userfault(.minor, test.area.start, isWrite: false))])
        let call = try test.answer(.continue(test.descriptor, test.area, page: 0))
        #expect(call.counters.mmapReadLocks == (isLate ? 0 : 1))
        test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2)
        #expect(test.world.rss(of: test.task).shmem == 1)
        #expect(test.world.presentPages(of: test.area) == [0])
        test.start(.write(test.area))
        test.expect([], exceptions: 0, locks: 0)
        test.start(.read(test.area, page: 1))
        #expect(test.waits() == .userfault)
        test.check()
    }

    @Test("Registered for missing pages alone, cached pages are mapped as ever", arguments: models)
    func missingOnly(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .missing)
        test.start(.read(test.area))
        test.expect([.noPage], minor: 1, locks: model == .linux6_12 ? 0 : 1)
        #expect(test.world.presentPages(of: test.area) == [0, 1, 2, 3])
        test.check()
    }

    @Test("A hole is missing, and what fills it is in the file", arguments: models)
    func hole(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .none, for: .missing)
        test.start(.write(test.area, page: 2))
        #expect(try test.messages == [.fault(Userfault(.missing, test.area[2], isWrite: true))])
        try test.answer(.copy(test.descriptor, test.area, page: 2))
        #expect(test.world.report(of: test.task).attempts.map(\.result) == [.retry, []])
        #expect(test.world.residentPages(of: FileID(0)) == [2] || test.world.residentPages(of: FileID(1)) == [2])
        test.check()
    }

    @Test("CONTINUE where there is nothing, past the end, and where there is a page")
    func errors() throws {
        var test = try MonitorWorld(.linux6_12, file: 4, resident: .pages([0...1]), for: [.minor, .missing])
        #expect(try test.answer(.continue(test.descriptor, test.area, page: 2)).errno == .badAddress)
        #expect(try test.answer(.continue(test.descriptor, test.area, page: 0, pages: 3)).outcome.filledPages == 2)
        #expect(try test.answer(.continue(test.descriptor, test.area, page: 0)).errno == .exists)
        test.check()
    }
}
