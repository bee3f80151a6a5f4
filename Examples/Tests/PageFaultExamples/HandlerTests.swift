import FaultSimulator
import Testing

/// Memory whose pages come from a slow device: a handler of one's own.
///
/// The first attempt asks the device and drops the lock while it waits; the second finds the page there.
struct RemoteMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case ask, arrived }

    let device: DeviceID
    var name: StaticName { "remote memory" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .ask:
            if fault.flags.contains(.tried) { return .next(.arrived) }
            let request = machine.submit(IORequest(.direct, on: device, by: fault.task))
            machine.dropFaultLock(of: &fault, for: .handler)
            return .sleep(.request(request, .killable), then: .arrived)
        case .arrived:
            if fault.lockDropped { return .done(.retry) }
            return .done(machine.giveNewPage(stamp: 42, to: &fault) ? [] : .oom)
        }
    }
}

/// Memory that counts the faults on each of its areas.
///
/// The counts lie in the machine, not in the handler: each area has its own, and each fork of a world.
struct CountingMemory: VMOperations {
    struct AreaState: PluginState {
        var faults: UInt32 = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("faults", faults) }
    }

    var name: StaticName { "counting memory" }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        var state = machine.areaState(of: fault, as: Self.self)
        state.faults += 1
        machine.setAreaState(state, of: fault, as: Self.self)
        return .done(machine.giveNewPage(stamp: state.faults, to: &fault) ? [] : .oom)
    }
}

/// A handler that breaks the contract: it returns RETRY with the lock held.
struct BrokenMemory: VMOperations {
    var name: StaticName { "broken memory" }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        .done(fault.flags.contains(.tried) ? .sigbus : .retry)
    }
}

/// A handler that takes an inode lock with the mmap lock held: the wrong way round.
struct LockingMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case lock, locked }

    let file: FileID
    var name: StaticName { "locking memory" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .lock: return .call(machine.taking(.inode(file), .write), then: .locked)
        case .locked:
            machine.unlock(.inode(file), by: fault.task)
            return .done(machine.giveNewPage(stamp: 7, to: &fault) ? [] : .oom)
        }
    }
}

@Suite("Handlers of one's own", .timeLimit(.minutes(60)))
struct HandlerTests {
    @Test("a handler that sleeps without the lock is asked again with TRIED")
    func retries() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(RemoteMemory(device: world.disk)), pages: 4, in: task)

        world.start(.read(area, page: 2), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree)
        world.completeReads()
        #expect(world.run() == .finished)

        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [.retry, []])
        #expect(report.attempts.last?.flags.contains(.tried) == true)
        #expect(report.outcome.stamp == 42)
    }

    @Test("its area may be unmapped while it sleeps: the retry finds nothing there")
    func survivesMunmap() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(RemoteMemory(device: world.disk)), pages: 4, in: task)
        world.start(.read(area, page: 2), in: task)
        #expect(world.run() == .blocked)

        let other = world.thread(of: task)
        world.start(.munmap(area), in: other)
        _ = world.run()
        #expect(world.report(of: other).isDone)

        world.completeReads()
        #expect(world.run() == .finished)
        #expect(world.report(of: task).signal == .segv(.notMapped))
    }

    @Test("what a handler remembers of an area goes its own way in each fork of a world")
    func remembers() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(CountingMemory()), pages: 4, in: task)
        try world.perform(.read(area), in: task)

        var branch = world
        try branch.perform(.read(area, page: 1), in: task)
        func faults(_ world: World) -> UInt32? {
            world.machine.areaState(at: area[0], in: area.map, as: CountingMemory.self)?.faults
        }
        #expect(faults(world) == 1 && faults(branch) == 2)
        #expect(world.machine != branch.machine)
    }

    @Test("a run stops at a stage of a handler")
    func stopsAtStage() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(RemoteMemory(device: world.disk)), pages: 4, in: task)
        world.start(.read(area), in: task)
        _ = world.run()
        world.completeReads()
        #expect(world.run(until: .stage(task, of: RemoteMemory.self, .arrived)) == .conditionMet)
        #expect(world.machine.backtrace(of: task).last == "handlerFault.arrived")
    }

    @Test("a handler that returns RETRY with the lock held is reported, with the events that led there")
    func brokenContract() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(BrokenMemory()), pages: 1, in: task)
        world.start(.read(area), in: task)

        let violation = try #require(world.run().violations.first)
        #expect(violation.law == .faultLockReleasedOnce && violation.task == task)
        #expect(violation.message.contains("broken memory.fault returned RETRY with the fault lock held"))
        #expect(violation.history.contains { $0.kind == .attemptStarted })
    }

    @Test("locks taken the wrong way round end in a deadlock, and the run tells who waits for whom")
    func deadlock() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4, resident: .all)
        let writer = world.task()
        let handler = world.register(LockingMemory(file: file))
        let locking = try world.map(handler, pages: 1, in: writer)
        let source = try world.map(world.register(RemoteMemory(device: world.disk)), pages: 1, in: writer)
        let faulter = world.thread(of: writer)
        let mapper = world.thread(of: writer)

        world.start(.write(file, from: source), in: writer)  // holds the inode lock; its copy waits for the device
        _ = world.run(until: .asleep(writer))
        world.start(.read(locking), in: faulter)  // holds the mmap lock; its handler waits for the inode lock
        _ = world.run(until: .asleep(faulter))
        world.start(.munmap(source), in: mapper)  // waits for the mmap lock, so that no reader gets it any more
        _ = world.run()
        world.completeReads()

        let stop = world.run()
        #expect(stop.isDeadlock)
        #expect(stop.violations.first?.law == .lockOrder)
        let chain = WaitLink.chain(of: stop.waits)
        #expect(chain.contains("task 1 waits for the inode lock of file 0 (write), behind task 0"))
        #expect(chain.contains("task 0 waits for the mmap lock of map 0 (read), behind task 2"))
    }
}
