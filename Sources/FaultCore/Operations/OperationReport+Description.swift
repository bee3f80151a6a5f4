extension OperationOutcome: CustomStringConvertible {
    /// The outcome, such as `done, 4`, `failed with ENOMEM`, `ended by SIGBUS/ADRERR` or `not done`.
    public var description: String {
        var parts: [String] = []
        if let errno {
            parts.append("failed with \(errno)")
        } else if isDone {
            parts.append(signal == nil ? "done, \(value)" : "done")
        }
        if let signal { parts.append("ended by \(signal)") }
        if oops { parts.append("oops") }
        if lockWasLost { parts.append("lock was lost") }
        if filledPages > 0 { parts.append("\(FieldText.count(Int(filledPages), "page")) filled") }
        if !isDone { parts.append("not done") }
        return parts.joined(separator: ", ")
    }
}

extension AttemptReport: CustomStringConvertible {
    /// The attempt, such as `page 0x10 ALLOW_RETRY|USER -> MAJOR|RETRY, lock released`.
    public var description: String {
        "\(page) \(flags) -> \(result), lock \(lockHeldAfter ? "held" : "released")"
    }
}

extension ResultCount: CustomStringConvertible {
    /// The count, such as `2 x MAJOR|RETRY`.
    public var description: String { "\(count) x \(result)" }
}

extension OperationReport: CustomStringConvertible {
    /// The operation and how it ended, what it counted, and its last attempts, a line for each.
    public var description: String {
        var head = "\(operation): \(outcome)"
        if let errnoWhenKilled { head += "; the call had failed with \(errnoWhenKilled)" }
        if isGone { head += "; the task has ended" }
        if let signalDetail { head += "; \(signalDetail)" }
        var lines = [head, "\(counters)"]
        let left = attempts.count + attemptsLeftOut - 12
        if left > 0 { lines.append("\(left) attempts, then") }
        lines += attempts.suffix(12).map(\.description)
        return lines.map { FieldText.cut(names.applied(to: $0)) }.joined(separator: "\n")
    }

    /// The differences from the report of another operation, a line for each: `what: other's -> this one's`.
    public func differences(from other: OperationReport) -> [String] {
        var lines: [String] = []
        func compare(_ what: String, _ mine: String, _ others: String) {
            if mine != others { lines.append("\(what): \(others) -> \(mine)") }
        }
        compare("operation", "\(operation)", "\(other.operation)")
        compare("outcome", "\(outcome)", "\(other.outcome)")
        compare("stamp", "\(outcome.stamp)", "\(other.outcome.stamp)")
        compare(
            "errno when killed", errnoWhenKilled.map { "\($0)" } ?? "none",
            other.errnoWhenKilled.map { "\($0)" } ?? "none")
        compare("task", isGone ? "has ended" : "lives", other.isGone ? "has ended" : "lives")
        compare("signal", signalDetail.map { "\($0)" } ?? "none", other.signalDetail.map { "\($0)" } ?? "none")
        lines += counters.differences(from: other.counters)
        for number in 0..<max(attempts.count, other.attempts.count) {
            let mine = attempts.indices.contains(number) ? "\(attempts[number])" : "none"
            let others = other.attempts.indices.contains(number) ? "\(other.attempts[number])" : "none"
            compare("attempt \(number + 1)", mine, others)
        }
        compare("results", FieldText.results(results), FieldText.results(other.results))
        return lines.map { names.applied(to: $0) }
    }
}

extension FieldText {
    fileprivate static func results(_ results: [ResultCount]) -> String {
        results.isEmpty ? "none" : list(results.map(\.description), atMost: 8)
    }
}

extension TaskCounters: CustomStringConvertible {
    /// The counts by name, such as `minorFaults 0, majorFaults 1, exceptions 1`; other counts only if they are not 0.
    public var description: String { FieldText.set(of: self, always: ["minorFaults", "majorFaults"]) }

    /// The counts in which a task differs from `other`, a line for each: `name: other's -> this one's`.
    public func differences(from other: TaskCounters) -> [String] { FieldText.changes(of: self, from: other) }
}

extension MachineEvents: CustomStringConvertible {
    /// The counts by name, such as `pgfault 3, pgmajfault 1`; other counts only if they are not 0.
    public var description: String { FieldText.set(of: self, always: ["pgfault", "pgmajfault"]) }

    /// The counts in which a machine differs from `other`, a line for each: `name: other's -> this one's`.
    public func differences(from other: MachineEvents) -> [String] { FieldText.changes(of: self, from: other) }
}

extension SignalDetail: CustomStringConvertible {
    /// The detail, such as `at page 0x10, code 0x6, trap 14`, and the key if it is not 0.
    public var description: String {
        "at \(page), code \(FieldText.hex(UInt64(code))), trap \(trap)"
            + (protectionKey == 0 ? "" : ", key \(protectionKey)")
    }
}

extension ArchWords: CustomStringConvertible {
    /// Both words, such as `0x0, 0x3`.
    public var description: String { "\(FieldText.hex(first)), \(FieldText.hex(second))" }
}
