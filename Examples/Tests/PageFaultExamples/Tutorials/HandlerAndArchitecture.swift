import FaultTestSupport
import Testing

/// Memory whose pages come from a server, one request a page.
struct RemotePages: VMOperations {
    enum Stage: UInt8, RoutineStage { case ask, arrived }

    let server: DeviceID
    var name: StaticName { "remote pages" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            if fault.flags.contains(.tried) { return .next(.arrived) }
            let request = machine.submit(IORequest(.direct, on: server, by: fault.task))
            machine.dropFaultLock(of: &fault, for: .handler)
            return .sleep(.request(request, .killable), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done(.retry) }
            return .done(machine.giveNewPage(stamp: 42, to: &fault) ? [] : .oom)
        }
    }
}

/// The same, with a mistake: it returns 0 although it has released the lock.
struct HastyPages: VMOperations {
    enum Stage: UInt8, RoutineStage { case ask, arrived }

    let server: DeviceID
    var name: StaticName { "hasty pages" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            let request = machine.submit(IORequest(.direct, on: server, by: fault.task))
            machine.dropFaultLock(of: &fault, for: .handler)
            return .sleep(.request(request, .killable), then: .arrived)
        case .arrived:
            return .done(machine.giveNewPage(stamp: 42, to: &fault) ? [] : .oom)
        }
    }
}

/// An architecture that gives a fault as many attempts as it takes, and never sets TRIED.
struct StubbornEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage { case lock, find, handled }

    var name: StaticName { "stubborn" }
    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 9, userLimit: PageNumber(1 << 26))
    }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .lock:
            fault.flags = FaultFlags.default.union(.user)
            if fault.exception.access == .write { fault.flags.insert(.write) }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .find)
        case .find:
            if resumed.errno != nil { return .done(.killed) }
            machine.setFaultLock(.mmap, of: &fault)
            guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
                machine.releaseFaultLock(of: &fault)
                machine.forceSignal(.segv(.notMapped), on: fault.task)
                return .done(.signal)
            }
            return .call(machine.handleMMFault(), then: .handled)
        case .handled:
            if resumed.faultResult.contains(.retry) {
                return machine.hasFatalSignal(fault.task) ? .done(.killed) : .next(.lock)
            }
            if !resumed.faultResult.contains(.completed) { machine.releaseFaultLock(of: &fault) }
            return .done(.replay)
        }
    }
}

@Suite("Tutorial: a handler and an architecture of your own", .timeLimit(.minutes(60)))
struct HandlerAndArchitecture {
    @Test("a page comes from the server, and nobody waits for it with the lock held")
    func remote() throws {
        var world = try World(.linux6_1)
        let server = world.addDisk("server")
        let guest = world.task("guest")
        let memory = try world.map(world.register(RemotePages(server: server)), pages: 4, in: guest)

        world.start(.read(memory, page: 2), in: guest)
        let story = world.story {
            $0.run()
            $0.completeReads(on: server)
            $0.run()
        }.story(of: guest)
        #expect(story.retriedOnce && story.neverSleptHoldingTheMmapLock)
        #expect(story.report.outcome.stamp == 42)
    }

    @Test("under a kernel with locks of areas it takes three attempts, and the server is asked once")
    func threeAttempts() throws {
        var world = try World(.linux6_12, disk: .latency(.milliseconds(2)))
        let guest = world.task("guest")
        let memory = try world.map(world.register(RemotePages(server: world.disk)), pages: 4, in: guest)

        let report = try world.perform(.read(memory, page: 2), in: guest)
        #expect(report.attempts.map(\.result) == [.retry, .retry, []])
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, false, true])
        #expect(report.counters.areaLockAttempts == 1 && world.elapsed == .milliseconds(2))
    }

    @Test("the checker finds what the hasty handler does wrong")
    func hasty() throws {
        var world = try World(.linux6_1)
        let guest = world.task("guest")
        let memory = try world.map(world.register(HastyPages(server: world.disk)), pages: 4, in: guest)
        world.start(.read(memory), in: guest)
        world.run()
        world.completeReads()

        let violation = try #require(world.run().violations.first)
        #expect(
            violation.summary == """
                law 1 (faultLockReleasedOnce) broken by guest at 0 ns: hasty pages.fault returned 0 with the fault lock \
                released; return RETRY after a drop
                """)
    }

    @Test("everything fails once, and every order is tried")
    func thorough() throws {
        var world = try World(.linux6_12)
        let guest = world.task("guest")
        let memory = try world.map(world.register(RemotePages(server: world.disk)), pages: 2, in: guest)

        let sweep = world.failingEachOnce(.read(memory), in: guest) { $0.story(of: guest).holdsNothing }
        #expect(sweep.holds)
        #expect("\(sweep)" == "holds at all 42 points: 4 allocations (3 pageTable, 1 cachePage), 0 reads, 38 signals")

        world.start(.read(memory), in: guest)
        world.start(.munmap(memory), in: world.thread("mapper", of: guest))
        let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(verdict.holds, "\(verdict)")
    }

    @Test("an architecture without TRIED never gets on, while somebody takes the page away")
    func stubborn() throws {
        func verdict(_ entry: any FaultEntry) throws -> Verdict {
            var world = try World(.linux6_1, entry: entry)
            let guest = world.task("guest")
            let memory = try world.map(world.register(RemotePages(server: world.disk)), pages: 1, in: guest)
            world.start(.read(memory), in: guest)
            return world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        }
        #expect(try verdict(ToyEntry()).holds)
        let found = try #require(try verdict(StubbornEntry()).counterexample)
        #expect("\(found.kind)" == "livelock: task 0 runs forever without progress")
    }
}
