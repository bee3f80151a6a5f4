extension Machine {
    /// How the operations of all tasks ended: results of attempts, minor and major faults, signal or errno.
    public var outcomeText: String {
        let text = tasks.filter { $0.outcome.isDone || $0.hasOperation || $0.counters.attempts > 0 }
            .map { task in
                let counted = task.counters - task.countersAtStart
                var parts: [String] = []
                let results = task.results.sorted { $0.result.rawValue > $1.result.rawValue }
                parts += results.map { $0.count == 1 ? "\($0.result)" : "\($0.count) x \($0.result)" }
                if counted.minorFaults != 0 || counted.majorFaults != 0 {
                    parts.append("faults \(counted.minorFaults)/\(counted.majorFaults)")
                }
                if let errno = task.outcome.errno { parts.append("\(errno)") }
                if let signal = task.outcome.signal { parts.append("\(signal)") }
                if task.hasOperation { parts.append("sleeps") }
                return "\(task.id): \(parts.isEmpty ? "ok" : parts.joined(separator: ", "))"
            }
            .joined(separator: "; ")
        return names.applied(to: text)
    }
}
