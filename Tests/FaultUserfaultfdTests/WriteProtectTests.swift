import FaultSimulator
import Testing

@Suite("Write protection", .timeLimit(.minutes(60)))
struct WriteProtectTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test("A store waits until the protection is lifted", arguments: models)
    func store(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<1)
        let protect = try test.answer(.writeProtect(test.descriptor, test.area))
        #expect(protect.counters.mmapReadLocks == 1)
        #expect(test.protected == [0])
        test.start(.read(test.area))
        test.expect([], exceptions: 0, locks: 0)
        test.start(.write(test.area))
        #expect(try test.messages == [.fault(Userfault(.writeProtect, test.area.start, isWrite: true))])
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        test.expect(
            [.retry, isLate ? [] : .write], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2)
        #expect(test.protected.isEmpty)
        test.start(.write(test.area, page: 1))
        #expect(test.world.report(of: test.task).isDone)
        test.check()
    }

    @Test("The zero page is copied behind the wait", arguments: models)
    func zero(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, for: .writeProtect)
        test.start(.read(test.area))
        try test.answer(.writeProtect(test.descriptor, test.area))
        test.start(.write(test.area))
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        #expect(test.world.report(of: test.task).attempts.map(\.result) == [.retry, isLate ? [] : .write])
        #expect(test.world.rss(of: test.task).anonymous == 1)
        test.check()
    }

    @Test("An entry of a file that is not there yet becomes a marker", arguments: models)
    func marker(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, file: 4, resident: .none, for: .writeProtect)
        let other = try test.world.map(FileID(0), .readWrite, .shared, in: test.monitor)
        try test.world.perform(.write(other), in: test.monitor)
        try test.answer(.writeProtect(test.descriptor, test.area, pages: 1))
        #expect(test.entry(0).isMarker)
        #expect(test.protected == [0])
        test.start(.write(test.area))
        #expect(test.waits() == .userfault)
        #expect(test.world.presentPages(of: test.area) == [0])
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        test.expect(
            [.locked, .retry, []], exceptions: 2, minor: isLate ? 2 : 1, major: isLate ? 0 : 1, locks: isLate ? 1 : 3)
        test.check()
    }

    @Test("The bit goes to swap and back", arguments: models)
    func swap(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<1)
        try test.world.addSwap(pages: 16, held: false, isSynchronous: true)
        try test.answer(.writeProtect(test.descriptor, test.area))
        try test.answer(.madvise(test.area, .pageOut))
        test.world.evictSwapCache()
        #expect(!test.entry(0).isPresent)
        #expect(test.protected == [0])
        test.start(.write(test.area))
        #expect(test.waits() == .userfault)
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        if isLate {
            test.expect([.major.union(.retry), []], major: 1, locks: 1)
        } else {
            test.expect([.major.union(.write), .retry, .write], exceptions: 2, major: 2, locks: 3)
        }
        test.check()
    }

    @Test("Without waiting: the store lifts the protection itself")
    func async() throws {
        var test = try MonitorWorld(.linux6_12, for: .writeProtect, features: .wpAsync, touching: 0..<1)
        try test.answer(.writeProtect(test.descriptor, test.area))
        test.start(.write(test.area))
        test.expect([[]], minor: 1, locks: 0)
        #expect(try test.messages.isEmpty)
        #expect(!test.protected.contains(0))
        #expect(test.protected.count == 7)
        test.check()
        var early = try World(.linux6_1)
        let task = early.task()
        #expect(throws: WorldError.refused(.invalid)) { try early.userfaultfd(in: task, features: .wpAsync) }
    }

    @Test("A child's pages are not protected, if the descriptor is not told of it", arguments: models)
    func fork(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<1)
        try test.answer(.writeProtect(test.descriptor, test.area))
        let child = TaskID(try test.answer(.fork).value)
        test.start(.write(test.area), in: child)
        #expect(test.world.report(of: child).attempts.map(\.result) == [isLate ? [] : .write])
        #expect(test.protected == [0])
        test.start(.write(test.area))
        #expect(test.waits() == .userfault)
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        #expect(test.world.report(of: test.task).isDone)
        test.check()
    }

    @Test("Lifting the protection of a page that a child shares leaves it read-only: a store copies", arguments: models)
    func liftShared(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<1)
        let child = try test.world.fork(test.monitor)
        let frame = test.entry(0).frame
        let stamp = test.world.machine.stamp(of: frame)
        try test.answer(.writeProtect(test.descriptor, test.area))
        try test.answer(.writeProtect(test.descriptor, test.area, protects: false))
        #expect(test.protected.isEmpty && !test.entry(0).isWritable)
        test.start(.write(test.area))
        #expect(test.entry(0).frame != frame && test.entry(0).isWritable)
        #expect(try test.world.perform(.read(test.area), in: child).outcome.stamp == stamp)
        test.check()
    }

    @Test("Lifting the protection of shared memory that may only be read leaves it read-only", arguments: models)
    func liftReadOnly(_ model: KernelModel) throws {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(try world.file(pages: 1, on: .tmpfs), .read, .shared, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .writeProtect, by: task)
        try world.perform(.read(area), in: task)
        for protects in [true, false] {
            #expect(try world.perform(.writeProtect(descriptor, area, protects: protects), in: task).errno == nil)
            let entry = world.machine.entry(of: area[0], in: area.map)
            #expect(entry.isPresent && !entry.isWritable && entry.bits.contains(.userfaultProtected) == protects)
        }
        #expect(try world.perform(.write(area), in: task).signal == .segv(.accessDenied))
    }

    @Test("Closing takes the bits away, and unregistering too", arguments: [true, false])
    func ends(closes: Bool) throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<2)
            try test.answer(.writeProtect(test.descriptor, test.area))
            #expect(test.protected == [0, 1])
            let call: UserfaultCall = closes ? .close : .unregister(test.area.start, pages: 8)
            try test.answer(.userfault(test.descriptor, call))
            #expect(test.protected.isEmpty)
            test.start(.write(test.area))
            #expect(test.world.report(of: test.task).isDone)
            test.check()
        }
    }

    @Test("mincore(2) looks into the page cache where a marker stands", arguments: models)
    func mincore(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .pages([0...1]), for: .writeProtect)
        try test.answer(.writeProtect(test.descriptor, test.area))
        #expect(try test.answer(.mincore(test.area)).value == 2)
        #expect(try test.answer(.mincore(test.area, page: 2, pages: 2)).value == 0)
        test.check()
    }

    @Test("swapoff(2) leaves a page protected", arguments: models)
    func swapOff(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<2)
        try test.world.addSwap(pages: 64, held: false)
        try test.answer(.writeProtect(test.descriptor, test.area, pages: 1))
        try test.world.perform(.madvise(test.area, .pageOut), in: test.task)
        #expect(!test.entry(0).isPresent)
        try test.world.perform(.swapOff(0), in: test.task)
        #expect(test.entry(0).isPresent && test.entry(1).isPresent)
        #expect(test.protected == [0])
        test.start(.write(test.area))
        #expect(test.waits() == .userfault)
        test.check()
    }
}
