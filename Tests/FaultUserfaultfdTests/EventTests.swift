import FaultSimulator
import Testing

@Suite("Events", .timeLimit(.minutes(60)))
struct EventTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test("Who discards pages waits until that is read, and meanwhile nothing is filled", arguments: models)
    func remove(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, features: .eventRemove, touching: 0..<1)
        test.start(.madvise(test.area, .dontNeed, pages: 1))
        #expect(test.waits() == .userfaultEvent)
        #expect(test.world.mmapLock(of: test.task).isFree)
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == .tryAgain)
        #expect(test.world.presentPages(of: test.area) == [0])
        #expect(try test.messages == [.remove(test.area.start, pages: 1)])
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == nil)
        #expect(test.world.presentPages(of: test.area) == [1])
        #expect(test.world.report(of: test.task).counters.mmapReadLocks == 2)
        test.check()
    }

    @Test("A child's memory gets a descriptor of its own, that the reader has", arguments: models)
    func fork(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, features: .eventFork)
        let parent = test.task
        test.start(.fork)
        #expect(test.waits() == .userfaultEvent)
        let message = try #require(try test.messages.first)
        guard case .fork(let descriptor) = message else {
            Issue.record("\(message)")
            return
        }
        test.world.run()
        let child = TaskID(test.world.report(of: parent).value)
        test.start(.read(test.area), in: child)
        #expect(test.waits(child) == .userfault)
        let messages = try test.world.messages(of: descriptor, by: test.monitor)
        #expect(messages == [.fault(Userfault(.missing, test.area.start, isWrite: false))])
        try test.answer(.copy(descriptor, test.area, page: 0))
        let isLate = model == .linux6_12
        test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2, of: child)
        test.check()
    }

    @Test("A fork whose event nobody reads ends by SIGKILL", arguments: models)
    func forkKilled(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, features: .eventFork)
        test.start(.fork)
        #expect(test.waits() == .userfaultEvent)
        test.world.kill(test.task)
        test.world.run()
        #expect(test.world.report(of: test.task).isGone)
        test.check()
    }

    @Test("Memory that moves stays registered if the descriptor is told, and else not", arguments: [true, false])
    func remap(isTold: Bool) throws {
        for model in Self.models {
            var test = try MonitorWorld(model, features: isTold ? .eventRemap : [])
            let target = PageNumber(0x8000)
            test.start(.mremap(test.area.start, pages: 8, newPages: 8, .fixed(target)))
            if isTold {
                #expect(test.waits() == .userfaultEvent)
                #expect(try test.messages == [.remap(from: test.area.start, to: target, pages: 8)])
                test.world.run()
            }
            #expect(test.world.report(of: test.task).value == Int(target.rawValue))
            test.start(.touch(.read, target, pages: 1, stride: 1))
            #expect(test.waits() == (isTold ? .userfault : nil))
            test.check()
        }
    }

    @Test(
        "A move that cuts off tells of as many pages as it was given, and then of what was cut off", arguments: models)
    func remapShrinks(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, features: [.eventRemap, .eventUnmap])
        let target = PageNumber(0x8000)
        test.start(.mremap(test.area.start, pages: 8, newPages: 5, .fixed(target)))
        var messages: [UserfaultMessage] = []
        while test.waits() == .userfaultEvent {
            messages += try test.messages
            test.world.run()
        }
        #expect(
            messages == [
                .remap(from: test.area.start, to: target, pages: 8), .unmap(test.area[5], pages: 3),
                .unmap(test.area.start, pages: 5),
            ])
        test.check()
    }

    @Test("Unmapped memory is told of afterwards", arguments: models)
    func unmap(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, features: .eventUnmap)
        test.start(.munmap(test.area, page: 2, pages: 3))
        #expect(test.waits() == .userfaultEvent)
        #expect(test.world.machine.areas(of: test.area.map).count == 2)
        #expect(try test.messages == [.unmap(test.area[2], pages: 3)])
        test.world.run()
        #expect(test.world.report(of: test.task).isDone)
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 3)).errno == .noEntry)
        test.check()
    }

    @Test(
        "Closing the descriptor lets who tells it something go on; a child that has it too keeps it open",
        arguments: models)
    func closed(_ model: KernelModel) throws {
        for isFork in [true, false] {
            var test = try MonitorWorld(model, features: [.eventFork, .eventUnmap])
            test.start(isFork ? .fork : .munmap(test.area, pages: 1))
            #expect(test.waits() == .userfaultEvent)
            try test.answer(.userfault(test.descriptor, .close))
            #expect(test.world.report(of: test.task).isDone == !isFork)
            test.check()
        }
    }
}
