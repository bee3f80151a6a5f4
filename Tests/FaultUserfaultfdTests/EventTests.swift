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
        "fork(2) that makes room on its way goes on as it began: a child that is told of stays protected",
        arguments: [true, false])
    func forkMakesRoom(isTold: Bool) throws {
        var settings = MachineSettings()
        settings.frameLimit = 32
        var world = try World(.linux6_12, disk: .latency(nanoseconds: 1000), settings: settings)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        // The copy of a pinned page needs memory in the middle of the area.
        _ = try world.pin(area, page: 1, pages: 1, in: task)
        let descriptor = try world.userfaultfd(in: task, features: isTold ? .eventFork : [])
        try world.register(area, with: descriptor, for: .writeProtect, by: task)
        try world.perform(.writeProtect(descriptor, area), in: task)
        let file = try world.file(pages: 64)
        for page in 0..<64 where world.machine.framesInUse < 32 { try world.perform(.read(file, page: page), in: task) }
        let scanned = world.machine.events.pgscan
        world.start(.fork, in: task)
        world.run()
        let monitor = world.thread(of: task)
        if isTold { #expect(try world.messages(of: descriptor, by: monitor).count == 1) }
        world.run()
        #expect(world.machine.events.pgscan > scanned, "memory was short")
        let report = world.report(of: task)
        #expect(report.isDone && report.errno == nil)
        let child = world.machine.map(of: TaskID(Int(report.value)))
        let bits = (0..<4).map { world.machine.entry(of: area[$0], in: child).bits }
        #expect(bits.allSatisfy { $0.contains(.userfaultProtected) == isTold })
        #expect(world.machine.checkInvariants().isEmpty && world.machine.violations.isEmpty)
    }

    @Test(
        "Protection does not move with memory whose descriptor is not told: not of pages, of swap entries, or of markers"
    )
    func protectionStays() throws {
        let target = PageNumber(0x8000)
        for isShared in [false, true] {
            var test =
                isShared
                ? try MonitorWorld(.linux6_12, file: 4, resident: .none, for: .writeProtect)
                : try MonitorWorld(.linux6_12, pages: 4, for: .writeProtect, touching: 0..<2)
            try test.world.addSwap(pages: 16, held: false)
            if isShared { try test.world.perform(.write(test.area), in: test.task) }
            try test.answer(.writeProtect(test.descriptor, test.area))
            if !isShared { try test.world.perform(.madvise(test.area, .pageOut, page: 1, pages: 1), in: test.task) }
            let before = (0..<4).map { test.entry($0).bits.contains(.userfaultProtected) }
            #expect(before == (isShared ? [true, true, true, true] : [true, true, false, false]))
            let moved = try test.world.perform(
                .mremap(test.area.start, pages: 4, newPages: 4, .fixed(target)), in: test.task)
            #expect(moved.value == Int(target.rawValue))
            let entries = (0..<4).map { test.world.machine.entry(of: target + $0, in: test.area.map) }
            #expect(entries.allSatisfy { !$0.bits.contains(.userfaultProtected) && !$0.isMarker })
            #expect(entries.map(\.isNone) == (isShared ? [false, true, true, true] : [false, false, true, true]))
            let stores = try test.world.perform(.touch(.write, target, pages: 4, stride: 1), in: test.task)
            #expect(stores.isDone && stores.errno == nil)
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
