import FaultSimulator
import Testing

@testable import FaultArchitectures
@testable import FaultCore

/// What entries of other architectures do as that of x86 does.
@Suite("Entries of other architectures", .timeLimit(.minutes(60)))
struct ArchRuleTests {
    @Test("an attempt under the mmap lock counts for no area's lock")
    func areaLockCounts() throws {
        var counts: [[Int]] = []
        for entry in [X86FaultEntry(), ArchFaultEntry(.arm64)] as [any FaultEntry] {
            var play = try Play(.linux6_12, entry: entry)
            let file = try play.world.file(pages: 4)
            let areas = [
                try play.world.map(anonymousPages: 2, in: play.task), try play.world.map(file, in: play.task),
            ]
            for area in areas {
                try play.perform(.write(area))
                try play.perform(.read(area, page: 1))
            }
            let events = play.world.machine.events
            counts.append([
                events.vmaLockSuccess, events.vmaLockAbort, events.vmaLockRetry, events.vmaLockMiss,
            ])
        }
        #expect(counts[0] == counts[1])
    }

    @Test("a handler's error that is none of the known ones is a bug, not missing data (mm_fault_error())")
    func unknownErrors() {
        #expect(ArchFaultEntry.refusal(of: .sigbus) == .noData && ArchFaultEntry.refusal(of: .fallback) == .unexpected)
        #expect(ArchFaultEntry.refusal(of: [.sigbus, .hwpoison]) == .memoryError)
        #expect(ArchFaultEntry.refusal(of: []) == nil)
    }
}
