/// Running a routine from its first stage on without an activation, while no other task can run and nothing is watched.
extension Machine {
    /// Does the stages of the first routine of an operation in a row, as ``run(until:limit:)`` would: a free lock is
    /// taken at once. If a stage wants more than that, or the stages are used up, the operation has begun, and stops at
    /// that stage.
    ///
    /// No signal is pending, so that none ends a sleep before it begins.
    ///
    /// - Parameter stages: How many there may be, at least one. Those that were done are subtracted.
    /// - Returns: Whether the operation is done.
    @inline(__always)
    mutating func runsAtOnce<R: CoreRoutine>(
        _: R.Type, _ frame: R.Frame, _ operation: TaskOperation, by task: TaskID, _ stages: inout Int
    ) -> Bool {
        var frame = frame
        var fault = VMFault()
        var stage = R.Stage(rawValue: 0)!
        var resumed = Resumption.plain
        Self.noteStart(&tasks[task.index])
        setCurrent(task)
        while true {
            stages &-= 1
            switch R.step(stage, &frame, resumed, &fault, &self) {
            case .next(let next):
                stage = next
                resumed = .plain
            case .call(let call, let next):
                stage = next
                guard call.routine == .takeLock, stages > 0, LockRoutine.takesForInstant(call, task, &self) else {
                    begin(Activation(R.self, frame, at: stage, .plain), fault, of: task, as: operation)
                    tasks[task.index].stack.append(Activation(call))
                    return false
                }
                stages &-= 1
                resumed = .done
            case .sleep(let wait, let next):
                stage = next
                resumed = .plain
                if wait.kind == .memory { scheduler.tasksLookedAt.insertEveryTask() }
                guard !isPending(wait, of: task) else {
                    begin(Activation(R.self, frame, at: stage, .plain), fault, of: task, as: operation)
                    release(task)
                    park(task, wait)
                    return false
                }
            case .done(let result):
                Self.note(&tasks[task.index], operation, result.resumption.result())
                return true
            }
            guard stages > 0, !eventIsDue else {
                begin(Activation(R.self, frame, at: stage, resumed), fault, of: task, as: operation)
                return false
            }
        }
    }

    /// Begins an operation at a later stage.
    @inline(never)
    private mutating func begin(
        _ activation: Activation, _ fault: VMFault, of task: TaskID, as operation: TaskOperation
    ) {
        let counters = tasks[task.index].countersAtStart
        begin(activation, of: task, as: operation)
        tasks[task.index].fault = fault
        tasks[task.index].countersAtStart = counters
        keepInstantHold(by: task)
    }
}

extension Activation {
    /// A routine whose next stage is this one.
    fileprivate init<R: CoreRoutine>(_: R.Type, _ frame: R.Frame, at stage: R.Stage, _ resumed: Resumption) {
        self.init(RoutineCall(R.self, frame))
        stageNumber = stage.rawValue
        self.resumed = resumed
    }
}
