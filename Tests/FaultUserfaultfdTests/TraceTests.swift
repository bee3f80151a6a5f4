import FaultSimulator
import Testing

/// Traces of missing pages that were worked out from the source and measured on both kernels.
@Suite("Traces of missing pages", .timeLimit(.minutes(60)))
struct TraceTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test("A store, and a second one: only the first page of an area needs the lock", arguments: models)
    func store(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model)
        test.start(.write(test.area))
        let copy = try test.answer(.copy(test.descriptor, test.area, page: 0))
        test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: 2)
        #expect(copy.counters.mmapReadLocks == (isLate ? 0 : 1))
        test.start(.write(test.area, page: 1))
        try test.answer(.copy(test.descriptor, test.area, page: 1))
        test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2)
        test.check()
    }

    @Test("A second wait makes a fault major in Linux 6.12 too", arguments: models)
    func twoWaits(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area))
        try test.answer(.wake(test.descriptor, test.area))
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        test.expect([.retry, .retry, []], major: 1, locks: model == .linux6_12 ? 2 : 3)
        test.check()
    }

    @Test("SIGKILL ends the wait, and memory that is gone can't be filled", arguments: models)
    func killed(_ model: KernelModel) throws {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 8, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)
        let monitor = TaskID(try world.perform(.fork, in: task).value)
        world.start(.read(area), in: task)
        world.run()
        #expect(world.machine.wait(of: task)?.kind == .userfault)
        world.kill(task)
        world.run()
        let report = world.report(of: task)
        #expect(report.isGone)
        #expect(report.attempts.map(\.result) == [.retry])
        #expect(report.minorFaults + report.majorFaults == 0)
        #expect(try world.perform(.copy(descriptor, area, page: 0), in: monitor).errno == .noSuchProcess)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("Without the kernel's faults: SIGBUS inside, EFAULT outside", arguments: models)
    func userModeOnly(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, .userModeOnly)
        let file = try test.world.file(pages: 1, on: .tmpfs, resident: .all)
        test.start(.read(file, into: test.area))
        #expect(test.world.report(of: test.task).errno == .badAddress)
        if model == .linux6_1 {
            test.expect([.sigbus, .sigbus], exceptions: 2, locks: 2)
        } else {
            test.expect([.sigbus], locks: 1)
        }
        #expect(try test.messages.isEmpty)
    }

    @Test("Two who wait for a page, and a third that finds it", arguments: models)
    func three(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model)
        let second = test.world.thread(of: test.task)
        test.start(.read(test.area))
        test.start(.read(test.area), in: second)
        #expect(try test.messages.count == 2)
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        for task in [test.task, second] {
            test.expect([.retry, []], minor: isLate ? 1 : 0, major: isLate ? 0 : 1, locks: isLate ? 1 : 2, of: task)
        }
        #expect(try test.answer(.copy(test.descriptor, test.area, page: 0)).errno == .exists)
        test.start(.read(test.area), in: second)
        test.expect([], exceptions: 0, locks: 0, of: second)
        test.check()
    }

    @Test("An area that is unmapped meanwhile", arguments: models)
    func unmapped(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area))
        try test.answer(.munmap(test.area))
        #expect(test.waits() == .userfault)
        try test.answer(.wake(test.descriptor, test.area))
        #expect(test.world.report(of: test.task).signal == .segv(.notMapped))
        test.expect([.retry], locks: model == .linux6_12 ? 1 : 2)
        test.check()
    }

    @Test("Who waits holds nothing up, and a child's memory is not registered", arguments: models)
    func nothingHeld(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        test.start(.read(test.area))
        let other = try test.world.map(anonymousPages: 2, in: test.monitor)
        #expect(try test.answer(.mprotect(other, .read)).errno == nil)
        let child = TaskID(try test.answer(.fork).value)
        test.start(.read(test.area), in: child)
        test.expect([[]], minor: 1, locks: model == .linux6_12 ? 0 : 1, of: child)
        #expect(test.waits() == .userfault)
        test.check()
    }

    @Test("A lookup that may not wait comes back at once, with the lock, and tells nobody", arguments: models)
    func noWait(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let report = try test.world.perform(.getUserPages(test.area, [.noWait, .unlockable], pages: 1), in: test.task)
        #expect(report.outcome.value == 0 && !report.outcome.lockWasLost)
        #expect(report.attempts.map(\.result) == [.retry])
        #expect(report.counters.mmapReadLocks == 1 && test.world.mmapLock(of: test.task).isFree)
        #expect(try test.messages.isEmpty)
        test.check()
    }

    @Test("Populating and locking wait too", arguments: models)
    func populate(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model)
        test.start(.madvise(test.area, .populateRead, pages: 1))
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        test.expect([.retry], exceptions: 0, locks: isLate ? 3 : 2)
        test.start(.mlock(test.area, page: 1, pages: 1))
        #expect(
            try test.messages.last == .fault(Userfault(.missing, test.area[1], isWrite: true)))
        try test.answer(.zeropage(test.descriptor, test.area, page: 1))
        test.expect([.retry, isLate ? [] : .write], exceptions: 0, minor: 1, locks: 2)
        test.check()
    }

    @Test("Another process's reads: process_vm_readv waits, /proc/PID/mem does not", arguments: models)
    func remote(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let other = test.world.task()
        let map = test.area.map
        test.start(.readProcMem(map, test.area.start, pages: 1), in: other)
        #expect(test.world.report(of: other).errno == .inputOutput)
        #expect(test.world.report(of: other).attempts.map(\.result) == [.sigbus])
        #expect(try test.messages.isEmpty)
        test.start(.readRemoteMemory(map, test.area.start, pages: 1), in: other)
        #expect(test.waits(other) == .userfault)
        test.world.send(.user1, to: other)
        test.world.run()
        #expect(test.waits(other) == .userfault)
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        #expect(test.world.report(of: other).errno == nil)
        #expect(test.world.report(of: other).attempts.map(\.result) == [.retry])
        test.check()
    }

    @Test("What was thrown away is asked for anew, what was swapped out is not", arguments: models)
    func away(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        try test.world.addSwap(pages: 16, held: false, isSynchronous: true)
        try test.answer(.copy(test.descriptor, test.area, page: 0, pages: 2))
        test.start(.read(test.area, pages: 2))
        test.expect([], exceptions: 0, locks: 0)
        try test.answer(.madvise(test.area, .dontNeed, pages: 1))
        test.start(.read(test.area))
        #expect(test.waits() == .userfault)
        try test.answer(.copy(test.descriptor, test.area, page: 0))
        try test.answer(.madvise(test.area, .pageOut, page: 1, pages: 1))
        test.world.evictSwapCache()
        #expect(!test.entry(1).isPresent)
        test.start(.read(test.area, page: 1))
        #expect(test.world.report(of: test.task).isDone)
        #expect(test.world.report(of: test.task).counters.userfaults == 0)
        test.check()
    }

    @Test("A copy that stops at a page wakes who waits before it, and nobody behind", arguments: models)
    func partial(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let second = test.world.thread(of: test.task)
        test.start(.read(test.area, page: 0))
        test.start(.read(test.area, page: 1), in: second)
        try test.answer(.copy(test.descriptor, test.area, page: 1, .dontWake))
        let copy = try test.answer(.copy(test.descriptor, test.area, page: 0, pages: 2))
        #expect(copy.errno == .tryAgain)
        #expect(copy.outcome.filledPages == 1)
        #expect(test.world.report(of: test.task).isDone)
        #expect(test.waits(second) == .userfault)
        test.check()
    }

    @Test("A system call that needs three pages, and one whose wait is killed", arguments: models)
    func copyIn(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let file = try test.world.file(pages: 3, on: .tmpfs, resident: .all)
        test.start(.read(file, pages: 3, into: test.area))
        for page in 0..<3 { try test.answer(.copy(test.descriptor, test.area, page: page)) }
        test.expect([.retry, [], .retry, [], .retry, []], exceptions: 3, major: 3, locks: 6)
        #expect(test.world.report(of: test.task).value == 3)
        test.check()
    }

    @Test("A source that is not there yet is faulted in", arguments: models)
    func source(_ model: KernelModel) throws {
        let isLate = model == .linux6_12
        var test = try MonitorWorld(model)
        let file = try test.world.file(pages: 32)
        let source = try test.world.map(file, in: test.monitor)
        test.start(.read(test.area))
        let copy = UserfaultCall.copy(test.area.start, pages: 1, from: source[0], [])
        try test.answer(.userfault(test.descriptor, copy))
        test.expect(
            [.major.union(.retry), .noPage], exceptions: isLate ? 2 : 3, major: 1, locks: isLate ? 3 : 4,
            of: test.monitor)
        #expect(test.world.report(of: test.task).isDone)
        #expect(
            test.world.machine.stamp(of: test.entry(0).frame)
                == test.world.machine.stamp(of: test.entry(0, of: source).frame))
        test.check()
    }
}
