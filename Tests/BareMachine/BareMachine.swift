package import FaultCore

/// A machine with one process, and without the umbrella's `World`: for tests of one module, which plug in what they need.
///
/// Runs go through this type. A run has a limit of stages. It checks laws about events as they happen, and all laws
/// about states when it stops. A broken law, or a run that does not end, is told to the function that the machine was
/// made with.
package struct BareMachine {
    /// How many stages a run has at most, unless the test gives another limit.
    package static var mostStages: Int { 20_000 }

    package var machine: Machine
    /// The task that operations run in, unless the test names another.
    package let task: TaskID
    /// The memory map of ``task``.
    package let map: MapID
    /// Laws about states that runs leave out, because the test breaks them itself.
    package var lawsLeftOut: [Law] = []
    /// Where the next area goes that has no fixed place.
    var nextArea = PageNumber(0x1_0000)
    /// Whether a run has reached its limit. Nothing runs after that.
    private var isStuck = false
    private let fail: @Sendable (String) -> Void

    /// Makes a machine of these parts, with one process.
    ///
    /// - Parameters:
    ///   - isChecking: Whether laws are checked and attempts recorded; without, faults may be handled at once.
    ///   - fail: Is called with each broken law, and with each run that does not end.
    package init(
        _ configuration: MachineConfiguration, isChecking: Bool = true,
        failing fail: @escaping @Sendable (String) -> Void
    ) {
        machine = Machine(configuration)
        machine.isChecking = isChecking
        machine.recordsAttempts = isChecking
        task = machine.addTask()
        map = machine.map(of: task)
        self.fail = fail
    }

    /// Starts an operation, unless an earlier one has not come to its end within the limit.
    package mutating func start(_ operation: TaskOperation, in other: TaskID? = nil) {
        if !isStuck { machine.start(operation, in: other ?? task) }
    }

    /// Starts an operation, and runs until nothing happens by itself any more.
    @discardableResult
    package mutating func run(_ operation: TaskOperation, in other: TaskID? = nil) -> OperationReport {
        start(operation, in: other)
        run()
        return machine.report(of: other ?? task)
    }

    /// Runs until nothing happens by itself any more, or until `stop`.
    ///
    /// - Parameter limit: How many stages to run, for a test that stops there; otherwise to reach ``mostStages`` is a
    ///   failure.
    @discardableResult
    package mutating func run(until stop: StopCondition = .idle, limit: Int? = nil) -> StopReason {
        if isStuck { return StopReason(.limitReached) }
        let reason = machine.run(until: stop, limit: limit ?? Self.mostStages)
        check(reason, mayReachLimit: limit != nil)
        return reason
    }

    /// Starts an operation, and runs to its end: every read that a task waits for on a channel ends.
    @discardableResult
    package mutating func finish(_ operation: TaskOperation, in other: TaskID? = nil) -> OperationReport {
        start(operation, in: other)
        return goOn(other)
    }

    /// Runs what is under way to its end, as ``finish(_:in:)`` does.
    package mutating func goOn(_ other: TaskID? = nil) -> OperationReport {
        if isStuck { return machine.report(of: other ?? task) }
        var left = Self.mostStages
        var reason = machine.run(until: .idle, left: &left)
        while reason == .blocked, wakeChannels() { reason = machine.run(until: .idle, left: &left) }
        if reason == .blocked { fail("the operation does not end: \(reason)") }
        check(reason)
        return machine.report(of: other ?? task)
    }

    /// Does stages of one task, whatever the other tasks do, as long as it can run and `condition` holds.
    package mutating func step(_ other: TaskID? = nil, while condition: (Machine) -> Bool = { _ in true }) {
        if isStuck { return }
        for _ in 0..<Self.mostStages {
            guard condition(machine), machine.step(other ?? task) else { return }
        }
        isStuck = true
        fail("\(other ?? task) has not come to an end: \(machine.backtrace(of: other ?? task))")
    }

    /// Wakes the tasks that wait on channels.
    ///
    /// - Returns: Whether there were any.
    private mutating func wakeChannels() -> Bool {
        let waits = (0..<machine.taskCount).compactMap { machine.wait(of: TaskID($0)) }.filter { $0.kind == .channel }
        for wait in waits { machine.wake(channel: wait.value) }
        return !waits.isEmpty
    }

    private mutating func check(_ reason: StopReason, mayReachLimit: Bool = false) {
        if reason.nextTask != nil, !mayReachLimit {
            isStuck = true
            fail("the run does not end: \(machine.tellingEvents(reason))")
        } else if !reason.violations.isEmpty {
            fail("\(reason)")
        }
        guard machine.isChecking else { return }
        for violation in machine.checkInvariants() where !lawsLeftOut.contains(violation.law) { fail("\(violation)") }
    }
}
