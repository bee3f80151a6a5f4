import FaultSimulator

/// The world in which an ``AccountingExample`` runs.
struct AccountingStage {
    var world: World
    private var swap: DeviceID?

    init(_ model: KernelModel, faultAroundPages: Int? = nil) throws {
        var settings = MachineSettings()
        if let faultAroundPages { settings.faultAroundPages = faultAroundPages }
        world = try World(model, settings: settings)
    }

    mutating func addSwap(isSynchronous: Bool) throws {
        swap = try world.addSwap(pages: 16, isSynchronous: isSynchronous)
    }

    /// Completes requests of devices until none is left.
    mutating func settle() {
        repeat { world.run() } while finishRequests() > 0
    }

    private mutating func finishRequests() -> Int {
        world.machine.finishHeld(on: world.disk) + (swap.map { world.machine.finishHeld(on: $0) } ?? 0)
    }

    /// Lets `task` do `operation`, and counts up to the end of the access.
    ///
    /// - Parameter signal: Sent when the task sleeps for the first time.
    mutating func play(_ operation: TaskOperation, in task: TaskID, sending signal: TaskSignal?) throws
        -> AccountingPlay
    {
        world.start(operation, in: task)
        let before = world.machine.events
        var last = world.machine.counters(of: task)
        let start = last
        var hasSent = signal == nil
        var holdsLock: Bool?
        var finished = 0
        // A dying task takes further locks. So only what was counted before that is used.
        while true {
            let reason = world.run(until: .predicate { Self.isOver(task, $0) })
            if let violation = reason.violations.first { throw WorldError.brokenContract(violation) }
            last = world.machine.counters(of: task)
            if Self.isOver(task, world.machine) { break }
            if holdsLock == nil { holdsLock = !world.mmapLock(of: task).isFree }
            if !hasSent, let signal {
                hasSent = true
                world.machine.send(signal, to: task)
            } else {
                let count = finishRequests()
                if count == 0 { throw WorldError.waiting("\(reason)") }
                finished += count
            }
        }
        let counted = last - start
        return AccountingPlay(
            counts: AccountingCounts(
                counted.minorFaults, counted.majorFaults, world.machine.events.pgfault - before.pgfault,
                counted.pgmajfault, counted.mmapReadLocks), holdsLockOverWait: holdsLock,
            endsWithoutDevice: finished == 0)
    }

    /// Whether the task has ended its access, or begun to die.
    private static func isOver(_ task: TaskID, _ machine: Machine) -> Bool {
        !machine.isBusy(task) || machine.isIn(.exit, task)
    }
}
