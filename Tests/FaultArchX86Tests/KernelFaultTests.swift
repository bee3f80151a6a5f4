import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Faults of the kernel on user memory, on x86", .timeLimit(.minutes(60)))
struct KernelFaultTests {
    @Test("a user copy faults a page in like a program, without USER in its flags")
    func copyFaultsIn() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let report = process.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithFixup))
        #expect(report.errno == nil)
        #expect(report.counters.exceptions == 1)
        #expect(report.counters.kernelExceptions == 1)
        #expect(report.minorFaults == 1)
        #expect(report.attempts.map(\.flags) == [FaultFlags.default.union(.write)])
    }

    struct Failure: CustomTestStringConvertible {
        let testDescription: String
        let page: UInt64
        let attempts: Int
    }

    @Test(
        "a user copy that fails takes two exceptions and returns EFAULT, without a signal",
        arguments: [
            Failure(testDescription: "no area", page: 0x200, attempts: 0),
            Failure(testDescription: "a read-only area", page: 0x180, attempts: 0),
            Failure(testDescription: "no data", page: 0x190, attempts: 2),
        ])
    func copyFails(_ row: Failure) {
        var process = BareMachine()
        process.area(at: 0x180, pages: 1, .read)
        let handler = process.machine.register(Answering(first: .sigbus))
        process.area(at: 0x190, pages: 1, [.read, .write, .shared], operations: handler)
        let report = process.run(.kernelTouch(.write, PageNumber(row.page), .kernelWithFixup))
        #expect(report.errno == .badAddress)
        #expect(report.signal == nil)
        #expect(!report.outcome.oops)
        #expect(report.counters.exceptions == 2)
        #expect(report.counters.mmapReadLocks == 2)
        #expect(report.counters.attempts == row.attempts)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
        #expect(process.machine.violations.isEmpty)
    }

    @Test("a kernel whose copies don't begin again takes one exception")
    func oneAttempt() {
        var model = KernelModel.linux6_1
        model.userCopyTail = .stops
        var process = BareMachine(X86FaultEntry(), model)
        let report = process.run(.kernelTouch(.write, PageNumber(0x200), .kernelWithFixup))
        #expect(report.errno == .badAddress)
        #expect(report.counters.exceptions == 1)
    }

    @Test("an atomic copy fails at once: no lock, no attempt")
    func atomicCopy() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let report = process.run(.kernelTouch(.write, PageNumber(0x100), .kernelAtomic))
        #expect(report.errno == .badAddress)
        #expect(report.counters.mmapReadLocks == 0)
        #expect(report.counters.attempts == 0)
        #expect(process.entry(0x100).isNone)
    }

    @Test("an access without a fixup is handled like any other, an oops where it is refused, and one under SMAP")
    func strayAccess() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let handled = process.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithoutFixup))
        #expect(handled.minorFaults == 1)
        #expect(!handled.outcome.oops)
        #expect(process.run(.kernelTouch(.write, PageNumber(0x200), .kernelWithoutFixup)).outcome.oops)

        var guarded = BareMachine(X86FaultEntry(hasSMAP: true))
        guarded.area(at: 0x100, pages: 0x10)
        let refused = guarded.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithoutFixup))
        #expect(refused.outcome.oops)
        #expect(refused.counters.mmapReadLocks == 2)  // those of its exit
        guarded = BareMachine(X86FaultEntry(hasSMAP: true))
        guarded.area(at: 0x100, pages: 0x10)
        #expect(guarded.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithFixup)).errno == nil)
    }

    @Test("the kernel dies of running a program's code")
    func kernelFetch() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10, [.read, .execute])
        let report = process.run(.kernelTouch(.execute, PageNumber(0x100), .kernelWithFixup))
        #expect(report.outcome.oops)
        #expect(report.counters.mmapReadLocks == 2)  // those of its exit
    }

    @Test("out of memory ends a user copy instead of replaying it")
    func outOfMemory() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        let failure = InjectedFailure(point: .anonymousPage, skipping: 0)
        process.machine.scheduler.failures = [failure, failure]
        let report = process.run(.kernelTouch(.write, PageNumber(0x100), .kernelWithFixup))
        #expect(report.errno == .badAddress)
        #expect(report.results == [.oom, .oom])
    }

    @Test("SIGKILL ends a user copy that waits for the mmap lock")
    func killedWaitingForTheLock() {
        var process = BareMachine()
        process.area(at: 0x100, pages: 0x10)
        _ = process.addHolder()
        process.machine.start(.kernelTouch(.write, PageNumber(0x100), .kernelWithFixup), in: process.task)
        #expect(process.run() == .blocked)
        process.machine.send(.kill, to: process.task)
        process.run(until: .done(process.task), limit: 20)
        let report = process.machine.report(of: process.task)
        #expect(report.counters.mmapTrylockFailures == 2)
        #expect(report.counters.mmapReadLocks == 0)
        #expect(report.counters.attempts == 0)
        #expect(!report.outcome.oops)
    }
}
