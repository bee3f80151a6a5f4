import FaultArchitectures
import FaultSimulator
import Testing

@Suite("What s390, sparc64, powerpc and um do of their own", .timeLimit(.minutes(60)))
struct TailTests {
    /// A guest of s390 that stores to a tmpfs page.
    private func guest(_ architecture: Architecture, pseudoFaults: Bool = false) throws -> (World, TaskID, Area) {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 4, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.setArchWords(S390Guest(hasPseudoFaults: pseudoFaults).words), in: task)
        return (world, task, area)
    }

    @Test("s390 takes the lock again after COMPLETED to link a guest's table, and only for a guest")
    func gmap() throws {
        var (world, task, area) = try guest(.s390)
        let report = try world.perform(.write(area[0]), in: task)
        #expect(report.attempts.map(\.result) == [[.locked, .completed]])
        #expect(report.counters.mmapReadLocks == 2)
        let linked = S390Guest(world.machine.archWords(of: task)).linkedSegment
        #expect(linked == UInt32(truncatingIfNeeded: area.start.rawValue >> 11))

        try world.perform(.setArchWords(ArchWords()), in: task)
        let host = try world.perform(.write(area[1]), in: task)
        #expect(host.attempts.map(\.result) == [[.locked, .completed]] && host.counters.mmapReadLocks == 1)
        #expect(world.machine.archWords(of: task) == ArchWords())
    }

    @Test("s390 as posted links it without the lock: a broken contract")
    func posted() throws {
        var (world, task, area) = try guest(.s390AsPosted)
        world.start(.write(area[0]), in: task)
        let reason = world.run()
        #expect(reason.violations.map(\.law) == [.staleArea])
        #expect(reason.violations.first?.message.contains("__gmap_link() walks the page tables without") == true)
        let host = try World(.linux6_1, entry: ArchFaultEntry(.s390AsPosted))
        #expect(host.machine.checkInvariants().isEmpty)
    }

    @Test("what the posted version lets happen: a munmap takes the tables that are being walked")
    func postedRace() throws {
        for architecture in [Architecture.s390AsPosted, .s390] {
            var (world, task, area) = try guest(architecture)
            let other = world.thread(of: task)
            world.machine.setArchWords(of: other, to: ArchWords())
            world.start(.write(area[0]), in: task)
            world.start(.munmap(area.start, pages: 4), in: other)
            let found = world.explore()
            #expect(found.brokenLaws.isEmpty == (architecture == .s390))
            #expect(found.deadlocks.isEmpty)
        }
    }

    @Test("a guest with pseudo faults does not wait: RETRY_NOWAIT, the lock held, and the host is told")
    func pseudoFault() throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(.s390))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.setArchWords(S390Guest(hasPseudoFaults: true).words), in: task)
        world.start(.read(area[9]), in: task)
        #expect(world.run() == .finished, "it does not wait")
        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry]])
        #expect(report.attempts[0].flags == [.default, .retryNoWait] && report.attempts[0].lockHeldAfter)
        #expect(S390Guest(world.machine.archWords(of: task)).pseudoFaultIsPending)
        #expect(world.mmapLock(of: task).isFree && report.signal == nil)

        // The host's worker gets the page, and the guest goes on.
        try world.perform(.getUserPages(area[9], pages: 1, .unlockable), in: task)
        let again = try world.perform(.read(area[9]), in: task)
        #expect(again.counters.attempts == 0 && world.presentPages(of: area).contains(9))
    }

    @Test("sparc64's buffer grows with the rss, also after COMPLETED, which goes to lock_released")
    func translationBuffer() throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(.sparc64))
        let file = try world.file(pages: 900, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(area[0], pages: 384), in: task)
        #expect(Sparc64Buffer(world.machine.archWords(of: task)).doublings == 0)
        let next = try world.perform(.write(area[384]), in: task)
        #expect(next.attempts.map(\.result) == [[.locked, .completed]])
        #expect(next.counters.mmapReadLocks == 1, "rss is read without the lock")
        let buffer = Sparc64Buffer(world.machine.archWords(of: task))
        #expect(buffer.doublings == 1 && buffer.residentLimit == 768)
    }

    @Test("powerpc counts a page-in once for all attempts, and COMPLETED goes there too")
    func pageIns() throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(.powerpc))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let cold = try world.perform(.read(area[9]), in: task)
        #expect(cold.attempts.count == 2)
        #expect(PowerPCPageIns.counted(for: task, world.machine) == 1)
        let store = try world.perform(.write(area[9]), in: task)
        #expect(store.attempts.last?.result.contains(.completed) == true)
        #expect(PowerPCPageIns.counted(for: task, world.machine) == 1)
    }

    @Test("powerpc's coprocessors pass WRITE alone: COMPLETED can't come, the lock is held over the throttling")
    func coprocessor() throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(.powerpc))
        let file = try world.file(pages: 2, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let thread = world.kernelThread()
        let request = FaultRequest(.coprocessor, .write, area[0], in: area.map)
        let report = try world.perform(.faultIn(request), in: thread)
        #expect(report.attempts.map(\.flags) == [.write] && report.attempts.map(\.result) == [.locked])
        #expect(report.value == 1 && !report.outcome.lockWasLost)
    }

    /// Answers `NOPAGE` twice without mapping anything, as after a lost race, then gives a page.
    struct Reluctant: VMOperations {
        var name: StaticName { StaticName("reluctant") }
        func fault(
            _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<OnlyStage, FaultResult> {
            let tries = machine.counters(of: fault.task).attempts
            if tries % 3 != 0 { return .done(.noPage) }
            return .done(machine.giveNewPage(stamp: 7, to: &fault) ? [] : .oom)
        }
    }

    @Test("um has a fault handled again, in one exception, until there is an entry; riscv replays the access")
    func presentLoop() throws {
        for architecture in [Architecture.um, .riscv] {
            var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
            world.machine.isChecking = false  // the handler claims success and maps nothing
            let handler = world.register(Reluctant())
            let task = world.task()
            let area = try world.map(handler, pages: 1, in: task)
            let report = try world.perform(.read(area[0]), in: task)
            #expect(report.counters.attempts == 3 && report.minorFaults == 3)
            #expect(report.counters.exceptions == (architecture == .um ? 1 : 3))
            #expect(report.counters.mmapReadLocks == (architecture == .um ? 1 : 3))
        }
    }

    @Test(
        "each round of um's loop counts as a fault of its own",
        arguments: [KernelModel.linux3_15, .linux4_19, .linux6_1, .linux6_12])
    func rounds(_ kernel: KernelModel) throws {
        var world = try World(kernel, entry: ArchFaultEntry(.um))
        let task = world.task()
        let other = world.thread(of: task)
        let area = try world.map(anonymousPages: 1, in: task)
        world.start(.write(area[0]), in: task)
        while world.report(of: task).attempts.isEmpty { world.machine.step(task) }
        world.start(.madvise(area, .dontNeed), in: other)
        while world.machine.isBusy(other) { world.machine.step(other) }
        #expect(world.presentPages(of: area).isEmpty)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.attempts.count == 2 && report.counters.exceptions == 1)
        #expect(report.minorFaults == 2)
        #expect(world.machine.violations.isEmpty)
    }
}

@Suite("Entries and handlers that don't know a newer flag", .timeLimit(.minutes(60)))
struct OldEntryTests {
    /// riscv as it was before Linux 6.0.
    private var old: Architecture {
        var old = Architecture.riscv
        old.completion = .unknown
        old.checks = [.signal, .retry, .error]
        return old
    }

    private func store(under model: KernelModel) throws -> (StopReason, OperationReport) {
        var world = try World(model, entry: ArchFaultEntry(old))
        let file = try world.file(pages: 2, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        world.start(.write(area[0]), in: task)
        let reason = world.run()
        return (reason, world.report(of: task))
    }

    @Test("an entry from before COMPLETED keeps working under its kernel, and releases twice under a newer one")
    func beforeCompleted() throws {
        var model = KernelModel.linux6_1
        model.throttledSharedWrite = .retries
        let (reason, report) = try store(under: model)
        #expect(reason == .finished && reason.violations.isEmpty)
        #expect(report.attempts.map(\.result) == [[.locked, .retry], []])

        let (newer, _) = try store(under: .linux6_1)
        #expect(newer.violations.first?.law == .faultLockReleasedOnce)
    }

    @Test("an entry from before area locks takes the mmap lock, and keeps working where areas have locks")
    func beforeAreaLocks() throws {
        for model in KernelModel.presets where model.areaLocks != .none {
            for (row, usesArea) in [(Architecture.riscv, true), (.sh, false)] {
                var world = try World(model, entry: ArchFaultEntry(row))
                let task = world.task()
                let area = try world.map(anonymousPages: 4, in: task)
                try world.perform(.write(area[0]), in: task)
                let report = try world.perform(.write(area[1]), in: task)
                #expect(report.minorFaults == 1)
                #expect(report.counters.mmapReadLocks == (usesArea ? 0 : 1), "\(model.name) \(row.name)")
            }
        }
    }

    /// Asks only for what it needs to know; every other flag passes it by.
    struct Plain: VMOperations {
        var name: StaticName { StaticName("plain") }
        func fault(
            _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<OnlyStage, FaultResult> {
            .done(machine.giveNewPage(stamp: 5, to: &fault) ? [] : .oom)
        }
    }

    @Test("a handler that ignores the flags works for every entry and every caller", arguments: Architecture.all)
    func plainHandler(_ architecture: Architecture) throws {
        for model in KernelModel.presets where model.throttledSharedWrite == .completes {
            var world = try World(model, entry: ArchFaultEntry(architecture))
            let handler = world.register(Plain())
            let task = world.task()
            let area = try world.map(handler, pages: 12, in: task)
            #expect(try world.perform(.read(area[0]), in: task).outcome.stamp == 5)
            #expect(try world.perform(.write(area[1]), in: task).signal == nil)
            #expect(try world.perform(.getUserPages(area[2], pages: 2, [.write, .unlockable]), in: task).value == 2)
            for (number, caller) in FaultCaller.allCases.enumerated() {
                let request = FaultRequest(caller, .write, area[4 + number])
                #expect(try world.perform(.faultIn(request), in: task).value == 1, "\(caller)")
            }
        }
    }
}
