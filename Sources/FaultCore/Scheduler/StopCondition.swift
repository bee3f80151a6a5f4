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

/// Why a run has stopped.
///
/// A reason may be compared with its kind, `#expect(machine.run() == .blocked)`, or with another reason, including all
/// its contents.
///
/// Which tasks wait for what is found out only when ``waits`` is read. On a machine with many tasks, the reason
/// therefore keeps a copy of the machine. While this copy exists, a change of the machine first has to copy the part
/// that it changes.
public struct StopReason: Equatable, Sendable {
    /// The tasks that sleep.
    fileprivate enum Sleepers: Sendable {
        case described([WaitLink])
        case of(Shared<Machine>)
    }

    /// The kinds of reason.
    public enum Kind: String, BitwiseCopyable, Sendable {
        /// Every operation has ended.
        case finished
        /// Every task that has an operation under way sleeps, and nothing will wake it by itself.
        case blocked
        /// The condition is met.
        case conditionMet
        /// The limit of stages was reached.
        case limitReached
        /// A law is broken.
        case violated
    }

    /// The kind of reason.
    public let kind: Kind
    private let sleepers: Sleepers
    /// The laws that were broken, if any.
    public let violations: [Violation]
    /// For a run that reached its limit: the task whose stage would have been next.
    public let nextTask: TaskID?
    /// For a run that reached its limit: that stage.
    public let nextStage: StageName?
    /// For a run of a world that reached its limit: the last events, a line each, the latest last. Not compared.
    public package(set) var lastEvents: [String] = []
    /// The names of tasks and other objects.
    let names: ObjectNames

    fileprivate init(
        _ kind: Kind, _ sleepers: Sleepers, _ violations: [Violation], nextTask: TaskID? = nil,
        nextStage: StageName? = nil, names: ObjectNames = ObjectNames()
    ) {
        self.kind = violations.isEmpty ? kind : .violated
        self.sleepers = sleepers
        self.violations = violations
        self.nextTask = nextTask
        self.nextStage = nextStage
        self.names = names
    }

    /// How many events a reason has at most.
    static var mostEvents: Int { 12 }

    /// A reason of this kind, without waits and broken laws.
    public init(_ kind: Kind) { self.init(kind, .described([]), []) }

    /// Which task waited for what when the run stopped, and which task held it.
    ///
    /// - Complexity: O(tasks), on a machine of 64 tasks or more, each time.
    public var waits: [WaitLink] {
        switch sleepers {
        case .described(let links): links
        case .of(let machine): machine.value.waitLinks
        }
    }

    /// Whether two reasons agree.
    public static func == (a: Self, b: Self) -> Bool {
        a.kind == b.kind && a.violations == b.violations && a.nextTask == b.nextTask && a.nextStage == b.nextStage
            && a.waits == b.waits
    }

    /// Whether a reason is of a kind.
    public static func == (reason: Self, kind: Kind) -> Bool { reason.kind == kind }

    /// Whether a reason is of another kind.
    public static func != (reason: Self, kind: Kind) -> Bool { reason.kind != kind }

    /// Whether tasks wait for each other in a ring, so that no device and no test can wake them.
    public var isDeadlock: Bool { WaitLink.ring(in: waits) != nil }
}

extension Machine {
    /// Why a run stops now.
    @inline(never)
    func stopped(_ kind: StopReason.Kind, next task: TaskID? = nil) -> StopReason {
        StopReason(
            kind, sleepers(after: kind), recorder.violations, nextTask: task,
            nextStage: task.flatMap { backtrace(of: $0).last }, names: names)
    }

    /// The reason; if the run has reached its limit, with the last events, which show where it loops.
    ///
    /// Events are known only while ``isChecking`` is on.
    package func tellingEvents(_ reason: StopReason) -> StopReason {
        guard reason.nextTask != nil else { return reason }
        var reason = reason
        reason.lastEvents = recorder.history.suffix(StopReason.mostEvents).map { text(of: $0) }
        return reason
    }

    private func sleepers(after kind: StopReason.Kind) -> StopReason.Sleepers {
        if kind == .finished { return .described([]) }  // a task with nothing to do does not wait
        return indexesSleepers ? .of(Shared(self)) : .described(waitLinks)
    }
}
