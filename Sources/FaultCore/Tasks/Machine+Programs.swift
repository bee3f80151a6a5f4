/// What comes next: the operations of a task's program, one after the other.
extension Machine {
    /// Starts the next operation of a task's program, if there is one.
    mutating func startNext(of task: TaskID) {
        var ahead = 0
        startNext(of: task, ahead: &ahead)
    }

    /// Starts the next operation of a task's program, if there is one.
    ///
    /// - Parameter ahead: How many stages it may run at once, because nobody watches and nobody else can run. Operations
    ///   whose stages can't sleep are done then, from start to end, and their stages subtracted: what is left is what
    ///   the stages would have left.
    mutating func startNext(of task: TaskID, ahead: inout Int) {
        let number = Int(tasks[task.index].program)
        guard number != 0, tasks[task.index].status == .idle else { return }
        if number > 0x8000 {
            let list = configuration.lists[number - 0x8001]
            while true {
                let counter = tasks[task.index].programCounter
                tasks[task.index].programCounter = counter &+ 1
                guard counter < list.count else { break }
                if ahead > 0, isDoneAtOnce(list[counter], by: task, &ahead) { continue }
                return begin(list[counter], by: task)
            }
        } else {
            let program = configuration.programs[number - 1]
            while true {
                tasks[task.index].programCounter &+= 1
                var words = tasks[task.index].programWords
                let next = program.next(after: tasks[task.index].outcome, task: task, &words)
                tasks[task.index].programWords = words
                guard let next else { break }
                if ahead > 0, isDoneAtOnce(next, by: task, &ahead) { continue }
                return begin(next, by: task)
            }
        }
        tasks[task.index].program = 0
    }

    private mutating func begin(_ operation: Operation, by task: TaskID) {
        guard !tasks[task.index].hasOperation else { return }  // its first accesses were done at once
        begin(firstCall(of: operation, by: task), of: task, as: operation)
    }

    /// Does an operation from start to end, if that takes no stage that could sleep.
    private mutating func isDoneAtOnce(_ operation: Operation, by task: TaskID, _ ahead: inout Int) -> Bool {
        let map = tasks[task.index].map
        guard map != .none, tasks[task.index].pendingSignals.isEmpty, scheduler.failures.isEmpty else { return false }
        switch operation {
        case .touch(let access, let page, let pages, let stride):
            guard pages > 0 else { return false }
            let areaAccess = configuration.uncontendedAccess[Int(access.rawValue)]
            let run = TouchRun(access, page, pages: pages, stride: stride, areaAccess: areaAccess, budget: ahead)
            return touchesAtOnce(run, operation, task, &ahead)

        case .mmap(let request):
            guard ahead >= MmapRoutine.mostStages, mayChange(map) else { return false }
            let before = tasks[task.index].counters
            scheduler.current = task
            guard let value = MmapRoutine.doAtOnce(request, in: map, by: task, &ahead, &self) else { return false }
            noteDone(operation, task, value, since: before)
            return true

        case .munmap(let page, let pages):
            guard ahead >= MunmapRoutine.mostStages, mayChange(map) else { return false }
            let before = tasks[task.index].counters
            scheduler.current = task
            let value = MunmapRoutine.doAtOnce(page, pages, in: map, by: task, &ahead, &self)
            noteDone(operation, task, value, since: before)
            return true

        default:
            return false
        }
    }

    /// Whether nobody holds or wants a lock of the map, so that it can be taken for writing at once.
    @inline(__always)
    private func mayChange(_ map: MapID) -> Bool {
        maps[map.index].lock.isIdle && maps[map.index].areaLocks.readers.isEmpty
    }

    /// Touches pages as far as that can be done at once; if some are left, the operation has begun then.
    private mutating func touchesAtOnce(
        _ whole: TouchRun, _ operation: Operation, _ task: TaskID, _ ahead: inout Int
    ) -> Bool {
        let before = tasks[task.index].counters
        tasks[task.index].outcome = OperationOutcome()
        var run = whole
        touchAtOnce(&run, by: task)
        ahead = run.budget
        let stamp = tasks[task.index].outcome.stamp
        if run.left == 0 {
            noteDone(operation, task, 0, since: before)
        } else {
            var call = firstCall(of: operation, by: task)
            call.first = run.page.rawValue
            call.second = UInt64(run.left)
            begin(call, of: task, as: operation)
            tasks[task.index].countersAtStart = before
        }
        tasks[task.index].outcome.stamp = stamp
        return run.left == 0
    }

    /// Notes an operation that was done at once, as its start and its end would have.
    @inline(__always)
    private mutating func noteDone(
        _ operation: Operation, _ task: TaskID, _ value: Int64, since counters: TaskCounters
    ) {
        Self.note(&tasks[task.index], operation, value, since: counters, now: clock)
    }

    @inline(__always)
    private static func note(
        _ task: inout TaskState, _ operation: Operation, _ value: Int64, since counters: TaskCounters, now: UInt64
    ) {
        task.operation = operation
        task.outcome = OperationOutcome()
        task.outcome.value = value
        task.outcome.isDone = true
        task.fault = VMFault()
        task.signalDetail = nil
        task.countersAtStart = counters
        if task.readyAt < now { task.readyAt = now }
    }
}
