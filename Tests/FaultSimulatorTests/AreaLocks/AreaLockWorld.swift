import FaultSimulator

/// A handler whose fault sleeps until the test wakes it, with the fault lock held, and then gives a page.
struct SleepyHandler: VMOperations {
    enum Stage: UInt8, RoutineStage { case sleep, woken }

    /// What the test wakes.
    static let channel: UInt64 = 7

    /// Whether it has `map_pages`, without which no handler is called under an area's lock.
    var mapsPages = true
    var name: StaticName { StaticName("sleepy") }
    var provides: VMOperationSet { mapsPages ? .mapPages : [] }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        if stage == .sleep { return .sleep(.channel(Self.channel), then: .woken) }
        return .done(machine.giveNewPage(stamp: 5, to: &fault) ? [] : .oom)
    }
}

/// A process with an area whose faults sleep with their lock held, and threads.
struct AreaLockWorld {
    var world: World
    let first: TaskID
    let second: TaskID
    let third: TaskID
    let sleepy: Area

    init(_ model: KernelModel = .linux6_12, mapsPages: Bool = true) throws {
        world = try World(model)
        first = world.task()
        second = world.thread(of: first)
        third = world.thread(of: first)
        let handler = world.register(SleepyHandler(mapsPages: mapsPages))
        sleepy = try world.map(handler, pages: 8, in: first)
    }

    /// Lets a task begin, and everything run that can.
    @discardableResult
    mutating func begin(_ operation: TaskOperation, in task: TaskID) -> StopReason {
        world.start(operation, in: task)
        return world.run()
    }

    /// Wakes the handlers that sleep, and lets everything run.
    @discardableResult
    mutating func wake() -> StopReason {
        world.machine.wake(channel: SleepyHandler.channel)
        return world.run()
    }

    func isAsleep(_ task: TaskID) -> Bool { world.machine.wait(of: task) != nil }

    func cause(of task: TaskID) -> WaitLink.Cause? { world.machine.waitLinks.first { $0.task == task }?.cause }
}

/// What one access counted.
struct AccessCounts: Equatable, CustomStringConvertible {
    var minor: Int
    var major: Int
    var pgfault: Int
    var pgmajfault: Int
    var mmapReads: Int

    init(_ minor: Int, _ major: Int, _ pgfault: Int, _ pgmajfault: Int, _ mmapReads: Int) {
        self.minor = minor
        self.major = major
        self.pgfault = pgfault
        self.pgmajfault = pgmajfault
        self.mmapReads = mmapReads
    }

    init(_ report: OperationReport, _ now: MachineEvents, since before: MachineEvents) {
        self.init(
            report.counters.minorFaults, report.counters.majorFaults, now.pgfault - before.pgfault,
            now.pgmajfault - before.pgmajfault, report.counters.mmapReadLocks)
    }

    var description: String {
        "min \(minor), maj \(major), pgfault \(pgfault), pgmajfault \(pgmajfault), L \(mmapReads)"
    }
}

extension World {
    /// What `operation` counts from start to end. The reads that it waits for are finished on all disks.
    mutating func counts(of operation: TaskOperation, in task: TaskID) -> AccessCounts {
        let before = machine.events
        start(operation, in: task)
        var reason = run()
        while machine.isBusy(task), reason.violations.isEmpty {
            let requests = machine.requestsUnderWay
            guard !requests.isEmpty else { break }
            for request in requests { machine.finish(request.id) }
            reason = run()
        }
        return AccessCounts(report(of: task), machine.events, since: before)
    }
}
