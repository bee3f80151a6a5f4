import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Faults of a program on x86", .timeLimit(.minutes(60)))
struct UserFaultTests {
    @Test("a first write takes the mmap lock once for reading and counts one minor fault")
    func firstWrite() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let report = process.run(.write(PageNumber(0x104)))
        #expect(report.signal == nil)
        #expect(report.minorFaults == 1)
        #expect(report.counters.exceptions == 1)
        #expect(report.counters.attempts == 1)
        #expect(report.counters.mmapReadLocks == 1)
        #expect(report.counters.mmapWriteLocks == 0)
        #expect(report.attempts.map(\.flags) == [FaultFlags.default.union([.user, .write])])
        #expect(process.entry(0x104).isWritable)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
        #expect(process.machine.violations.isEmpty)
    }

    @Test("an access where there is no area is SIGSEGV/MAPERR after one look, and no attempt")
    func noArea() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        for page in [0x110, 0xFF] as [UInt64] {
            let report = process.run(.read(PageNumber(page)))
            #expect(report.signal == .segv(.notMapped))
            #expect(report.counters.exceptions == 1)
            #expect(report.counters.attempts == 0)
            #expect(report.counters.mmapReadLocks == 1)
            #expect(report.counters.mmapWriteLocks == 0)
            #expect(process.machine.heldLocks(of: process.task).isEmpty)
        }
    }

    @Test("a kernel address is SIGSEGV/MAPERR without any lock, but the vsyscall page is looked up")
    func kernelAddress() {
        var process = BareMachine()
        let kernel = process.run(.read(PageNumber(0x7_FFFF_FFFF)))
        #expect(kernel.signal == .segv(.notMapped))
        #expect(kernel.counters.mmapReadLocks == 0)
        process = BareMachine(X86FaultEntry(vsyscall: .none))
        let vsyscall = process.run(.execute(X86FaultEntry.vsyscallPage))
        #expect(vsyscall.signal == .segv(.notMapped))
        #expect(vsyscall.counters.mmapReadLocks == 1)
    }

    @Test("five-level paging reaches user memory above 2^47")
    func fiveLevels() {
        var process = BareMachine(X86FaultEntry(paging: .fiveLevel))
        process.area(at: 0xFFF_0000_0000, pages: 1)
        #expect(process.run(.write(PageNumber(0xFFF_0000_0000))).minorFaults == 1)
    }

    struct Refused: CustomTestStringConvertible {
        let access: FaultException.Access
        let flags: VMAFlags
        var testDescription: String { "\(access) of area flags \(flags.rawValue)" }
    }

    @Test(
        "an access that the area does not allow is SIGSEGV/ACCERR, and counts nowhere",
        arguments: [
            Refused(access: .write, flags: .read), Refused(access: .read, flags: []),
            Refused(access: .execute, flags: []), Refused(access: .write, flags: [.read, .execute]),
        ])
    func accessDenied(_ row: Refused) {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10, row.flags)
        let report = process.run(.touch(row.access, PageNumber(0x100), pages: 1, stride: 1))
        #expect(report.signal == .segv(.accessDenied))
        #expect(report.counters.mmapReadLocks == 1)
        #expect(report.counters.attempts == 0)
        #expect(process.machine.events.pgfault == 0)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
    }

    @Test("a fetch from readable memory is allowed while the page is missing, and refused once it is there")
    func fetchTwice() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10, .read)
        let report = process.run(.execute(PageNumber(0x100)))
        #expect(report.signal == .segv(.accessDenied))
        #expect(report.counters.exceptions == 2)
        #expect(report.counters.attempts == 1)
        #expect(report.minorFaults == 1)
        #expect(report.attempts.map(\.flags) == [FaultFlags.default.union([.user, .instruction])])
    }

    @Test("write-only memory can be read")
    func writeOnly() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10, .write)
        #expect(process.run(.read(PageNumber(0x100))).signal == nil)
    }

    // MARK: What handlers answer

    @Test(
        "an error of the handler is its signal, with the lock released and nothing accounted",
        arguments: [
            (.sigbus, .bus(.noSuchAddress)), (.hwpoison, .bus(.memoryError)), (.hwpoisonLarge, .bus(.memoryError)),
            (.sigsegv, .segv(.notMapped)),
        ] as [(FaultResult, TaskSignal)])
    func handlerError(_ result: FaultResult, _ signal: TaskSignal) {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10, operations: process.machine.register(Answering(first: result)))
        let report = process.run(.read(PageNumber(0x100)))
        #expect(report.signal == signal)
        #expect(report.counters.attempts == 1)
        #expect(report.minorFaults == 0)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
        #expect(process.machine.violations.isEmpty)
    }

    @Test("out of memory in user mode replays the access")
    func outOfMemory() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        process.machine.scheduler.failures = [InjectedFailure(point: .anonymousPage, skipping: 0)]
        let report = process.run(.write(PageNumber(0x100)))
        #expect(report.signal == nil)
        #expect(report.counters.exceptions == 2)
        #expect(report.results == [.oom, []])
        #expect(report.minorFaults == 1)
    }

    @Test("RETRY takes the lock again and tries with TRIED, as one exception and one major fault")
    func retry() {
        var process = BareMachine()
        let handler = process.machine.register(Answering(first: .retry, second: .sigbus))
        process.area(at: 0x100, pages: 0x10, operations: handler)
        let report = process.run(.read(PageNumber(0x100)))
        #expect(report.counters.exceptions == 1)
        #expect(report.results == [.retry, .sigbus])
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, true])
        #expect(report.attempts.map(\.lockHeldAfter) == [false, true])
        #expect(report.counters.mmapReadLocks == 2)
        #expect(report.signal == .bus(.noSuchAddress))
        #expect(process.machine.violations.isEmpty)
    }

    @Test("after RETRY a pending signal is handled first, and the access faults anew")
    func retryWithSignal() {
        var process = BareMachine()
        let handler = process.machine.register(Answering(first: .retry, second: .sigbus))
        process.area(at: 0x100, pages: 0x10, operations: handler)
        process.machine.start(.read(PageNumber(0x100)), in: process.task)
        process.machine.send(.user1, to: process.task)
        process.run()
        let report = process.machine.report(of: process.task)
        #expect(report.counters.handledSignals == 1)
        #expect(report.counters.exceptions == 2)
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, false, true])
        #expect(report.counters.mmapReadLocks == 3)
    }

    @Test("after RETRY a user copy goes on in spite of an ordinary signal")
    func copyRetryWithSignal() {
        var process = BareMachine()
        let handler = process.machine.register(Answering(first: .retry, second: .sigbus))
        process.area(at: 0x100, pages: 0x10, operations: handler)
        process.machine.send(.user1, to: process.task)
        let report = process.run(.kernelTouch(.read, PageNumber(0x100), .kernelWithFixup))
        #expect(report.errno == .badAddress)
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, true, false, true])
    }

    // MARK: The wait for the mmap lock

    @Test("SIGKILL ends the wait for the mmap lock: no lock, no attempt, and the task dies")
    func killedWaitingForTheLock() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let writer = process.addHolder()
        process.machine.start(.write(PageNumber(0x100)), in: process.task)
        #expect(process.run() == .blocked)
        #expect(process.machine.wait(of: process.task)?.mode == .killable)
        process.machine.send(.user1, to: process.task)
        #expect(process.run() == .blocked, "an ordinary signal does not end the wait")
        process.machine.unlock(.mmap(process.map), by: writer)
        process.run()

        let report = process.machine.report(of: process.task)
        #expect(report.counters.mmapTrylockFailures == 1)
        #expect(report.counters.mmapReadLocks == 1)
        #expect(report.minorFaults == 1)

        _ = process.addHolder()
        process.machine.start(.write(PageNumber(0x101)), in: process.task)
        process.run()
        process.machine.send(.kill, to: process.task)
        process.run(until: .done(process.task), limit: 20)
        let killed = process.machine.report(of: process.task)
        #expect(killed.signal == .kill)
        #expect(killed.counters.mmapTrylockFailures == 1)
        #expect(killed.counters.mmapReadLocks == 0)
        #expect(killed.counters.attempts == 0)
        #expect(process.entry(0x101).isNone)
    }

    @Test("a stray access of the kernel never waits for the mmap lock")
    func strayAccessDoesNotWait() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        _ = process.addHolder()
        let report = process.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithoutFixup))
        #expect(report.outcome.oops)
        #expect(report.counters.mmapTrylockFailures == 1)
        #expect(report.counters.mmapReadLocks == 0)
    }
}

/// A handler whose first attempts answer `first` (dropping the lock for `RETRY`) and whose further ones answer
/// `second`.
struct Answering: VMOperations {
    var first: FaultResult
    var second: FaultResult = .sigbus
    var name: StaticName { StaticName("answering") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        guard !fault.flags.contains(.tried) else { return .done(second) }
        if first.contains(.retry) { machine.dropFaultLock(of: &fault, for: .handler) }
        return .done(first)
    }
}
