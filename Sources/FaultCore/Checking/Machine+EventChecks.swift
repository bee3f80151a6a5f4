/// The laws about the order of events, checked as each event is recorded.
extension Machine {
    /// Checks an event against the laws.
    mutating func check(_ event: TraceEvent) {
        switch event.kind {
        case .stage: checkStage(event)
        case .exception: checkException(event)
        case .accounted: withException(of: event.task) { $0.counted += 1 }
        case .faultLockDropped: checkDrop(event.task)
        case .signalForced: checkRefusal(event.task)
        case .lockQueued:
            let lock = LockName(rawValue: UInt32(truncatingIfNeeded: event.a))
            let mode = LockMode(number: event.b)
            recorder.memory.arrivals.removeAll { $0.lock == lock && $0.task == event.task }
            recorder.memory.arrivals.append(.init(lock: lock, task: event.task, mode: mode))
        case .lockDowngraded: recorder.memory.downgrading = event.task
        case .lockTaken:
            checkGrant(event)
            withException(of: event.task) { $0.lookedAgain = true }
        case .attemptEnded: withException(of: event.task) { $0.lookedAgain = false }
        case .ioCompleted: noteInterference()  // a device changes pages, like another task
        case .operationStarted, .operationEnded:
            withException(of: event.task) { $0 = CheckerMemory.Exception() }
        case .attemptStarted, .ioSubmitted, .lockReleased, .folioLocked, .folioUnlocked, .slept, .woken,
            .areaLockTaken, .areaLockReleased, .signalSent, .allocationFailed, .violation:
            break
        }
    }

    /// Tells the checker that the machine was changed from outside, for example that a test evicted a page. Laws that
    /// hold only without interference are then not applied to the faults under way.
    package mutating func noteInterference() {
        if recorder.isChecking { recorder.memory.interference += 1 }
    }

    private mutating func withException(of task: TaskID, _ body: (inout CheckerMemory.Exception) -> Void) {
        guard task != .none else { return }
        recorder.memory.makeRoom(for: task)
        body(&recorder.memory.exceptionOf[task.index])
    }

    // MARK: Exceptions

    /// Handles a stage. A stage of another task is interference. The first stage after an entry ends an exception.
    private mutating func checkStage(_ event: TraceEvent) {
        if event.task != recorder.memory.lastTask {
            recorder.memory.lastTask = event.task
            recorder.memory.interference += 1
        }
        let isTouch =
            event.a == UInt64(RoutineNumber.touch.rawValue) || event.a == UInt64(RoutineNumber.userAccess.rawValue)
        guard isTouch, event.b == UInt64(TouchRoutine.Stage.exceptionHandled.rawValue) else { return }
        recorder.memory.makeRoom(for: event.task)
        guard recorder.memory.exceptionOf[event.task.index].isUnderWay else { return }
        checkExceptionEnd(event.task)
    }

    /// Law 32: an access that has just been let through takes no second exception.
    private mutating func checkException(_ event: TraceEvent) {
        let task = event.task
        recorder.memory.makeRoom(for: task)
        let last = recorder.memory.exceptionOf[task.index]
        if last.endedWell, !last.mayFaultAgain, last.page.rawValue == event.a, last.access == event.b,
            last.interference == recorder.memory.interference, !isRefusedNow(last, of: task)
        {
            report(.progress, task, "\(last.page) faults again, though the last fault returned \(last.result)")
        }
        var next = CheckerMemory.Exception()
        next.isUnderWay = true
        next.page = PageNumber(event.a)
        next.access = event.b
        next.interference = recorder.memory.interference
        next.structure = structuralHash
        next.nodes = tables.nodesInUse
        let map = tasks[task.index].map
        next.areas = map == .none ? 0 : maps[map.index].areas.sequence
        recorder.memory.exceptionOf[task.index] = next
    }

    /// Whether an access that is refused as soon as its page is mapped has its page now.
    private func isRefusedNow(_ last: CheckerMemory.Exception, of task: TaskID) -> Bool {
        let map = tasks[task.index].map
        return last.isRefusedOnceMapped && map != .none && entry(of: last.page, in: map).translates
    }

    /// Laws 25 to 27 and 34: checks how an exception ends, and how often it counts.
    private mutating func checkExceptionEnd(_ task: TaskID) {
        let exception = recorder.memory.exceptionOf[task.index]
        let succeeded = exception.attempts > 0 && !exception.result.isError && !exception.result.contains(.retry)
        if exception.counted != exception.expectedCounts || exception.counted > 1 {
            report(
                .accountedOnce, task,
                "a fault that ended with \(exception.attempts == 0 ? "a refusal" : exception.result.description) "
                    + "counts \(exception.counted) times")
        }
        // The next attempt may have been refused, because another task unmapped or protected the area meanwhile.
        let isLastWord = exception.attempts > 0 && !exception.lookedAgain && !exception.neverWaits
        if isLastWord, exception.result.contains(.retry), !hasSignal(task), model.faultRetry != .inUserMode {
            report(.progress, task, "an exception ends with RETRY, and no signal is pending")
        }
        if !heldLocks(of: task).filter({ $0.lock == .mmap(tasks[task.index].map) }).isEmpty {
            report(.faultLockReleasedOnce, task, "an exception ends with the mmap lock held")
        } else if readsArea(of: tasks[task.index].map, task) {
            report(.faultLockReleasedOnce, task, "an exception ends with the lock of an area held")
        }
        withException(of: task) {
            $0.isUnderWay = false
            $0.endedWell = succeeded
        }
    }

    /// Laws 4 and 5: at most one voluntary drop in a fault.
    private mutating func checkDrop(_ task: TaskID) {
        withException(of: task) { $0.drops += 1 }
        guard task != .none, recorder.memory.exceptionOf[task.index].isUnderWay,
            !recorder.memory.exceptionOf[task.index].dropsFreely
        else { return }
        // An area's lock and the mmap lock after it may each be dropped once.
        let hadAreaLock = recorder.memory.exceptionOf[task.index].hadAreaLock
        let most = hadAreaLock ? (model.areaRetry == .areaLock ? 3 : 2) : 1
        if recorder.memory.exceptionOf[task.index].drops == most + 1, !hasFatalSignal(task) {
            report(.voluntaryDrop, task, "the fault lock is dropped once too often in one exception")
        }
    }

    /// Law 36: an access that is refused before any attempt has changed nothing.
    private mutating func checkRefusal(_ task: TaskID) {
        recorder.memory.makeRoom(for: task)
        let exception = recorder.memory.exceptionOf[task.index]
        guard exception.isUnderWay, exception.attempts == 0, case .segv? = tasks[task.index].outcome.signal,
            exception.interference == recorder.memory.interference, tasks[task.index].map != .none
        else { return }
        // A stack may grow before its new page is refused, and gets its anon_vma even if the growth is then refused. So
        // the areas may have changed, but the tables must not.
        let map = tasks[task.index].map
        let mayHaveGrown = area(endingAfter: exception.page, in: map)?.flags.contains(.growsDown) == true
        let hasNewAreas = maps[map.index].areas.sequence != exception.areas || mayHaveGrown
        if tables.nodesInUse != exception.nodes || !hasNewAreas && structuralHash != exception.structure {
            report(.refusalChangesNothing, task, "an access to \(exception.page) is refused, but has changed memory")
        }
    }

    // MARK: Locks

    /// Law 10: no task gets a lock before a writer that came earlier. There are two exceptions: readers that are woken
    /// together with the reader at the head, and a task that steals a free lock from a writer that is woken for it.
    /// This may happen to a writer once: from then on it is next.
    private mutating func checkGrant(_ event: TraceEvent) {
        let lock = LockName(rawValue: UInt32(truncatingIfNeeded: event.a))
        let mode = LockMode(number: event.b)
        if recorder.memory.downgrading == event.task {
            recorder.memory.downgrading = .none
            return
        }
        guard !recorder.memory.arrivals.isEmpty else { return }
        let queue = semaphore(lock).queue
        let waiters = recorder.memory.arrivals.filter { $0.lock == lock }
        let place = waiters.firstIndex { $0.task == event.task }
        // A task that has left the queue otherwise, because a signal ended its wait, is not overtaken.
        let before = waiters[..<(place ?? waiters.count)].filter { waiter in queue.contains { $0.task == waiter.task } }
        let overtaken = before.first { $0.mode == .write }
        recorder.memory.arrivals.removeAll { $0.lock == lock && $0.task == event.task }
        if place != nil, before.isEmpty { recorder.memory.batch = mode == .read ? lock : .none }
        guard let overtaken else { return }
        let isBatch = mode == .read && place != nil && recorder.memory.batch == lock
        if isBatch, model.lockWake == .allQueuedReaders { return }
        let wasFree = mode == .write || semaphore(lock).readers == 1
        if place == nil, wasFree, model.lockHandover == .takenWhenRunning, queue.first?.isOwed == false { return }
        report(.lockFairness, event.task, "gets the \(lock) before \(overtaken.task), which came first")
    }

    // MARK: Readahead

    /// Tells the checker that readahead begins or ends a submission, within one stage.
    package mutating func noteSubmission() {
        if recorder.isChecking { recorder.memory.marks = 0 }
    }

    /// Law 24: notes a page that enters the page cache with the mark; a fault that reaches it starts the next window.
    @inline(never)
    mutating func noteMark(by task: TaskID) {
        recorder.memory.marks += 1
        if recorder.memory.marks == 2 { report(.readaheadMark, task, "marks a second page of one submission") }
    }
}
