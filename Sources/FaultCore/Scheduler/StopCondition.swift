/// When a run should stop early.
public enum StopCondition: Sendable {
    /// Never: run until nothing more can happen by itself.
    case idle
    /// When the clock would pass this time. The clock then shows this time.
    case time(UInt64)
    /// When a task's next stage is this one, named as traces print it: `.stage(task, "munmap.tearDown")`. The stage has
    /// not run.
    ///
    /// If a type is given, only stages of plug-ins of that type match; see `stage(_:of:_:)`.
    ///
    /// - Precondition: The machine has such a stage.
    case stage(TaskID, StageName, of: Any.Type? = nil)
    /// When a task sleeps.
    case asleep(TaskID)
    /// When a task's operation has ended.
    case done(TaskID)
    /// When an event happens for which the closure returns true; the stage in which it happens has run. Every event is
    /// checked, as if tracing were on.
    case event(@Sendable (TraceEvent) -> Bool)
    /// When the closure returns true; it is called before each stage.
    case predicate(@Sendable (Machine) -> Bool)

    /// - Parameter match: The result of looking up ``stage(_:_:of:)``.
    @inline(__always)
    func isMet(by machine: Machine, _ match: StageMatch) -> Bool {
        switch self {
        case .idle, .time: false
        case .stage(let task, _, _):
            machine.tasks[task.index].status == .runnable
                && machine.tasks[task.index].stack.last.map { match.matches($0, machine) } == true
        case .asleep(let task): machine.tasks[task.index].status == .sleeping
        case .done(let task): !machine.tasks[task.index].hasOperation
        case .event: machine.recorder.hasSeenEvent
        case .predicate(let holds): holds(machine)
        }
    }

    /// When an event of this kind happens, to this task if one is named.
    public static func event(_ kind: TraceEvent.Kind, of task: TaskID? = nil) -> Self {
        .event { $0.kind == kind && (task == nil || $0.task == task) }
    }

    /// The task that the condition names; `nil` if none.
    var task: TaskID? {
        switch self {
        case .stage(let task, _, of: _), .asleep(let task), .done(let task): task
        case .idle, .time, .event, .predicate: nil
        }
    }

    var isTime: Bool {
        if case .time = self { true } else { false }
    }

    var time: UInt64 {
        if case .time(let time) = self { time } else { .max }
    }

    @inline(__always)
    func isPast(_ time: UInt64) -> Bool { isTime && time > self.time }

    /// Whether it must be checked before each stage. The end of an operation and a sleep end a task's stages anyway.
    var looksAtStages: Bool {
        switch self {
        case .idle, .time, .asleep, .done: false
        case .stage, .event, .predicate: true
        }
    }

    /// Whether a run may have to stop between two stages of a task.
    var mayComeBetween: Bool {
        if case .idle = self { false } else { true }
    }
}
