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

    /// A store to a protected page beside the call that lifts the protection. No program resolves a second fault.
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

    /// A guest's page is looked up as KVM does it, first without waiting, beside a monitor and a thread that maps memory.
    private func lookingUp(_ model: KernelModel, isChecking: Bool) throws -> World {
        var world = try World(model)
        world.machine.isChecking = isChecking
        let guest = world.task()
        let area = try world.map(anonymousPages: 1, in: guest)
        let descriptor = try world.userfaultfd(in: guest)
        try world.register(area, with: descriptor, for: .missing, by: guest)
        world.startMonitor(.postCopy(), of: descriptor)
        let lookUps: [GUPFlags] = [[.noWait, .unlockable, .write], [.unlockable, .write]]
        world.start(lookUps.map { .getUserPages(area, $0) }, in: guest)
        world.start(.mmap(MapRequest(pages: 1, access: .read)), in: world.thread(of: guest))
        return world
    }

    @Test("Linux 4.16-rc1 loses track of a lock that a lookup without waiting keeps: post-copy migration hangs")
    func noWaitLookups() throws {
        let law = try lookingUp(.linux4_16_rc1, isChecking: true).checkSchedules(.exhaustive, for: [.laws])
        guard case .law(let violation)? = law.counterexample?.kind else {
            Issue.record("\(law)")
            return
        }
        #expect(violation.law == .lockOrder)
        let hang = try lookingUp(.linux4_16_rc1, isChecking: false).checkSchedules(.exhaustive, for: [])
        guard case .deadlock(let waits)? = hang.counterexample?.kind else {
            Issue.record("\(hang)")
            return
        }
        #expect(waits.contains { $0.cause == .lock(.mmap(MapID(0)), .write) })
        #expect(hang.coverage.states == 76)
        #expect(hang.counterexample?.schedule.count == 74)
        for fixed in [KernelModel.linux4_19, .linux6_12] {
            let verdict = try lookingUp(fixed, isChecking: true).checkSchedules(.exhaustive, for: [.laws])
            #expect(verdict.holds, "\(verdict)")
        }
    }

    /// A lookup of a missing page beside the last close(2) of the descriptor that handles it.
    private func closing(_ model: KernelModel) throws -> World {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)
        world.start(.getUserPages(area, [.unlockable, .write]), in: task)
        world.start(.userfault(descriptor, .close), in: world.thread(of: task))
        return world
    }

    @Test("Linux 6.1 looks a page up forever, with the lock that the release of its descriptor waits for")
    func releasedLookups() throws {
        let before = try closing(.linux6_1).checkSchedules(.exhaustive, for: []) { $0.limits.states = 20_000 }
        guard case .livelock(let tasks)? = before.counterexample?.kind else {
            Issue.record("\(before)")
            return
        }
        #expect(tasks == [TaskID(0)])
        #expect(before.coverage.states == 735)
        #expect(before.counterexample?.schedule.count == 17)
        // It releases the lock each time, and may loop any number of times, so states that differ in counts only are the same.
        let after = try closing(.linux6_12).checkSchedules(.exhaustive, for: []) { $0.tellsCountsApart = false }
        #expect(after.holds, "\(after)")
        #expect(after.coverage.states == 322)
    }

    @Test(
        "before 5.15 a fault makes a page anew as often as a truncation removes it",
        arguments: [(KernelModel.linux2_6_37, 1825), (.linux4_19, 1132), (.linux5_1, 1155), (.linux5_10, 1155)])
    func truncatedPages(_ model: KernelModel, _ states: Int) throws {
        let verdict = try ExploringScenario.truncation(model).world.checkSchedules(.exhaustive, for: [])
        guard case .livelock(let tasks)? = verdict.counterexample?.kind else {
            Issue.record("\(verdict)")
            return
        }
        #expect(tasks == [TaskID(0), TaskID(1)])
        #expect(verdict.coverage.states == states)
        #expect(verdict.counterexample?.schedule.count == 27)
    }

    @Test(
        "since 5.15 the invalidate lock keeps faults out of a truncation",
        arguments: [KernelModel.linux5_15, .linux6_1, .linux6_12])
    func truncatedPagesExcluded(_ model: KernelModel) throws {
        let verdict = try ExploringScenario.truncation(model).world.checkSchedules(.exhaustive, for: [])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("Linux 6.12 wakes before it write-locks an area that it unregisters: a fault in between sleeps on")
    func unregistering() throws {
        func racing(_ model: KernelModel) throws -> World {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let descriptor = try world.userfaultfd(in: task)
            try world.register(area, with: descriptor, for: .missing, by: task)
            world.start(.read(area), in: task)
            world.start(
                .userfault(descriptor, .unregister(area.start, pages: 1)), in: world.thread(of: task))
            return world
        }
        let found = try racing(.linux6_12).checkSchedules(.exhaustive, for: [])
        guard case .deadlock? = found.counterexample?.kind else {
            Issue.record("\(found)")
            return
        }
        #expect(found.coverage.states == 138)
        #expect(found.counterexample?.schedule.count == 24)
        for model in [KernelModel.linux6_1, .linux6_4] {
            let other = try racing(model).checkSchedules(.exhaustive, for: [])
            #expect(other.holds, "\(other)")
        }
    }

    @Test("Linux 6.1 lifts a protection and leaves the entry read-only: a task that stores in between waits once more")
    func protection() throws {
        let before = try unprotecting(.linux6_1).checkSchedules(.exhaustive, for: [])
        let found = try #require(before.counterexample, "\(before)")
        guard case .deadlock = found.kind else {
            Issue.record("\(found)")
            return
        }
        #expect(before.coverage.states == 86)
        #expect(found.schedule.count == 23)
        let after = try unprotecting(.linux6_12).checkSchedules(.exhaustive, for: [])
        #expect(after.holds, "\(after)")
    }
}
