import FaultTestSupport
import Testing

/// Memory that forgets to give its page back, and hangs, if it is told to.
private struct FragileMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case ask, arrived }
    let device: DeviceID
    var name: StaticName { StaticName("fragile memory") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            if fault.flags.contains(.tried) { return .next(.arrived) }
            machine.dropFaultLock(of: &fault, for: .handler)
            // The mistake: a fatal signal does not end this sleep.
            return .sleep(.channel(7), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done(.retry) }
            return .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom)
        }
    }
}

/// Memory whose handler goes round for ever, whatever signal arrives.
private struct RestlessMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case again }
    var name: StaticName { "restless memory" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        .next(.again)
    }
}

@Suite("Letting everything fail once", .timeLimit(.minutes(60)))
struct FailureSweepTests {
    private struct Cold {
        var world: World
        let task: TaskID
        let area: Area
        init(_ kernel: KernelModel = .linux6_1) throws {
            world = try World(kernel)
            task = world.task("reader")
            area = try world.map(world.file("log", pages: 64), in: task)
        }
    }

    @Test("a cold read survives the failure of each allocation, of its read, and SIGKILL at each stage")
    func coldRead() throws {
        let cold = try Cold()
        let sweep = cold.world.failingEachOnce(.read(cold.area, page: 9), in: cold.task) { story in
            story.everybodyIsDone && story.world.machine.requestsUnderWay.isEmpty
        }
        #expect(sweep.holds, "\(sweep)")
        #expect(sweep.count(.allocation) >= 2 && sweep.count(.read) == 1 && sweep.count(.signal) > 10)
        #expect(sweep.count(.cachePage) >= 1 && sweep.count(.pageTable) >= 1)
        #expect(sweep.count() == sweep.count(.allocation) + sweep.count(.read) + sweep.count(.signal))
        #expect("\(sweep)".hasPrefix("holds at all \(sweep.count()) points: \(sweep.count(.allocation)) allocations ("))
    }

    @Test("an operation that goes on for ever ends the sweep at the first point, and is named as the reason")
    func endless() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.register(RestlessMemory()), pages: 1, in: task)
        world.stageLimit = 5_000
        let sweep = world.failingEachOnce(.read(area), in: task)
        #expect(!sweep.holds && sweep.isCutShort && sweep.count() == 1 && sweep.failures.count == 1)
        #expect(sweep.failures.first?.reason == "it does not end within World.stageLimit stages")
    }

    @Test("a property that does not hold somewhere is reported with the point and the story")
    func reported() throws {
        let cold = try Cold()
        let sweep = cold.world.failingEachOnce(.read(cold.area, page: 9), in: cold.task, [.read]) { story in
            story.world.resident(of: story.world.file(named: "log")).contains(0)
        }
        #expect(!sweep.holds && sweep.failures.count == 1)
        #expect(sweep.failures.first?.story.world.resident(of: FileID(0)) == [9], "page 9 is read again, alone")
        let text = printed { #expect(sweep.holds) }
        #expect(text.contains("fails at 1 of 1 point: 0 allocations, 1 read, 0 signals"), "\(text)")
        #expect(text.contains("the read of 32 pages of log from page 0 fails: the property does not hold"), "\(text)")
        #expect(text.contains("reader: read page"), "\(text)")
    }

    @Test("an operation that never ends after a failure is found, with its wait chain")
    func hangs() throws {
        var world = try World(.linux6_1)
        let task = world.task("reader")
        let area = try world.map(world.register(FragileMemory(device: world.disk)), pages: 1, in: task)
        let sweep = world.failingEachOnce(.read(area), in: task, [.signal])
        #expect(!sweep.holds)
        #expect("\(sweep)".contains("it never ends: reader waits for channel 7"))
    }

    @Test("every allocation of a store of 3 pages fails in turn: there are as many as pages, and a table")
    func allocations() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 3, in: task)
        let sweep = world.failingEachOnce(.write(area, pages: 3), in: task, [.allocation])
        #expect(sweep.holds, "\(sweep)")
        #expect(sweep.count(.anonymousPage) == 3 && sweep.count(.anonVMA) == 1)
        #expect(sweep.points.first { if case .allocation(.anonymousPage, 3) = $0 { true } else { false } } != nil)
    }

    @Test("reads from swap fail, too")
    func swapRead() throws {
        var world = try World(.linux6_1)
        let disk = try world.addSwap(pages: 64, held: false)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.evictSwapCache()
        world.machine.hold(disk)
        let sweep = world.failingEachOnce(.read(area), in: task, [.read]) { $0.story(of: task).succeeded }
        #expect(sweep.points == [.swapRead(slot: 1), .swapRead(slot: 2)], "page 0, and readahead of page 1")
        #expect(sweep.failures.map(\.point) == [.swapRead(slot: 1)])
        #expect(sweep.failures.first?.story.story(of: task).ended(by: .bus(.noSuchAddress)) == true, "\(sweep)")
    }

    @Test("too many points are no success, and neither is none")
    func limits() throws {
        let cold = try Cold()
        let cut = cold.world.failingEachOnce(.read(cold.area, page: 9), in: cold.task, limit: 3)
        #expect(!cut.holds && cut.isCutShort && cut.count() == 3 && "\(cut)".contains("there are more"))
        let none = cold.world.failingEachOnce(.sleep(.milliseconds(1)), in: cold.task, [.read])
        #expect(!none.holds && "\(none)" == "there was no point at which anything could fail")
    }

    @Test("the same under every released kernel", arguments: Kernels.released)
    func kernels(_ kernel: KernelModel) throws {
        let cold = try Cold(kernel)
        let sweep = cold.world.failingEachOnce(.read(cold.area, page: 9), in: cold.task)
        #expect(sweep.holds, "\(sweep)")
    }
}
