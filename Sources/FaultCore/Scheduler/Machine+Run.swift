/// Running: stages, processors, virtual time.
extension Machine {
    /// Runs until nothing more can happen by itself, or `stop` is reached.
    ///
    /// A stage takes effect at its start. The task's next stage may start when its cost has passed. Of what could
    /// happen next, the earliest happens. At equal times, devices and timers come first, then the processors by number.
    ///
    /// - Parameters:
    ///   - stop: When to stop early. The stage that fulfils the condition has run, unless the condition's documentation
    ///     says otherwise.
    ///   - limit: How many stages to run at most.
    public mutating func run(until stop: StopCondition = .idle, limit: Int = 100_000_000) -> StopReason {
        var left = limit
        return run(until: stop, left: &left)
    }

    /// Runs under a limit that several runs share: `left` is the rest of it.
    package mutating func run(until stop: StopCondition, left: inout Int) -> StopReason {
        guard case .event(let isMeant) = stop else { return go(until: stop, &left) }
        recorder.await(isMeant)
        defer { recorder.await(nil) }
        return go(until: stop, &left)
    }

    private mutating func go(until stop: StopCondition, _ left: inout Int) -> StopReason {
        requireNoStage("Machine.run")
        if let task = stop.task { _ = index(of: task, "Machine.run") }
        let stage = StageMatch.of(stop, in: self)
        while true {
            if stop.isMet(by: self, stage) { return stopped(.conditionMet) }
            dispatch()
            let due = nextProcessor()
            let event = nextEvent()
            if let event, due == nil || event <= tasks[due!.index].readyAt {
                if stop.isPast(event) {
                    clock = max(clock, stop.time)
                    return stopped(.conditionMet)
                }
                clock = max(clock, event)
                fireEvent()
                continue
            }
            guard let task = due else {
                if stop.time != .max, stop.isTime { clock = max(clock, stop.time) }
                return stopped(scheduler.busyTasks > 0 ? .blocked : .finished)
            }
            if stop.isPast(tasks[task.index].readyAt) {
                clock = max(clock, stop.time)
                return stopped(.conditionMet)
            }
            guard left > 0 else { return stopped(.limitReached, next: task) }
            clock = max(clock, tasks[task.index].readyAt)
            let single = stop.looksAtStages || scheduler.processors.count > 1
            left -= advance(task, stages: single ? 1 : left, until: stop.time, looksAtTime: stop.mayComeBetween)
        }
    }

    /// Runs one stage of a runnable task, whatever the other tasks do. For explorers and stage-by-stage tests.
    ///
    /// - Returns: Whether the task could run.
    @discardableResult
    public mutating func step(_ task: TaskID) -> Bool {
        requireNoStage("Machine.step")
        guard tasks[index(of: task, "Machine.step")].status == .runnable else { return false }
        clock = max(clock, tasks[task.index].readyAt)
        if !scheduler.isDriven { giveProcessor(to: task) }
        _ = advance(task, stages: 1)
        return true
    }

    private mutating func giveProcessor(to task: TaskID) {
        scheduler.runQueue.remove(task)
        guard !scheduler.processors.contains(where: { $0.task == task }) else { return }
        if scheduler.processors[0].task != .none {
            note(.lostProcessor(scheduler.processors[0].task))
            scheduler.runQueue.prepend(scheduler.processors[0].task)
        }
        scheduler.processors[0].task = task
        note(.tookProcessor(task, 0))
        tasks[task.index].sliceUsed = 0
    }

    /// The tasks that can do a stage, in the order in which ``run(until:limit:)`` would take them.
    public var runnableTasks: [TaskID] {
        scheduler.processors.map(\.task).filter { $0 != .none } + Array(scheduler.runQueue)
    }

    /// Makes the next request or timer that is due by itself happen. Returns whether there was one.
    @discardableResult
    public mutating func stepEvent() -> Bool {
        requireNoStage("Machine.stepEvent")
        guard let event = nextEvent() else { return false }
        clock = max(clock, event)
        fireEvent()
        return true
    }

    // MARK: Choosing

    /// Gives free processors to the tasks that have waited longest for one.
    private mutating func dispatch() {
        guard !scheduler.runQueue.isEmpty else { return }
        for index in scheduler.processors.indices {
            let holder = scheduler.processors[index].task
            if holder != .none {
                guard tasks[holder.index].sliceUsed >= settings.timeSliceNanoseconds else { continue }
                guard !scheduler.runQueue.isEmpty else { return }
                note(.lostProcessor(holder))
                scheduler.runQueue.append(holder)
            }
            guard let next = scheduler.runQueue.popFirst() else { return }
            scheduler.processors[index].task = next
            note(.tookProcessor(next, index))
            tasks[next.index].sliceUsed = 0
            tasks[next.index].readyAt = max(tasks[next.index].readyAt, clock)
        }
    }

    /// The task on a processor whose next stage is earliest.
    private func nextProcessor() -> TaskID? {
        var best: TaskID?
        for processor in scheduler.processors where processor.task != .none {
            if best == nil || tasks[processor.task.index].readyAt < tasks[best!.index].readyAt { best = processor.task }
        }
        return best
    }

    /// When the next request or timer is due by itself.
    private func nextEvent() -> UInt64? {
        var next = scheduler.requests.nextTime
        if scheduler.timers > 0 {
            if let sleepers = scheduler.sleepers {
                next = min(next, sleepers.value.nextTime ?? .max)
                return next == .max ? nil : next
            }
            for index in tasks.indices where tasks[index].status == .sleeping && tasks[index].wait.isTimed {
                next = min(next, tasks[index].wait.value)
            }
        }
        return next == .max ? nil : next
    }

    /// Whether the next request of a device is due now.
    @inline(__always)
    var eventIsDue: Bool { scheduler.requests.nextTime <= clock }

    private mutating func fireEvent() {
        if let request = scheduler.requests.first, request.completes <= clock { return completeNext() }
        wakeDue()
    }

    // MARK: Stages

    /// Runs up to `stages` stages of a task on a processor; stops when the task sleeps or its operation ends. If stages
    /// take time, it also stops before a stage that begins after `end`, or before which another event is due.
    ///
    /// - Parameter looksAtTime: Whether to stop for time even if all costs are 0. Then only `compute` takes time, which
    ///   otherwise passes when the operation ends.
    /// - Returns: How many it did.
    private mutating func advance(
        _ task: TaskID, stages limit: Int, until end: UInt64 = .max, looksAtTime: Bool = false
    ) -> Int {
        let index = task.index
        guard var call = tasks[index].stack.popLast() else { return 1 }
        var fault = tasks[index].fault
        let configuration = configuration  // retained once, not at each stage
        let chargesEach = looksAtTime || !configuration.isFree
        var used = 0
        var payload = StepPayload()
        setCurrent(task)
        while true {
            if call.routine == .touch, call.stageNumber == TouchRoutine.Stage.translate.rawValue, mayUseShortcut {
                used &+= TouchRoutine.touchAhead(&call, by: task, most: limit &- used, &self)
                if used >= limit {
                    tasks[index].stack.append(call)
                    tasks[index].fault = fault
                    charge(.touch, to: task)
                    scheduler.current = .none
                    return used
                }
            }
            used &+= 1
            if recorder.observes {
                record(.stage, task, StageKey(call).word, UInt64(call.stageNumber))
            }
            let routine = call.routine
            var parked = false
            let kind = perform(&call, &fault, configuration, &payload)
            if scheduler.current != task { refuseReplacement(by: configuration.name(of: StageKey(call)).routine) }
            switch kind {
            case .next: break
            case .call:
                if payload.call.routine == .takeLock, used < limit, !recorder.observes, !chargesEach,
                    LockRoutine.takesAtOnce(payload.call, task, &self)
                {
                    used &+= 1
                    call.resumed = .done
                    break
                }
                tasks[index].stack.append(call)
                if tasks[index].stack.count >= ActivationStack.most { refuseDepth(of: task) }
                call = Activation(payload.call)
            case .done:
                if let outer = tasks[index].stack.popLast() {
                    call = outer
                    call.resumed = payload.result
                } else {
                    tasks[index].fault = fault
                    charge(routine, to: task)
                    release(task)
                    let isAlone =
                        scheduler.runQueue.isEmpty && scheduler.processors.count == 1 && scheduler.timers == 0
                        && !eventIsDue && tasks[index].readyAt <= clock
                    var ahead = isAlone && mayUseShortcut ? limit &- used : 0
                    used &+= ahead
                    endOperation(of: task, with: payload.result.result(), ahead: &ahead)
                    used &-= ahead
                    guard ahead > 0, tasks[index].status == .runnable, scheduler.runQueue.count == 1 else {
                        scheduler.current = .none
                        return used
                    }
                    // No other task can run: it gets its processor back at once.
                    scheduler.runQueue.remove(task)
                    scheduler.processors[0].task = task
                    tasks[index].sliceUsed = 0
                    guard let next = tasks[index].stack.popLast() else { return used }
                    call = next
                    fault = tasks[index].fault
                }
            case .sleep:
                let wait = payload.wait
                if wait.kind == .memory { scheduler.tasksLookedAt.insertEveryTask() }
                if isPending(wait, of: task) {
                    if isInterrupted(wait.mode, task) {
                        call.resumed = .interrupted
                        cancelQueue(wait, task)
                    } else {
                        tasks[index].stack.append(call)
                        tasks[index].fault = fault
                        charge(routine, to: task)
                        release(task)
                        park(task, wait)
                        parked = true
                    }
                }
            }
            if parked {
                scheduler.current = .none
                return used
            }
            let isLast = used >= limit || eventIsDue
            guard isLast || chargesEach else { continue }
            charge(routine, to: task)
            guard !isLast, isNext(task, until: end) else {
                tasks[index].stack.append(call)
                tasks[index].fault = fault
                scheduler.current = .none
                return used
            }
            clock = max(clock, tasks[index].readyAt)
        }
    }

    /// Whether the next event is the next stage of the task on the only processor, at `end` or earlier.
    @inline(__always)
    private func isNext(_ task: TaskID, until end: UInt64) -> Bool {
        let time = tasks[task.index].readyAt
        guard scheduler.runQueue.isEmpty, scheduler.processors[0].task == task, time <= end else { return false }
        return scheduler.requests.nextTime > time && (scheduler.timers == 0 || (nextEvent() ?? .max) > time)
    }

    /// Ends the process: a plug-in calls back into the kernel without end.
    @inline(never)
    private func refuseDepth(of task: TaskID) -> Never {
        let innermost = backtrace(of: task).suffix(6).map(\.description).joined(separator: ", ")
        misuse(
            "Machine.run: \(task) has \(ActivationStack.most) routines under way, as many as a task may have: the innermost "
                + "are \(innermost); a handler must not call itself without end")
    }

    /// Ends the process if a plug-in does with its machine what only the machine's owner may do.
    @inline(__always)
    func requireNoStage(
        _ caller: StaticString,
        _ advice: StaticString = """
        a plug-in can run neither the machine that it is given nor a copy of it; return .sleep or .next, and other \
        tasks run meanwhile
        """
    ) {
        if scheduler.current != .none { refuseNesting(caller, advice) }
    }

    @inline(never)
    private func refuseNesting(_ caller: StaticString, _ advice: StaticString) -> Never {
        misuse("\(caller): a stage of \(scheduler.current) is under way; \(advice)")
    }

    /// Ends the process: a plug-in has assigned another machine to the one that runs it.
    @inline(never)
    func refuseReplacement(by plugIn: String) -> Never {
        misuse(
            "Machine.run: \(plugIn) has assigned another machine to the one that runs it; change the machine that it is "
                + "given with methods, and don't keep or make another")
    }

    /// Leaves the queue of a lock, if the wait was for a lock.
    private mutating func cancelQueue(_ wait: TaskWait, _ task: TaskID) {
        guard wait.kind == .lock else { return }
        let lock = LockName(rawValue: UInt32(truncatingIfNeeded: wait.value))
        leaveQueue(of: lock, task)
    }

    /// Gives up the processor.
    mutating func release(_ task: TaskID) {
        for index in scheduler.processors.indices where scheduler.processors[index].task == task {
            scheduler.processors[index].task = .none
        }
        scheduler.runQueue.remove(task)
    }

    /// Charges the cost of a stage to its task.
    private mutating func charge(_ routine: RoutineNumber, to task: TaskID) {
        guard !configuration.isFree || scheduler.extraCost > 0 else { return }
        let cost = configuration.costs.nanoseconds(of: routine).adding(scheduler.extraCost)
        scheduler.extraCost = 0
        tasks[task.index].readyAt = clock.adding(cost)
        tasks[task.index].sliceUsed = tasks[task.index].sliceUsed.adding(cost)
    }

    /// Charges the stage under way for copying or clearing a page.
    @inline(__always)
    package mutating func chargePageCopy() {
        scheduler.extraCost = scheduler.extraCost.adding(configuration.costs.pageCopyNanoseconds)
    }

    /// Does one stage of a routine.
    @inline(__always)
    private mutating func perform(
        _ call: inout Activation, _ fault: inout VMFault, _ configuration: MachineConfiguration,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        switch call.routine {
        case .faultEntry:
            return configuration.entry.step(&call, &fault, &self, &payload)
        case .handlerFault:
            return performHandler(.fault, &call, &fault, &payload)
        case .handlerMkwrite:
            return performHandler(.pageMkwrite, &call, &fault, &payload)
        case .fileCall:
            return configuration.fileOperations[Int(call.plugIn)].step(
                call.fileCall, &call, &fault, &self, &payload)
        case .fileTransfer, .throttle:
            return configuration.pageCache.step(call.pageCacheRoutine, &call, &fault, &self, &payload)
        case .userfaultRoutine:
            guard let userfaults = configuration.userfaults else {
                misuse("Machine: the configuration has no user fault handling")
            }
            return userfaults.step(call.userfaultRoutine, &call, &fault, &self, &payload)
        default:
            return CoreRoutines.route(call.routine, to: StageRunner.self, &call, &fault, &self, &payload)!
        }
    }
}
