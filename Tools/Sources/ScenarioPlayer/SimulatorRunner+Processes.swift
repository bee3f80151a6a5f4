import FaultSimulator
import ScenarioFormat

/// A process of a scenario.
struct PlayedProcess: Sendable {
    /// Its memory.
    var map: MapID
    /// Its areas.
    var areas: [String: PlayedArea] = [:]

    init(map: MapID) {
        self.map = map
    }
}

/// The ends of processes.
extension SimulatorRunner {
    /// Whether a thread of the process is left.
    func isAlive(_ process: Int) -> Bool {
        threads.contains { $0.process == process && !$0.isGone }
    }

    /// The process of the thread with this id, which must not have ended.
    func livingProcess(_ id: String?, _ line: Line) throws(PlayError) -> Int {
        let process = threads[try thread(id, line)].process
        guard isAlive(process) else { throw stuck(line, "the process of \"\(id ?? "")\" has ended") }
        return process
    }

    /// Ends the process of the line's thread, and returns that thread. Only a started exit may have to wait.
    mutating func exit(_ line: Line) throws(PlayError) -> Int {
        let doer = try idleThread(line.in, line)
        let process = threads[doer].process
        let task = threads[doer].task
        threads[doer].last = PlayedOperation(
            operation: line.operation, countersBefore: world.machine.counters(of: task))
        if line.start { threads[doer].lastStarted = threads[doer].last }
        world.start(.exit, in: task)
        for index in threads.indices where index != doer && threads[index].process == process && !threads[index].isGone
        {
            world.machine.send(.kill, to: threads[index].task)
        }
        try settle(line)
        guard line.start || threads[doer].isGone || turns?.isKnown == true else {
            throw stuck(
                line, "it does not end, and has no \"start\": \(WaitLink.chain(of: world.machine.waitLinks))")
        }
        return doer
    }

    /// Touches a page, and sends SIGKILL while the touch waits for the device.
    mutating func kill(
        _ line: Line, area id: String, page: Int, _ touch: KillingTouch
    ) throws(PlayError) -> Saw {
        let doer = try idleThread(line.in, line)
        let task = threads[doer].task
        let start = area(id, of: threads[doer].process).start
        let played = PlayedOperation(operation: line.operation, countersBefore: world.machine.counters(of: task))
        for disk in [firstDisk, secondDisk] { world.machine.hold(disk, reads: true, writes: false) }
        world.start(.touch(touch == .read ? .read : .write, start + page, pages: 1, stride: 1), in: task)
        threads[doer].last = played
        try settle(line)
        let touched = threads[doer].last?.ending
        send(.kill, to: doer)
        try settle(line)
        let counted = touched ?? progress(of: played, in: task)

        var saw = Saw()
        saw.diedWhileReading = threads[doer].isGone && !world.machine.requestsUnderWay.isEmpty
        for disk in [firstDisk, secondDisk] { world.machine.release(disk) }
        try settle(line)
        saw.faults = counted.counters.exceptions
        saw.attempts = counted.counters.attempts
        saw.vmaLockAttempts = areasHaveLocks ? counted.counters.areaLockAttempts : nil
        saw.returns = counted.returns.isEmpty ? nil : counted.returns
        saw.resident = residentPages()
        return saw
    }
}
