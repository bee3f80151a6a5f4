/// A broken contract: which law, who broke it, and the events that led there.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// Which law.
    public let law: Law
    /// Which task broke it, if one.
    public let task: TaskID
    /// What is wrong.
    public let message: String
    /// When, in virtual nanoseconds.
    public let time: UInt64
    /// The stages of the routines that the task had under way, the outermost first; empty if no task broke it.
    public let backtrace: [StageName]
    /// The last events before it, at most 256.
    public let history: [TraceEvent]
    /// Knows the names of stages.
    private let configuration: MachineConfiguration
    /// What tasks, files and memory are called.
    private let names: ObjectNames

    /// Says that a law is broken now.
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

    /// Whether both say the same.
    public static func == (a: Self, b: Self) -> Bool {
        a.law == b.law && a.task == b.task && a.message == b.message && a.time == b.time && a.backtrace == b.backtrace
            && a.history == b.history
    }

    /// The law and what is wrong, on one line.
    public var summary: String {
        names.applied(
            to: "law \(law.number) (\(law)) broken \(task == .none ? "" : "by \(task) ")at \(time) ns: \(message)")
    }

    /// The law, what is wrong, in which stages the task was, and the last events, all with their stages by name.
    public var description: String { lines(atMost: ScreenText.height).joined(separator: "\n") }

    /// The description, with so many of the last events that it has at most `limit` lines.
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
