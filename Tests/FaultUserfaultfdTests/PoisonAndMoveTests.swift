import FaultSimulator
import Testing

@Suite("Poisoned and moved pages", .timeLimit(.minutes(60)))
struct PoisonAndMoveTests {
    @Test("Who waits for a page that is poisoned gets SIGBUS")
    func poison() throws {
        var test = try MonitorWorld(.linux6_12)
        let file = try test.world.file(pages: 1, on: .tmpfs, resident: .all)
        test.start(.read(test.area))
        try test.answer(.userfault(test.descriptor, .poison(test.area.start, pages: 1, [])))
        #expect(test.world.report(of: test.task).signal == .bus(.memoryError))
        test.expect([.retry, .hwpoison], locks: 1)
        #expect(test.world.rss(of: test.monitor) == ResidentPages())
        test.start(.write(file, from: test.area), in: test.monitor)
        #expect(test.world.report(of: test.monitor).errno == .badAddress)
        test.check()
    }

    /// `faultin_page_range()` asks for `FOLL_HWPOISON`, `populate_vma_page_range()` does not.
    @Test(
        "MADV_POPULATE_* says EHWPOISON at a poisoned page, mlock(2) ENOMEM",
        arguments: [KernelModel.linux6_6, .linux6_12], [Advice.populateRead, .populateWrite])
    func populate(_ model: KernelModel, _ advice: Advice) throws {
        var test = try MonitorWorld(model)
        try test.answer(.userfault(test.descriptor, .poison(test.area[2], pages: 1, [])))
        test.start(.madvise(test.area, advice, page: 2, pages: 1))
        #expect(test.world.report(of: test.task).errno == .hardwarePoison)
        test.start(.mlock(test.area[2], pages: 1))
        #expect(test.world.report(of: test.task).errno == .noMemory)
        test.check()
    }

    @Test("Linux 6.1 knows neither")
    func unknown() throws {
        var test = try MonitorWorld(.linux6_1)
        #expect(try test.answer(.userfault(test.descriptor, .poison(test.area.start, pages: 1, []))).errno == .invalid)
        let move = UserfaultCall.move(test.area.start, pages: 1, from: test.area[4], [])
        #expect(try test.answer(.userfault(test.descriptor, move)).errno == .invalid)
    }

    @Test("A page that is moved in is the same page")
    func move() throws {
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 4, in: test.monitor)
        try test.world.perform(.write(source, pages: 2), in: test.monitor)
        let frame = test.entry(0, of: source).frame
        test.start(.read(test.area))
        let call = UserfaultCall.move(test.area.start, pages: 1, from: source.start, [])
        let move = try test.answer(.userfault(test.descriptor, call))
        #expect(move.errno == nil && move.outcome.filledPages == 1)
        test.expect([.retry, []], minor: 1, locks: 1)
        #expect(test.entry(0).frame == frame)
        #expect(test.entry(0, of: source).isNone)
        #expect(test.world.rss(of: test.task).anonymous == 2)
        let hole = UserfaultCall.move(test.area[1], pages: 1, from: source[3], [])
        #expect(try test.answer(.userfault(test.descriptor, hole)).errno == .noEntry)
        test.check()
    }

    @Test("A page that a child shares is not moved")
    func moveShared() throws {
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 4, in: test.monitor)
        try test.world.perform(.write(source), in: test.monitor)
        test.start(.read(test.area))
        try test.answer(.fork)
        let call = UserfaultCall.move(test.area.start, pages: 1, from: source.start, [])
        #expect(try test.answer(.userfault(test.descriptor, call)).errno == .busy)
        #expect(test.waits() == .userfault)
        test.check()
    }

    @Test("The move of a poisoned page is EFAULT: its entry is neither a page nor swapped (move_pages_pte())")
    func movePoisoned() throws {
        for model in [KernelModel.linux6_12, .linux6_19] {
            var test = try MonitorWorld(model)
            try test.answer(.userfault(test.descriptor, .poison(test.area[4], pages: 1, [])))
            let call = UserfaultCall.move(test.area[0], pages: 1, from: test.area[4], [])
            #expect(try test.answer(.userfault(test.descriptor, call)).errno == .badAddress, "\(model.name)")
            #expect(test.entry(0).isNone && !test.entry(4).isNone, "\(model.name)")
            test.check()
        }
    }
}
