import FaultSimulator
import Testing

@Suite("Missing pages", .timeLimit(.minutes(60)))
struct MissingTests {
    @Test("A read waits until the page is copied in", arguments: [KernelModel.linux6_1, .linux6_12])
    func copy(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area, page: 3))
        #expect(test.waits() == .userfault)
        #expect(test.world.mmapLock(of: test.task).isFree)
        #expect(test.world.machine.userfaultQueue(of: test.descriptor) == UserfaultQueueLength(pending: 1, total: 1))
        #expect(
            try test.messages == [.fault(Userfault(.missing, test.area[3], isWrite: false))])
        #expect(test.world.machine.userfaultQueue(of: test.descriptor) == UserfaultQueueLength(pending: 0, total: 1))
        let copy = try test.answer(.copy(test.descriptor, test.area, page: 3))
        #expect(copy.errno == nil)
        #expect(copy.outcome.filledPages == 1)
        let report = test.world.report(of: test.task)
        #expect(report.isDone)
        #expect(report.attempts.map(\.result) == [.retry, []])
        let isLate = model == .linux6_12
        #expect(report.majorFaults == (isLate ? 0 : 1))
        #expect(report.minorFaults == (isLate ? 1 : 0))
        #expect(report.counters.userfaults == 1)
        #expect(report.counters.mmapReadLocks == (isLate ? 1 : 2))
        #expect(copy.counters.mmapReadLocks == 1)
        test.check()
    }

    @Test("A page that is woken without being there is asked for again", arguments: [KernelModel.linux6_1, .linux6_12])
    func wakeAlone(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area, page: 3))
        for _ in 0..<2 {
            try test.answer(.wake(test.descriptor, test.area))
            #expect(test.waits() == .userfault)
            #expect(try test.messages.count == 1)
        }
        try test.answer(.zeropage(test.descriptor, test.area, page: 3))
        let report = test.world.report(of: test.task)
        #expect(report.attempts.map(\.result) == [.retry, .retry, .retry, []])
        #expect(report.majorFaults == 1)
        test.check()
    }

    @Test("A store answered by the zero page copies it at once", arguments: [KernelModel.linux6_1, .linux6_12])
    func zeroPage(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.write(test.area, page: 0))
        #expect(try test.messages == [.fault(Userfault(.missing, test.area[0], isWrite: true))])
        try test.answer(.zeropage(test.descriptor, test.area, page: 0))
        let report = test.world.report(of: test.task)
        #expect(report.attempts.map(\.result) == [.retry, model == .linux6_1 ? .write : []])
        #expect(test.world.rss(of: test.task).anonymous == 1)
        test.check()
    }

    @Test("What is there already is not filled, and nobody is woken")
    func exists() throws {
        var test = try MonitorWorld(.linux6_1)
        test.start(.read(test.area, page: 1))
        try test.answer(.copy(test.descriptor, test.area, page: 1, .dontWake))
        #expect(test.waits() == .userfault)
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == .exists)
        #expect(test.waits() == .userfault)
        try test.answer(.wake(test.descriptor, test.area, page: 1, pages: 1))
        #expect(test.world.report(of: test.task).isDone)
        let partial = try test.answer(.copy(test.descriptor, test.area, page: 0, pages: 3))
        #expect(partial.errno == .tryAgain)
        #expect(partial.outcome.filledPages == 1)
        test.check()
    }

    @Test("A handled signal makes a program fault anew, and an access of the kernel go in circles")
    func signals() throws {
        var test = try MonitorWorld(.linux6_1)
        let file = try test.world.file(pages: 1, on: .tmpfs, resident: .all)
        test.start(.read(test.area, page: 0))
        test.world.send(.user1, to: test.task)
        test.world.run()
        #expect(test.waits() == .userfault)
        #expect(test.world.report(of: test.task).counters.exceptions == 2)
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        test.start(.read(file, into: test.area, at: 1))
        test.world.send(.user1, to: test.task)
        test.world.run()
        #expect(test.waits() == .spin)
        #expect(test.world.machine.userfaultQueue(of: test.descriptor).pending == 1)
        try test.answer(.copy(test.descriptor, test.area, page: 1))
        #expect(test.world.report(of: test.task).value == 1)
        #expect(test.world.report(of: test.task).counters.handledSignals == 1)
        test.check()
    }

    @Test("An access that goes in circles tries again whenever another task has done something")
    func circles() throws {
        var test = try MonitorWorld(.linux6_1)
        let file = try test.world.file(pages: 1, on: .tmpfs, resident: .all)
        test.start(.read(file, into: test.area, at: 1))
        test.world.send(.user1, to: test.task)
        test.world.run()
        #expect(test.waits() == .spin)
        let other = test.world.task()
        var attempts = test.world.report(of: test.task).counters.attempts
        for operation in [TaskOperation.sleep(.microseconds(1)), .mmap(MapRequest(pages: 1, access: .read))] {
            test.world.start(operation, in: other)
            test.world.run()
            #expect(test.waits() == .spin)
            let now = test.world.report(of: test.task).counters.attempts
            #expect(now > attempts, "\(operation)")
            attempts = now
        }
        // Nobody does anything, so nothing changes.
        #expect(test.world.run() == .blocked && test.world.report(of: test.task).counters.attempts == attempts)
        try test.answer(.copy(test.descriptor, test.area, page: 1))
        #expect(test.world.report(of: test.task).value == 1)
        test.check()
    }

    @Test("Closing and unregistering let who waits find an ordinary page", arguments: [true, false])
    func ends(closes: Bool) throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var test = try MonitorWorld(model)
            test.start(.read(test.area, page: 0))
            let call: UserfaultCall = closes ? .close : .unregister(test.area.start, pages: 8)
            #expect(try test.answer(.userfault(test.descriptor, call)).errno == nil)
            #expect(test.world.report(of: test.task).attempts.map(\.result) == [.retry, []])
            #expect(test.world.presentPages(of: test.area) == [0])
            test.check()
        }
    }

    @Test("A descriptor for programs alone, and one for SIGBUS")
    func refusals() throws {
        var sigbus = try MonitorWorld(.linux6_12, features: .sigbus)
        sigbus.start(.read(sigbus.area, page: 0))
        #expect(sigbus.world.report(of: sigbus.task).signal == .bus(.noSuchAddress))
        sigbus.check()
        var user = try MonitorWorld(.linux6_12, .userModeOnly)
        let file = try user.world.file(pages: 1, on: .tmpfs, resident: .all)
        user.start(.read(file, into: user.area))
        #expect(user.world.report(of: user.task).errno == .badAddress)
        user.check()
    }

    @Test(
        "A copy that wakes nobody leaves who waits asleep; only a waking by itself ends that",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func dontWake(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area))
        try test.answer(.copy(test.descriptor, test.area, page: 0, .dontWake))
        #expect(test.waits() == .userfault && test.world.presentPages(of: test.area) == [0])
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 0)).errno == .exists)
        #expect(test.waits() == .userfault)
        let other = test.world.thread(of: test.task)
        test.start(.read(test.area), in: other)
        test.expect([], exceptions: 0, locks: 0, of: other)
        try test.answer(.wake(test.descriptor, test.area))
        let isLate = model == .linux6_12
        test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2)
        test.check()
    }

    @Test("A page that comes unasked costs no fault", arguments: [KernelModel.linux6_1, .linux6_12])
    func unasked(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        try test.answer(.copy(test.descriptor, test.area, page: 1))
        test.start(.read(test.area, page: 1))
        test.expect([], exceptions: 0, locks: 0)
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 1)).errno == .exists)
        test.check()
    }

    @Test(
        "write(2) of a missing page waits with the file's lock: a truncation waits for the monitor",
        arguments: [KernelModel.linux6_1, .linux6_12])
    func fileLock(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let file = try test.world.file(pages: 1, resident: .all)
        test.start(.write(file, from: test.area))
        #expect(test.waits() == .userfault)
        let other = test.world.task()
        test.start(.truncate(file, pages: 0), in: other)
        let cause = test.world.machine.waitLinks.first { $0.task == other }?.cause
        #expect(cause == .lock(.inode(file), .write))
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        #expect(test.world.report(of: test.task).isDone && test.world.report(of: other).isDone)
        test.check()
    }
}
