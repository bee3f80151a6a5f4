/// Driving a machine: somebody else chooses who runs next, which request a device finishes, which timer expires.
///
/// Untimed: what is chosen happens now. No task stands in a run queue or has a processor.
extension Machine {
    /// From now on a driver chooses each next stage, and every stage is run as one.
    package mutating func drive() {
        usesShortcuts = false
        tasks.forgetDigests()
        scheduler.drive()
    }

    /// The machine as who observes it knows it: one that gives turns itself.
    package var notDriven: Machine {
        var machine = self
        machine.scheduler.stopDriving(tasks.filter { $0.status == .runnable }.map(\.id))
        return machine
    }

    /// The numbers of all tasks, the exited ones too.
    package var taskIndices: Range<Int> { tasks.indices }

    /// Whether the task of this number can do a stage.
    package func isRunnable(_ index: Int) -> Bool { tasks[index].status == .runnable }

    /// Whether somebody chooses who runs, and no time passes.
    package var isDriven: Bool { scheduler.isDriven }

    /// For how long a task has slept that sleeps, or did last, up to now, in virtual nanoseconds.
    package func timeAsleep(of task: TaskID) -> UInt64 { clock - tasks[task.index].sleepingSince }

    /// Whether a task sleeps.
    package func isSleeping(_ task: TaskID) -> Bool { tasks[task.index].status == .sleeping }

    /// Whether a task has nothing to do.
    package func isIdle(_ task: TaskID) -> Bool { tasks[task.index].status == .idle }

    /// Whether an operation of a task is under way.
    package func hasOperation(_ task: TaskID) -> Bool { tasks[task.index].hasOperation }

    /// Whether any task sleeps until a time.
    package var hasTimers: Bool { scheduler.timers > 0 }

    /// Whether the time may come that a task sleeps until.
    package func canExpire(_ task: TaskID) -> Bool {
        tasks[task.index].status == .sleeping && tasks[task.index].wait.isTimed && tasks[task.index].wait.value != .max
    }

    /// Lets the time come that a task sleeps until.
    package mutating func expire(_ task: TaskID) {
        if tasks[task.index].wait.kind == .memory { makeVictimsOverdue() }
        wake(task)
    }

    /// Lets a task run until it sleeps or its operation ends, in a program the next of its operations too.
    ///
    /// - Returns: Whether it came to that within `limit` stages.
    package mutating func runUntilSleep(_ task: TaskID, limit: Int) -> Bool {
        let operation = tasks[task.index].programCounter
        var left = limit
        while tasks[task.index].hasOperation, tasks[task.index].programCounter == operation, step(task) {
            left -= 1
            if left <= 0, tasks[task.index].status == .runnable { return false }
        }
        return true
    }

    /// The next stage of a task as a number: the routine, which of several it is, and the stage.
    package func nextStageNumber(of task: TaskID) -> UInt64 {
        guard let next = tasks[task.index].stack.last else { return 0 }
        return StageKey(next).word << 8 | UInt64(next.stageNumber)
    }

    /// What a task is by itself, whatever its number, as a number that is the same for tasks that are alike.
    package func ownNumber(of task: TaskID) -> UInt64 {
        var hash = HashSink()
        addTask(task.index, to: &hash, isTimed: false)
        return hash.value
    }

    /// How many operations of its program a task has begun.
    package func operationsBegun(by task: TaskID) -> Int { tasks[task.index].programCounter }

    /// The operation of a task that is under way, or was last.
    package func lastOperation(of task: TaskID) -> TaskOperation { tasks[task.index].operation }

    /// Whether nobody has a lock for writing, and nobody waits for it.
    package func isWithoutWriter(_ lock: LockName) -> Bool {
        guard exists(lock) else { return false }
        let semaphore = semaphore(lock)
        return semaphore.writer == .none && semaphore.queue.isEmpty
    }

    /// Whether nobody waits for the readers of an area of a map.
    package func isWithoutAreaWriter(_ map: MapID) -> Bool { !maps[map.index].areaLocks.isAwaited }

    /// How many requests devices have under way.
    package var requestCount: Int { scheduler.requests.count }

    /// Whether the request of this number is held on its device.
    package func isHeld(request number: Int) -> Bool { scheduler.requests.inOrder[number].completes == .max }

    /// Lets a device finish the request of this number.
    package mutating func finishRequest(_ number: Int) { finish(scheduler.requests.inOrder[number].id) }

    /// Whether a stage has looked at what other tasks do since this was last set to false.
    package var hasLookedAround: Bool {
        get { scheduler.hasLookedAround }
        set { scheduler.hasLookedAround = newValue }
    }

    /// So many violations are kept at most.
    package static var mostViolations: Int { Recorder.mostViolations }
}
