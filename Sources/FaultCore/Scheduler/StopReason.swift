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
