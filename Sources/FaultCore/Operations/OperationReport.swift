/// The report of an operation: how it ended, and what it counted.
public struct OperationReport: Equatable, Sendable {
    /// The operation.
    public let operation: TaskOperation
    /// How it ended, if it has ended.
    public let outcome: OperationOutcome
    /// What it counted so far.
    public let counters: TaskCounters
    /// Its last attempts at faults, at most ``Machine/attemptLimit`` of them; empty unless
    /// ``Machine/recordsAttempts`` is on.
    public let attempts: [AttemptReport]
    /// How often each result was returned; empty unless ``Machine/recordsAttempts`` is on.
    public let results: [ResultCount]
    /// Whether the task has ended.
    public let isGone: Bool
    /// The details of the signal that ended it.
    public let signalDetail: SignalDetail?
    /// The error of the call in which its task was killed, such as `EINTR`. The program never sees this error:
    /// ``errno`` is `nil`, and ``signal`` is what ended the operation.
    public let errnoWhenKilled: Errno?
    /// The names of its task, files and memory.
    let names: ObjectNames

    /// How many attempts it made before those in ``attempts``.
    public var attemptsLeftOut: Int { results.reduce(0) { $0 + $1.count } - attempts.count }
    /// Whether it has ended.
    public var isDone: Bool { outcome.isDone }
    /// The error, if it failed.
    public var errno: Errno? { outcome.errno }
    /// The signal that ended it.
    public var signal: TaskSignal? { outcome.signal }
    /// Whether it has ended, without an error, a signal or an oops.
    public var succeeded: Bool { isDone && errno == nil && signal == nil && !outcome.oops }
    /// What the call returned: pages, a page number, an ID; the negative errno if it failed. 0 for an access.
    public var value: Int { Int(outcome.value) }
    /// How many bytes a read or write of a file moved.
    public var bytes: Int { outcome.bytes }
    /// Faults that needed no device.
    public var minorFaults: Int { counters.minorFaults }
    /// Faults that waited, or were retried.
    public var majorFaults: Int { counters.majorFaults }
}

/// One run of `handle_mm_fault()` as its caller saw it.
public struct AttemptReport: Equatable, BitwiseCopyable, Sendable {
    /// The page.
    public package(set) var page: PageNumber
    /// What the caller allowed.
    public package(set) var flags: FaultFlags
    /// The result that was returned.
    public package(set) var result: FaultResult
    /// Whether the fault lock was still held on return.
    public package(set) var lockHeldAfter: Bool
}

/// How often a result was returned.
public struct ResultCount: Equatable, BitwiseCopyable, Sendable {
    /// The result.
    public package(set) var result: FaultResult
    /// How often.
    public package(set) var count: Int
}
