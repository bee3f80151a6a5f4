import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Stacks that grow", .timeLimit(.minutes(60)))
struct StackGrowthTests {
    static let stack: VMAFlags = [.read, .write, .growsDown]

    @Test("growing takes the lock for reading, for writing, and downgrades it: two read locks and a write lock")
    func growth() {
        var process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, Self.stack)
        let report = process.run(.write(PageNumber(0xFFF0)))
        #expect(report.signal == nil)
        #expect(report.minorFaults == 1)
        #expect(report.counters.mmapReadLocks == 2)
        #expect(report.counters.mmapWriteLocks == 1)
        #expect(process.areas.map(\.start) == [PageNumber(0xFFF0)])
        #expect(process.areas.map(\.end) == [PageNumber(0x10010)])
        #expect(process.areas.map(\.startIndex) == [PageIndex(0xFFF0)])
        #expect(process.areas[0].anonVMA != 0)
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
        #expect(process.machine.violations.isEmpty)
    }

    @Test("a stack grows only as far as the page of the access")
    func onlyAsFar() {
        var process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, Self.stack)
        process.run(.write(PageNumber(0xFFFE)))
        let report = process.run(.write(PageNumber(0xFFFF)))
        #expect(report.counters.mmapReadLocks == 1)
        #expect(report.counters.mmapWriteLocks == 0)
        #expect(process.areas.map(\.start) == [PageNumber(0xFFFE)])
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        var page: UInt64 = 0xFFF0
        var below: Range<UInt64>?
        var belowFlags: VMAFlags = .read
        var flags = StackGrowthTests.stack
        var startIndex: Int = 0x10000
        var settings = MachineSettings()
        var writeLocks = 1
        var grows = false

        init(_ description: String, _ change: (inout Self) -> Void) {
            testDescription = description
            change(&self)
        }
    }

    @Test(
        "growth is refused or allowed by the rules of expand_downwards, in SIGSEGV/MAPERR",
        arguments: [
            Refusal("an area that does not grow costs one read lock") {
                $0.flags = [.read, .write]
                $0.writeLocks = 0
            },
            Refusal("below mmap_min_addr") { $0.page = 15 },
            Refusal("less than the gap above an accessible area") { $0.below = 0xFE00..<0xFEF1 },
            Refusal("the whole gap above an accessible area") {
                $0.below = 0xFE00..<0xFEF0
                $0.grows = true
            },
            Refusal("right above an inaccessible area") {
                $0.below = 0xFE00..<0xFFF0
                $0.belowFlags = []
                $0.grows = true
            },
            Refusal("right above another stack") {
                $0.below = 0xFE00..<0xFFF0
                $0.belowFlags = StackGrowthTests.stack
                $0.grows = true
            },
            Refusal("a smaller gap, if the administrator says so") {
                $0.below = 0xFE00..<0xFFEF
                $0.settings.stackGuardPages = 1
                $0.grows = true
            },
            Refusal("more pages than the index has below it") { $0.startIndex = 15 },
            Refusal("all the pages that the index has below it") {
                $0.startIndex = 16
                $0.grows = true
            },
            Refusal("past RLIMIT_AS") { $0.settings.addressSpaceLimitPages = 31 },
            Refusal("up to RLIMIT_AS") {
                $0.settings.addressSpaceLimitPages = 32
                $0.grows = true
            },
            Refusal("past RLIMIT_STACK") { $0.settings.stackLimitPages = 31 },
            Refusal("up to RLIMIT_STACK") {
                $0.settings.stackLimitPages = 32
                $0.grows = true
            },
            Refusal("past RLIMIT_MEMLOCK, if locked") {
                $0.settings.lockedLimitPages = 31
                $0.flags.insert(.locked)
            },
            Refusal("past RLIMIT_MEMLOCK, if not locked") {
                $0.settings.lockedLimitPages = 31
                $0.grows = true
            },
        ])
    func limits(_ row: Refusal) {
        var process = BareMachine(settings: row.settings)
        process.machine.insertArea(
            VMA(
                start: PageNumber(0x10000), end: PageNumber(0x10010), startIndex: PageIndex(row.startIndex),
                flags: row.flags),
            in: process.map)
        if let below = row.below { process.area(at: below.lowerBound, pages: below.count, row.belowFlags) }
        let report = process.run(.write(PageNumber(row.page)))
        #expect(report.signal == (row.grows ? nil : .segv(.notMapped)))
        #expect(report.counters.attempts == (row.grows ? 1 : 0))
        #expect(report.counters.mmapReadLocks == (row.grows ? 2 : 1))
        #expect(report.counters.mmapWriteLocks == row.writeLocks)
        #expect(process.areas.last?.start == PageNumber(row.grows ? row.page : 0x10000))
        #expect(process.machine.heldLocks(of: process.task).isEmpty)
        #expect(process.machine.violations.isEmpty)
    }

    @Test("a store below a read-only stack grows it, and is refused then")
    func readOnlyStack() {
        var process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, [.read, .growsDown])
        let report = process.run(.write(PageNumber(0xFFFF)))
        #expect(report.signal == .segv(.accessDenied))
        #expect(report.counters.mmapReadLocks == 2)
        #expect(report.counters.mmapWriteLocks == 1)
        #expect(process.areas.map(\.start) == [PageNumber(0xFFFF)])
    }

    @Test("without memory for an anon_vma a stack does not grow")
    func noMemory() {
        var process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, Self.stack)
        process.machine.scheduler.failures = [InjectedFailure(point: .anonVMA, skipping: 0)]
        let report = process.run(.read(PageNumber(0xFFFF)))
        #expect(report.signal == .segv(.notMapped))
        #expect(process.areas.map(\.start) == [PageNumber(0x10000)])
    }

    @Test("a stack grows for a user copy, but not for an access of the kernel without a fixup")
    func kernelMode() {
        var process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, Self.stack)
        let stray = process.run(.kernelTouch(.write, PageNumber(0xFFFF), .kernelWithoutFixup))
        #expect(stray.outcome.oops)
        // The task dies of it: two more locks for reading and one for writing are those of its exit.
        #expect(stray.counters.mmapReadLocks == 1 + 2)
        #expect(stray.counters.mmapWriteLocks == 0 + 1)
        #expect(stray.isGone)
        process = BareMachine()
        process.area(at: 0x10000, pages: 0x10, Self.stack)
        let copy = process.run(.kernelTouch(.write, PageNumber(0xFFFF), .kernelWithFixup))
        #expect(copy.errno == nil)
        #expect(copy.counters.mmapWriteLocks == 1)
        #expect(process.areas.map(\.start) == [PageNumber(0xFFFF)])
    }
}
