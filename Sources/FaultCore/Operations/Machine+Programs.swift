/// What comes next: the operations of a task's program, one after the other.
extension Machine {
    /// Starts the next operation of a task's program, if there is one.
    mutating func startNext(of task: TaskID) {
        var ahead = 0
        startNext(of: task, ahead: &ahead)
    }

    /// Starts the next operation of a task's program, if there is one.
    ///
    /// - Parameter ahead: How many stages it may run at once, because nothing is watched and no other task can run.
    ///   Operations whose stages can't sleep are then done from start to end, and their stages are subtracted. The
    ///   result is the same as that of the stages.
    mutating func startNext(of task: TaskID, ahead: inout Int) {
        guard tasks[task.index].program != .none, tasks[task.index].status == .idle else { return }
        var isDone = false  // at least one was done at once
        if tasks[task.index].program == .list {
            let list = programs.lists[task.index].operations
            while true {
                let counter = tasks[task.index].programCounter
                tasks[task.index].programCounter = counter &+ 1
                guard counter < list.count else { break }
                if ahead > 0, isDoneAtOnce(list[counter], by: task, &ahead, then: list) {
                    isDone = true
                    continue
                }
                return begin(list[counter], by: task)
            }
        } else if let program = programs.programs[task.index]?.program {
            while true {
                tasks[task.index].programCounter &+= 1
                var state = tasks[task.index].programState
                let next = program.next(after: tasks[task.index].outcome, task: task, &state)
                tasks[task.index].programState = state
                guard let next else { break }
                if ahead > 0, isDoneAtOnce(next, by: task, &ahead) {
                    isDone = true
                    continue
                }
                return begin(next, by: task)
            }
        }
        tasks[task.index].program = .none
        if isDone { Self.settle(&tasks[task.index], now: clock) }
    }

    private mutating func begin(_ operation: TaskOperation, by task: TaskID) {
        guard !tasks[task.index].hasOperation else { return }  // its first accesses were done at once
        begin(firstCall(of: operation, by: task), of: task, as: operation)
    }

    /// Does as much of an operation as can be done at once. The rest is left to the stages: the operation has then
    /// begun, or has yet to begin. Returns whether the operation is done.
    ///
    /// - Parameter list: The task's program, if it is a list. The operations after this one may then be done together
    ///   with it.
    private mutating func isDoneAtOnce(
        _ operation: TaskOperation, by task: TaskID, _ ahead: inout Int, then list: [TaskOperation] = []
    ) -> Bool {
        guard mayBeginAtOnce(operation, by: task) else { return false }
        require(operation)
        switch operation {
        case .touch(let access, let page, let pages, let stride):
            let run = TouchRun(
                access, page, pages: pages, stride: stride, configuration.uncontendedAccess, budget: ahead,
                next: tasks[task.index].programCounter)
            return touchesAtOnce(run, operation, task, &ahead, then: list)

        case .mmap(let request):
            return runsAtOnce(MmapRoutine.self, MmapRoutine.Frame(request), operation, by: task, &ahead)

        case .munmap(let page, let pages):
            let frame = MunmapRoutine.Frame(page: page, pages: pages)
            return runsAtOnce(MunmapRoutine.self, frame, operation, by: task, &ahead)

        default:
            return false
        }
    }

    /// Touches as many pages as can be touched at once, then those of the following operations. If some pages of an
    /// operation are left, that operation has begun.
    ///
    /// - Returns: Whether all operations of the run are done.
    private mutating func touchesAtOnce(
        _ whole: TouchRun, _ first: TaskOperation, _ task: TaskID, _ ahead: inout Int, then list: [TaskOperation]
    ) -> Bool {
        Self.noteStart(&tasks[task.index])
        tasks[task.index].outcome = OperationOutcome()
        var run = whole
        touchAtOnce(&run, by: task, then: list)
        ahead = run.budget
        let operation = run.next == whole.next ? first : list[run.next - 1]
        tasks[task.index].programCounter = run.next
        let stamp = tasks[task.index].outcome.stamp
        if run.left == 0 {
            Self.note(&tasks[task.index], operation, .done)
        } else {
            let counters = tasks[task.index].countersAtStart
            let frame = TouchRoutine.Frame(page: run.page, left: run.left, stride: run.stride, access: run.access)
            begin(RoutineCall(TouchRoutine.self, frame), of: task, as: operation)
            tasks[task.index].countersAtStart = counters
        }
        tasks[task.index].outcome.stamp = stamp
        return run.left == 0
    }

    /// Notes the start of an operation that may be done at once.
    @inline(__always)
    static func noteStart(_ task: inout TaskState) { task.countersAtStart = task.counters }

    /// Notes an operation that was done at once: of what its start and its end would note, the part that the next
    /// operation may see.
    @inline(__always)
    static func note(_ task: inout TaskState, _ operation: TaskOperation, _ result: CallResult) {
        task.operation = operation
        task.outcome = OperationOutcome()
        task.outcome.result = result
        task.outcome.isDone = true
    }

    /// Notes the rest about an operation that was done at once, if no other operation follows.
    private static func settle(_ task: inout TaskState, now: UInt64) {
        task.fault = VMFault()
        task.signalDetail = nil
        if task.readyAt < now { task.readyAt = now }
    }
}
