import FaultCore

extension ScheduleCheck: CustomStringConvertible, CustomReflectable {
    /// Such as `exhaustive, for: the laws hold; at most 10000000 states, schedules of 100000 choices, 4294967296 bytes`.
    public var description: String {
        var text = "\(strategy), for: "
        text += properties.isEmpty ? "nothing" : FieldText.list(properties.map(\.name), atMost: 4)
        text += "; \(limits)"
        if !injections.isEmpty { text += "; injecting " + FieldText.list(injections.map(\.description), atMost: 2) }
        return FieldText.cut(text)
    }

    /// A mirror with the description.
    public var customMirror: Mirror { Mirror(self, children: ["check": description], displayStyle: .struct) }
}

extension ScheduleCheck.Limits: CustomStringConvertible {
    /// Such as `at most 10000000 states, schedules of 100000 choices, 4294967296 bytes`.
    public var description: String { "at most \(states) states, schedules of \(depth) choices, \(memory) bytes" }
}

extension ScheduleCheck.Searches: CustomStringConvertible {
    /// Such as `deadlock, endlessness`.
    public var description: String {
        let parts = [contains(.deadlock) ? "deadlock" : nil, contains(.endlessness) ? "endlessness" : nil]
        return isEmpty ? "nothing" : parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension ScheduleCheck.Reductions: CustomStringConvertible {
    /// Such as `commuting, likeTasks`.
    public var description: String {
        let parts = [contains(.commuting) ? "commuting" : nil, contains(.likeTasks) ? "likeTasks" : nil]
        return isEmpty ? "nothing" : parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension ScheduleCheck.Progress: CustomStringConvertible {
    /// Such as `4000 states, depth 12`.
    public var description: String { "\(states) states, depth \(depth)" }
}
