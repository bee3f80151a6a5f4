/// A broken contract: the law, the task that broke it, and the events that led to it.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// The law.
    public let law: Law
    /// The task that broke it, if a task did.
    public let task: TaskID
    /// What is wrong.
    public let message: String
    /// The time, in virtual nanoseconds.
    public let time: UInt64
    /// The stages of the routines that the task had under way, the outermost first; empty if no task broke it.
    public let backtrace: [StageName]
    /// The last events before it, at most 256.
    public let history: [TraceEvent]
    /// For the names of stages.
    private let configuration: MachineConfiguration
    /// The names of tasks, files and memory.
    private let names: ObjectNames

    /// Makes a report that a law is broken now.
    init(_ law: Law, _ task: TaskID, _ message: String, in machine: borrowing Machine) {
        self.law = law
        self.task = task
        self.message = message
        time = machine.clock
        backtrace = machine.tasks.indices.contains(task.index) ? machine.backtrace(of: task) : []
        history = machine.recorder.history
        configuration = machine.configuration
        let isOfTask = machine.tasks.indices.contains(task.index)
        names = isOfTask ? machine.names(for: machine.tasks[task.index]) : machine.names
    }

    /// Whether both reports agree.
    public static func == (a: Self, b: Self) -> Bool {
        a.law == b.law && a.task == b.task && a.message == b.message && a.time == b.time && a.backtrace == b.backtrace
            && a.history == b.history
    }

    /// The law and what is wrong, on one line.
    public var summary: String {
        names.applied(
            to: "law \(law.number) (\(law)) broken \(task == .none ? "" : "by \(task) ")at \(time) ns: \(message)")
    }

    /// The law, what is wrong, the stages that the task was in, and the last events, with all stages by name.
    public var description: String { lines(atMost: ScreenText.height).joined(separator: "\n") }

    /// The description, with only as many of the last events as fit in `limit` lines.
    package func lines(atMost limit: Int) -> [String] {
        var lines = FieldText.wrapped(summary)
        if !backtrace.isEmpty {
            lines.append(FieldText.cut("in " + backtrace.map(\.description).joined(separator: " > ")))
        }
        let room = limit - lines.count - 1
        guard room > 0, !history.isEmpty else { return lines }
        lines.append("what led there:")
        return lines
            + history.suffix(room).map { FieldText.cut("    " + names.applied(to: configuration.text(of: $0))) }
    }
}
