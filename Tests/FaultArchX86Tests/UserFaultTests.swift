import FaultArchX86
@testable import FaultCore
import Testing

@Suite("Faults of a program on x86")
struct UserFaultTests {
    @Test("a first write takes the mmap lock once for reading and counts one minor fault")
    func firstWrite() {
        var process = Process()
        process.map(0x100..<0x110)
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

    @Test("an access where there is no area is SIGSEGV/MAPERR and no attempt")
    func noArea() {
        var process = Process()
        process.map(0x100..<0x110)
        let report = process.run(.read(PageNumber(0x110)))
        #expect(report.signal == .segv(.notMapped))
        #expect(report.counters.exceptions == 1)
        #expect(report.counters.attempts == 0)
        #expect(report.counters.mmapReadLocks == 1)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
    }
}
