/// What watches a machine: trace, checker, and attempt reports. Not state: nothing in the simulated kernel reads it.
struct Recorder: Sendable {
    /// Whether all events are kept.
    var isTracing = false
    /// Whether laws are checked, and the last events kept for a report.
    var isChecking = false
    /// Whether the attempts of each operation are kept.
    var recordsAttempts = false
    /// How many attempts of an operation are kept: the last ones.
    var attemptLimit = 64
    /// How many reports of a list or program are kept: the last ones.
    var reportLimit = 1_000
    /// Whether shortcuts may handle faults while nothing is watched.
    var usesShortcuts = true
    /// The kinds of event that are traced, one bit each.
    var tracedKinds: UInt32 = .max
    /// Whether sleeps are kept.
    var recordsWaits = false
    /// Whether writes are noted.
    var notesWrites = false
    /// Whether notes are kept in addition to the trace.
    var recordsTimeline = false
    /// The request that is just being completed, while a timeline is recorded.
    var completing: RequestID?
    /// The event that the current run waits for: ``StopCondition/event(_:)``.
    private(set) var awaited: (@Sendable (TraceEvent) -> Bool)?
    /// Whether that event has happened.
    private(set) var hasSeenEvent = false
    /// What has been written since ``Machine/takeWrites()`` last returned it. It is not in the log, which forks share:
    /// an exploration takes the writes of each stage.
    var writes = Footprint.nothing
    private var log = Shared(Log())

    /// Checks every event from now on with the closure; `nil` ends that.
    mutating func await(_ isMeant: (@Sendable (TraceEvent) -> Bool)?) {
        awaited = isMeant
        hasSeenEvent = false
    }

    /// Everything that was recorded.
    private struct Log: Sendable {
        var trace: [TraceEvent] = []
        var notes: [TraceNote] = []
        var ring: [TraceEvent] = []
        var ringNext = 0
        var violations: [Violation] = []
        var memory = CheckerMemory()
        var scan: ScanMemory?
        var waits: [WaitSpan] = []
        var openWaits: [Int?] = []
        var longestChain: [WaitLink] = []
    }

    /// The sleeps, in the order in which they began.
    var waits: [WaitSpan] {
        get { log.value.waits }
        _modify { yield &log.value.waits }
    }

    /// For each task, its index in `waits` while it sleeps.
    var openWaits: [Int?] {
        get { log.value.openWaits }
        _modify { yield &log.value.openWaits }
    }

    /// The longest chain of waiting tasks so far.
    var longestChain: [WaitLink] {
        get { log.value.longestChain }
        _modify { yield &log.value.longestChain }
    }

    /// The events that were traced.
    var trace: [TraceEvent] { log.value.trace }

    /// Information that events leave out, while a timeline is recorded.
    var notes: [TraceNote] { log.value.notes }

    /// Keeps a note.
    mutating func keep(_ note: TraceNote) { log.value.notes.append(note) }

    /// Returns all events and forgets them, together with the notes.
    mutating func takeTrace() -> [TraceEvent] {
        defer {
            log.value.trace = []
            log.value.notes = []
        }
        return log.value.trace
    }

    /// The laws that were broken.
    var violations: [Violation] {
        get { log.value.violations }
        _modify { yield &log.value.violations }
    }

    /// What the laws about events remember, while checking.
    var memory: CheckerMemory {
        get { log.value.memory }
        _modify { yield &log.value.memory }
    }

    /// What the last scan of the laws between stages left behind.
    var scan: ScanMemory? {
        get { log.value.scan }
        _modify { yield &log.value.scan }
    }

    static let ringSize = 256
    /// How many violations are kept: one mistake usually breaks many laws.
    static let mostViolations = 64

    /// Whether events must be made at all.
    @inline(__always)
    var observes: Bool { isTracing || isChecking || awaited != nil }

    @inline(never)
    mutating func keep(_ event: TraceEvent) {
        if isTracing, tracedKinds >> event.kind.rawValue & 1 == 1 { log.value.trace.append(event) }
        if isChecking { Self.keep(event, in: &log.value) }
        if let awaited, awaited(event) { hasSeenEvent = true }
    }

    /// Keeps one of the last events, in a ring.
    private static func keep(_ event: TraceEvent, in log: inout Log) {
        if log.ring.count < ringSize {
            log.ring.append(event)
        } else {
            log.ring[log.ringNext] = event
            log.ringNext = (log.ringNext + 1) % ringSize
        }
    }

    /// The last events, in order.
    var history: [TraceEvent] { Array(log.value.ring[log.value.ringNext...] + log.value.ring[..<log.value.ringNext]) }
}

/// Watching a machine.
extension Machine {
    /// Whether all events are kept in ``trace``. Off by default; turning it off keeps the events so far.
    public var isTracing: Bool {
        get { recorder.isTracing }
        set { recorder.isTracing = newValue }
    }

    /// From now on, keeps only events of these kinds in ``trace``.
    public mutating func trace(only kinds: [TraceEvent.Kind]) {
        recorder.tracedKinds = kinds.reduce(0) { $0 | 1 << $1.rawValue }
        recorder.isTracing = true
    }

    /// Whether laws are checked as things happen. Off by default.
    ///
    /// A fault that is under way when checking is turned on is not checked as a whole. See also ``checkInvariants()``.
    public var isChecking: Bool {
        get { recorder.isChecking }
        set {
            if newValue, !recorder.isChecking { recorder.memory = CheckerMemory(pgfault: events.pgfault) }
            recorder.isChecking = newValue
        }
    }

    /// Whether the attempts of each operation are kept for its report, and the reports of all operations of a list or
    /// program. Off by default.
    public var recordsAttempts: Bool {
        get { recorder.recordsAttempts }
        set { recorder.recordsAttempts = newValue }
    }

    /// How many attempts of an operation its report keeps, the last ones: 64 by default.
    ///
    /// - Precondition: It is at least 1.
    public var attemptLimit: Int {
        get { recorder.attemptLimit }
        set {
            guard newValue >= 1 else { misuse("Machine.attemptLimit: \(newValue) attempts can't be kept; at least 1") }
            recorder.attemptLimit = newValue
        }
    }

    /// How many reports of a list or program are kept, the last ones: 1,000 by default; see ``reports(of:)``.
    ///
    /// - Precondition: It is at least 1.
    public var reportLimit: Int {
        get { recorder.reportLimit }
        set {
            guard newValue >= 1 else { misuse("Machine.reportLimit: \(newValue) reports can't be kept; at least 1") }
            recorder.reportLimit = newValue
        }
    }

    /// Whether faults that can't sleep may be handled at once instead of stage by stage, while nothing is watched. On
    /// by default; the outcome is the same.
    public var usesShortcuts: Bool {
        get { recorder.usesShortcuts }
        set { recorder.usesShortcuts = newValue }
    }

    /// The events traced so far, without those that ``takeTrace()`` has returned.
    public var trace: [TraceEvent] { recorder.trace }

    /// Returns all events in ``trace`` and forgets them: for code that prints them while the machine runs.
    public mutating func takeTrace() -> [TraceEvent] { recorder.takeTrace() }

    /// The laws that were broken as things happened: the first 64 violations.
    public var violations: [Violation] { recorder.violations }

    /// Keeps an event, if anything is watching.
    @inline(__always)
    package mutating func record(_ kind: TraceEvent.Kind, _ task: TaskID, _ a: UInt64 = 0, _ b: UInt64 = 0) {
        if recorder.observes { observe(TraceEvent(time: clock, task: task, kind: kind, a: a, b: b)) }
    }

    @inline(never)
    private mutating func observe(_ event: TraceEvent) {
        recorder.keep(event)
        if recorder.isChecking { check(event) }
    }

    /// Reports a broken contract, with the events that led to it.
    package mutating func report(_ law: Law, _ task: TaskID, _ message: String) {
        record(.violation, task, UInt64(law.rawValue))
        guard recorder.isChecking, recorder.violations.count < Recorder.mostViolations else { return }
        recorder.violations.append(Violation(law, task, message, in: self))
    }
}
