/// Driving a machine: a driver chooses which task runs next, which request a device finishes, and which timer expires.
///
/// A driven machine is untimed: what is chosen happens now. No task is in a run queue or has a processor.
extension Machine {
    /// Makes a driver choose each next stage from now on; no shortcut does several stages at once.
    package mutating func drive() {
        usesShortcuts = false
        tasks.forgetDigests()
        scheduler.drive()
    }

    /// A copy of the machine that is not driven: it schedules its tasks itself.
    package var notDriven: Machine {
        var machine = self
        machine.scheduler.stopDriving(tasks.filter { $0.status == .runnable }.map(\.id))
        return machine
    }

    /// The numbers of all tasks, including those that have ended.
    package var taskIndices: Range<Int> { tasks.indices }

    /// Whether the task of this number can do a stage.
    package func isRunnable(_ index: Int) -> Bool { tasks[index].status == .runnable }

    /// Whether a driver chooses which task runs, and no time passes.
    package var isDriven: Bool { scheduler.isDriven }

    /// The time since a task last fell asleep, in virtual nanoseconds.
    package func timeAsleep(of task: TaskID) -> UInt64 { clock - tasks[task.index].sleepingSince }

    /// Whether a task sleeps.
    package func isSleeping(_ task: TaskID) -> Bool { tasks[task.index].status == .sleeping }

    /// Whether a task has nothing to do.
    package func isIdle(_ task: TaskID) -> Bool { tasks[task.index].status == .idle }

    /// Whether an operation of a task is under way.
    package func hasOperation(_ task: TaskID) -> Bool { tasks[task.index].hasOperation }

    /// Whether any task sleeps until a time.
    package var hasTimers: Bool { scheduler.timers > 0 }

    /// Whether a task sleeps until a time, which can be made to come.
    package func canExpire(_ task: TaskID) -> Bool {
        tasks[task.index].status == .sleeping && tasks[task.index].wait.isTimed && tasks[task.index].wait.value != .max
    }

    /// Ends the sleep of a task as if its time had come.
    package mutating func expire(_ task: TaskID) {
        if tasks[task.index].wait.kind == .memory { makeVictimsOverdue() }
        wake(task)
    }

    /// Runs a task until it sleeps, its operation ends, or its program begins the next operation.
    ///
    /// - Returns: Whether that happened within `limit` stages.
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

    /// A hash of what a task is by itself, apart from its number: the same for tasks that are alike.
    package func stateHash(of task: TaskID) -> UInt64 {
        var hash = HashSink()
        addTask(task.index, to: &hash, isTimed: false)
        return hash.value
    }

    /// How many operations of its program a task has begun.
    package func operationsBegun(by task: TaskID) -> Int { tasks[task.index].programCounter }

    /// The operation that a task has under way, and the rest of its list.
    package func operationsToDo(by task: TaskID) -> [TaskOperation] {
        let current = tasks[task.index].hasOperation ? [tasks[task.index].operation] : []
        guard tasks[task.index].program == .list else { return current }
        return current + programs.lists[task.index].operations.dropFirst(tasks[task.index].programCounter)
    }

    /// The operation that a task has under way or ended last.
    package func lastOperation(of task: TaskID) -> TaskOperation { tasks[task.index].operation }

    /// Whether no task has a lock for writing, and none waits for it.
    package func isWithoutWriter(_ lock: LockName) -> Bool {
        guard exists(lock) else { return false }
        let semaphore = semaphore(lock)
        return semaphore.writer == .none && semaphore.queue.isEmpty
    }

    /// Whether no writer waits for the readers of an area of a map.
    package func isWithoutAreaWriter(_ map: MapID) -> Bool { !maps[map.index].areaLocks.isAwaited }

    /// How many requests devices have under way.
    package var requestCount: Int { scheduler.requests.count }

    /// Whether the request of this number is held on its device.
    package func isHeld(request number: Int) -> Bool { scheduler.requests.inOrder[number].completes == .max }

    /// Makes a device finish the request with this number.
    package mutating func finishRequest(_ number: Int) { finish(scheduler.requests.inOrder[number].id) }

    /// What stages have looked at of other tasks since this was last set to nothing.
    package var tasksLookedAt: TasksLookedAt {
        get { scheduler.tasksLookedAt }
        set { scheduler.tasksLookedAt = newValue }
    }

    /// How many violations are kept at most.
    package static var mostViolations: Int { Recorder.mostViolations }
}
