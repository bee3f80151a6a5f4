extension TraceEvent.Kind: CustomStringConvertible {
    /// The name of the case, such as `attemptEnded`; in a list, too.
    public var description: String { Self.names[Int(rawValue)] }

    /// The names of all cases, in their order.
    private static let names = [
        "operationStarted", "operationEnded", "stage", "exception", "attemptStarted", "attemptEnded", "accounted",
        "faultLockDropped", "lockQueued", "lockTaken", "lockReleased", "lockDowngraded", "folioLocked", "folioUnlocked",
        "ioSubmitted", "ioCompleted", "slept", "woken", "signalSent", "signalForced", "allocationFailed", "violation",
        "areaLockTaken", "areaLockReleased",
    ]
}

extension DurationStatistics: CustomStringConvertible {
    /// The statistics, such as `3 times, 400 ns in all, 200 ns at most`.
    public var description: String { "\(FieldText.count(count, "time")), \(total) ns in all, \(maximum) ns at most" }
}

extension LockStatistics: CustomStringConvertible {
    /// Four lines: the times held and the times waited, for reading and for writing.
    public var description: String {
        """
        held for reading \(readHolds)
        held for writing \(writeHolds)
        waited for reading \(readWaits)
        waited for writing \(writeWaits)
        """
    }
}

extension WaitSpan: CustomStringConvertible {
    /// The sleep, such as `task 2 from 100 ns to 400 ns for I/O on file 0`.
    public var description: String {
        link.names.applied(to: "\(task) from \(begin) ns \(end.map { "to \($0) ns" } ?? "on") for \(cause)")
    }
}

extension LockTimeline.Span: CustomStringConvertible {
    /// The span, such as `task 0 holds from 0 ns to 100 ns (read)`.
    public var description: String { "\(task) \(state) from \(begin) ns to \(end) ns (\(mode))" }
}

extension LockTimeline: CustomStringConvertible {
    /// The lock, and a line for each span; only the first spans if there are many.
    public var description: String {
        let lines = ["\(lock) up to \(end) ns"] + FieldText.lines(spans.map { "  \($0)" }, atMost: 20, of: "spans")
        return names.applied(to: lines.joined(separator: "\n"))
    }
}

extension Machine.Size: CustomStringConvertible {
    /// The counts, such as `pages 3, pageTables 5, areas 1`.
    public var description: String { FieldText.all(of: self) }
}

extension Machine.EntryRuns: CustomStringConvertible {
    /// The runs, such as `present 0-3, 8; anonymous none; zero none`.
    public var description: String {
        "present \(FieldText.runs(present)); anonymous \(FieldText.runs(anonymous)); zero \(FieldText.runs(zero))"
    }
}
