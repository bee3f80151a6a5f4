/// Sleeping, waking, signals.
extension Machine {
    /// Whether a wait is not over yet.
    func isPending(_ wait: TaskWait, of task: TaskID) -> Bool {
        if wait.isForFolio { require(wait.frame, "RoutineStep.sleep") }
        return switch wait.kind {
        case .none: false
        case .folio: frames[wait.frame].flags.contains(.locked)
        case .writeback: frames[wait.frame].flags.contains(.writeback)
        case .lock:
            semaphore(LockName(rawValue: UInt32(truncatingIfNeeded: wait.value))).isQueued(task)
        case .timer, .submission, .dirtyThrottle: clock < wait.value
        case .request: scheduler.requests.request(RequestID(rawValue: wait.value)) != nil
        case .channel: true
        case .areaReaders: maps[Int(wait.value)].areaLocks.isAwaited
        case .userfault, .spin: isQueued(task, on: descriptor(of: wait))
        case .userfaultEvent: isEventQueued(task, on: descriptor(of: wait))
        case .userfaultMessage: descriptor(of: wait) != .none
        case .memory:
            (hasGroup ? !canCharge : frames.inUse >= settings.frameLimit) && isVictimDying && clock < wait.value
        }
    }

    /// The descriptor for which a task waits. Ends the process if there is none with this number.
    private func descriptor(of wait: TaskWait) -> UserfaultID {
        UserfaultID(index(of: UserfaultID(Int(wait.value)), "RoutineStep.sleep"))
    }

    /// Puts a task to sleep. The task must have a stage to continue at.
    mutating func park(_ task: TaskID, _ wait: TaskWait) {
        if recorder.notesWrites { noteParking(of: task, wait) }
        if wait.isForFolio { setFlags(of: wait.frame, adding: .waiters) }
        if wait.isTimed { scheduler.timers += 1 }
        if wait.kind == .spin { scheduler.spinners += 1 } else { wakeSpinners() }
        tasks[task.index].status = .sleeping
        tasks[task.index].wait = wait
        tasks[task.index].sleepingSince = clock
        tasks[task.index].sleepOrder = scheduler.nextSleep
        scheduler.nextSleep += 1
        if indexesSleepers { noteInIndex(task, wait) }
        record(.slept, task, UInt64(wait.kind.rawValue), wait.value)
        if recorder.recordsTimeline { noteSleep(of: tasks[task.index]) }
        if recorder.isChecking { checkSleep(task, wait) }
        if recorder.recordsWaits { noteSleep(of: task) }
    }

    /// Wakes a task that sleeps: it goes to the end of the run queue.
    package mutating func wake(_ task: TaskID) {
        scheduler.tasksLookedAt.insert(task)
        guard tasks[task.index].status == .sleeping else { return }
        noteWrite(.task(task))
        if tasks[task.index].wait.isTimed { scheduler.timers -= 1 }
        if scheduler.sleepers != nil { scheduler.sleepers!.value.remove(task, tasks[task.index].wait) }
        if tasks[task.index].wait.kind == .spin { scheduler.spinners -= 1 }
        if recorder.recordsWaits { noteWakeUp(of: task) }
        if recorder.recordsTimeline { noteWaker(of: task) }
        tasks[task.index].status = .runnable
        tasks[task.index].wait = .none
        tasks[task.index].readyAt = max(clock, tasks[task.index].readyAt)
        scheduler.enqueue(task)
        if hasGroup { noteProcessorChange(to: task) }
        record(.woken, task)
    }

    /// Wakes the tasks that spin, because another task has done something.
    @inline(__always)
    mutating func wakeSpinners() {
        if scheduler.spinners > 0 { wakeAll(.spin) }
    }

    /// Wakes the tasks that sleep on ``TaskWait/channel(_:_:)`` with this channel, in the order of falling asleep.
    public mutating func wake(channel: UInt64) {
        wakeAll(.channel(channel))
    }

    /// Wakes the tasks that sleep until a page is unlocked, or until its writeback is over, in the order of falling
    /// asleep. Of the tasks that want to lock the page, only the first is woken: it wakes the next when it unlocks the
    /// page (`folio_wake_bit()`).
    package mutating func wakeWaiters(on folio: FrameNumber, _ kind: TaskWait.Kind) {
        guard frames[folio].flags.contains(.waiters) else { return }
        scheduler.tasksLookedAt.insertSleepers(of: frames[folio])
        guard scheduler.sleepers == nil else { return wakeIndexedWaiters(on: folio, kind) }
        var sleepers: [(order: UInt64, task: TaskID, wait: TaskWait)] = []
        for index in tasks.indices where tasks[index].status == .sleeping {
            let wait = tasks[index].wait
            if wait.isForFolio, wait.frame == folio { sleepers.append((tasks[index].sleepOrder, TaskID(index), wait)) }
        }
        sleepers.sort { $0.order < $1.order }
        var left = sleepers.count
        for sleeper in sleepers where sleeper.wait.kind == kind {
            wake(sleeper.task)
            left -= 1
            if sleeper.wait.isForFolioLock || mistaken(.unlockWakesOneOfAll) { break }
        }
        if left == 0 { setFlags(of: folio, removing: .waiters) }
    }

    /// Wakes all tasks that sleep for this cause, in the order of falling asleep.
    mutating func wakeAll(_ cause: SleepCause) {
        scheduler.tasksLookedAt.insertEveryTask()
        guard scheduler.sleepers == nil else {
            for task in scheduler.sleepers!.value.sleepers(for: cause) { wake(task) }
            return
        }
        wakeSleepers { cause.isOf($0) }
    }

    /// Wakes all tasks whose time has come, in the order of falling asleep.
    mutating func wakeDue() {
        scheduler.tasksLookedAt.insertEveryTask()
        let now = clock
        guard scheduler.sleepers == nil else {
            let due = scheduler.sleepers!.value.due(at: now)
            for task in due.sorted(by: { tasks[$0.index].sleepOrder < tasks[$1.index].sleepOrder }) { wake(task) }
            return
        }
        wakeSleepers { $0.isTimed && $0.value <= now }
    }

    private mutating func wakeSleepers(_ isMeant: (TaskWait) -> Bool) {
        var sleepers: [(UInt64, TaskID)] = []
        for index in tasks.indices where tasks[index].status == .sleeping && isMeant(tasks[index].wait) {
            sleepers.append((tasks[index].sleepOrder, TaskID(index)))
        }
        sleepers.sort { $0.0 < $1.0 }
        for (_, task) in sleepers { wake(task) }
    }

    /// Sends a signal. If the mode of the task's sleep allows it, the signal ends the sleep. SIGKILL is acted on when
    /// the task next returns to user mode.
    ///
    /// SIGUSR1 stands for all signals with a handler. SIGSEGV and SIGBUS can't be sent: they come from faults.
    public mutating func send(_ signal: TaskSignal, to task: TaskID) {
        scheduler.tasksLookedAt.insertEveryTask()
        guard tasks[index(of: task, "Machine.send")].status != .exited else { return }
        record(.signalSent, task)
        noteWrite(.task(task))
        switch signal {
        case .kill: tasks[task.index].pendingSignals.insert(.kill)
        case .user1: tasks[task.index].pendingSignals.insert(.user1)
        case .segv, .bus: misuse("Machine.send: \(signal) comes from a fault, and can't be sent")
        }
        interruptSleep(of: task)
        guard tasks[task.index].status == .idle else { return }
        if signal == .kill {
            begin(ExitRoutine.exiting, of: task, as: .exit)
        } else {
            handleSignals(of: task)  // it is in user mode, or sleeps where every signal ends the sleep
        }
    }

    /// Ends the sleep of a task if a pending signal may end it.
    private mutating func interruptSleep(of task: TaskID) {
        guard tasks[task.index].status == .sleeping, isInterrupted(tasks[task.index].wait.mode, task) else { return }
        let wait = tasks[task.index].wait
        let top = tasks[task.index].stack.count - 1
        tasks[task.index].stack[top].resumed = .interrupted
        if wait.kind == .lock {
            let lock = LockName(rawValue: UInt32(truncatingIfNeeded: wait.value))
            if !mistaken(.killedWaiterStaysQueued) { leaveQueue(of: lock, task) }
        }
        wake(task)
    }

    /// Whether a pending signal ends a sleep of this mode.
    func isInterrupted(_ mode: TaskWait.Mode, _ task: TaskID) -> Bool {
        switch mode {
        case .uninterruptible: false
        case .killable: hasFatalSignal(task)
        case .interruptible: hasSignal(task)
        }
    }

    /// Whether a fatal signal is pending: `fatal_signal_pending()`.
    public func hasFatalSignal(_ task: TaskID) -> Bool { tasks[index(of: task)].pendingSignals.contains(.kill) }

    /// Whether any signal is pending: `signal_pending()`.
    public func hasSignal(_ task: TaskID) -> Bool { !tasks[index(of: task)].pendingSignals.isEmpty }

    /// Forces a signal on a task because of a fault: `force_sig_fault()`. The operation ends with it.
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - task: The task.
    ///   - detail: What the program is told besides the signal's code.
    public mutating func forceSignal(_ signal: TaskSignal, on task: TaskID, _ detail: SignalDetail? = nil) {
        tasks[index(of: task)].outcome.signal = signal
        tasks[task.index].signalDetail = detail
        record(.signalForced, task)
    }

    /// Runs the handler of a pending SIGUSR1, on the way back to user mode.
    mutating func handleSignals(of task: TaskID) {
        guard tasks[task.index].pendingSignals.contains(.user1) else { return }
        noteWrite(.task(task))
        tasks[task.index].pendingSignals.remove(.user1)
        countHandledSignal(of: task)
    }
}
