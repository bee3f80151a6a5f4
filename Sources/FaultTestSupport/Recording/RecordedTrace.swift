/// A trace with one line for each event, to compare with a golden trace.
///
///     let trace = world.recorded { $0.run() }
///     #expect(trace.difference(from: """
///         reader takes the mmap lock of map 0 (read)
///         …
///         """).isEmpty)
///
/// A failing expectation prints the lines that are missing and the lines that came instead. Lines have no times, so a
/// golden trace stays valid when costs change. Set `times` if times matter.
public struct RecordedTrace: Equatable, Sendable {
    /// The lines.
    public let lines: [String]

    /// Makes a trace from text. Indentation, and empty lines at both ends, are ignored.
    public init(_ text: String) {
        lines = text.split(separator: "\n").map { line in
            var line = line.drop { $0 == " " }
            while line.last == " " { line.removeLast() }
            return String(line)
        }.filter { !$0.isEmpty }
    }

    init(lines: [String]) { self.lines = lines }

    /// The main events of a fault: exceptions, attempts, counts, locks, I/O, sleeps and signals, but not stages.
    public static let chief: [TraceEvent.Kind] = TraceEvent.Kind.allCases.filter {
        ![.stage, .operationStarted, .woken, .folioLocked, .folioUnlocked].contains($0)
    }

    /// The differences of these lines from those of a golden trace.
    public func difference(from golden: RecordedTrace) -> TextDifference {
        TextDifference(from: golden.lines, to: lines)
    }
}

extension RecordedTrace: ExpressibleByStringLiteral {
    /// A golden trace, written as a string of lines.
    public init(stringLiteral text: String) { self.init(text) }
}

extension RecordedTrace: CustomStringConvertible {
    /// The lines, on less than a screen; ``text`` has all lines.
    public var description: String {
        if lines.isEmpty { return "no events" }
        return FieldText.lines(lines.map { FieldText.cut($0) }, atMost: ScreenText.height - 1, of: "lines").joined(
            separator: "\n")
    }

    /// All lines, to paste into a test.
    public var text: String { lines.joined(separator: "\n") }
}

extension World {
    /// The events of what `body` does, one line each, with names. This discards earlier recordings.
    ///
    /// - Parameters:
    ///   - kinds: Which events; by default ``RecordedTrace/chief``.
    ///   - times: Whether each line begins with its virtual time.
    public mutating func recorded(
        _ kinds: [TraceEvent.Kind] = RecordedTrace.chief, times: Bool = false, _ body: (inout World) throws -> Void
    ) rethrows -> RecordedTrace {
        let wasTracing = machine.isTracing
        _ = machine.takeTrace()
        machine.isTracing = true
        defer { machine.isTracing = wasTracing }
        try body(&self)
        return RecordedTrace(
            lines: machine.trace.filter { kinds.contains($0.kind) }.map { event in
                let line = (event.task == .none ? "" : "\(event.task) ") + text(of: event)
                return (times ? "\(event.time) " : "")
                    + machine.named(line, for: event.task == .none ? nil : event.task)
            })
    }

    /// The text of an event, without numbers that mean nothing in another run.
    private func text(of event: TraceEvent) -> String {
        if let stage = machine.stage(of: event) { return "stage \(stage)" }
        if case .slept(let kind, _) = event.detail { return "falls asleep: \(kind)" }
        return "\(event.detail)"
    }
}
