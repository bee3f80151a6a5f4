import FaultArchitectures
import FaultSimulator
import FaultUserfaultfd
import Testing

/// Bugs that kernels had, or patches that were posted: found in some order under the one, in none under the other.
@Suite("Bugs of the past, found by exploring", .timeLimit(.minutes(60)))
struct HistoricBugTests {
    /// A guest of s390 that stores to a page, against munmap of its host.
    private func guest(_ architecture: Architecture) throws -> World {
        var world = try World(.linux6_12, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 4, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.setArchWords(S390Guest(hasPseudoFaults: false).words), in: task)
        let other = world.thread(of: task)
        world.machine.setArchWords(of: other, to: ArchWords())
        world.start(.write(area[0]), in: task)
        world.start(.munmap(area.start, pages: 4), in: other)
        return world
    }

    @Test("s390's entry as posted walks page tables without the lock that the attempt has released")
    func guestFaults() throws {
        let posted = try guest(.s390AsPosted).checkSchedules(.exhaustive, for: [.laws])
        let found = try #require(posted.counterexample, "\(posted)")
        guard case .law(let violation) = found.kind else {
            Issue.record("\(found)")
            return
        }
        #expect(violation.law == .staleArea)
        #expect(posted.coverage.states == 156 && found.schedule.count == 18)
        let merged = try guest(.s390).checkSchedules(.exhaustive, for: [.laws])
        #expect(merged.holds, "\(merged)")
    }

    /// A store to a protected page beside the call that lifts the protection, and nobody who answers again.
    private func unprotecting(_ model: KernelModel) throws -> World {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        try world.perform(.write(area), in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .writeProtect, by: task)
        try world.perform(.writeProtect(descriptor, area), in: task)
        world.start(.write(area), in: task)
        world.start(.writeProtect(descriptor, area, protects: false), in: world.thread(of: task))
        return world
    }

    @Test("Linux 6.1 lifts a protection and leaves the entry read-only: who comes between waits once more")
    func protection() throws {
        let before = try unprotecting(.linux6_1).checkSchedules(.exhaustive, for: [])
        let found = try #require(before.counterexample, "\(before)")
        guard case .deadlock = found.kind else {
            Issue.record("\(found)")
            return
        }
        #expect(before.coverage.states == 78 && found.schedule.count == 21)
        let after = try unprotecting(.linux6_12).checkSchedules(.exhaustive, for: [])
        #expect(after.holds, "\(after)")
    }
}
