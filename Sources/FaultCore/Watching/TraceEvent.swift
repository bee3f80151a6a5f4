/// One event, with its virtual time; ``detail`` says what happened. Plain data; prints as a line.
public struct TraceEvent: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The kinds of event.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// An operation begins.
        case operationStarted
        /// An operation has ended; `a` is what it returned.
        case operationEnded
        /// A stage begins: the lowest 8 bits of `a` are the `RoutineNumber`, `b` is the stage.
        case stage
        /// The processor takes a page fault: `a` is the page, `b` the access.
        case exception
        /// `handle_mm_fault()` begins: `a` is the page, `b` the ``FaultFlags``.
        case attemptStarted
        /// `handle_mm_fault()` returns: `a` is the page, `b` the ``FaultResult``.
        case attemptEnded
        /// A fault counts: `a` is the page, `b` 1 for a major one.
        case accounted
        /// A fault handler drops the fault lock.
        case faultLockDropped
        /// A task queues for the lock `a`, with the mode `b`.
        case lockQueued
        /// A task gets the lock `a`, with the mode `b`.
        case lockTaken
        /// A task releases the lock `a`, which it held with the mode `b`.
        case lockReleased
        /// A task turns its write lock `a` into a read lock.
        case lockDowngraded
        /// A page is locked: `a` is its file, `b` its page.
        case folioLocked
        /// A page is unlocked: `a` is its file, `b` its page.
        case folioUnlocked
        /// A request goes to a device: `a` is the file, `b` the first page.
        case ioSubmitted
        /// A device has finished a request: `a` is the file, `b` the first page.
        case ioCompleted
        /// A task falls asleep: `a` is the ``TaskWait/Kind``, `b` its value.
        case slept
        /// A task is woken.
        case woken
        /// A signal is sent to the task.
        case signalSent
        /// A signal is forced on the task by a fault.
        case signalForced
        /// An allocation fails at the ``AllocationPoint`` `a`.
        case allocationFailed
        /// A broken contract: `a` is the ``Law``.
        case violation
        /// A task takes the lock of the area that begins at page `a`, for reading.
        case areaLockTaken
        /// A task releases the lock of the area that begins at page `a`.
        case areaLockReleased
    }

    /// The time, in virtual nanoseconds.
    public package(set) var time: UInt64
    /// The task, if there is one.
    public package(set) var task: TaskID
    /// The kind of event.
    public package(set) var kind: Kind
    /// The first detail as a number, as described in ``Kind``; ``detail`` has it as a value.
    package var a: UInt64
    /// The second detail.
    package var b: UInt64

    /// A line such as `120 task 0 attemptEnded page 0x10 MAJOR|RETRY`. Stages of plug-ins are numbers; see
    /// ``Machine/text(of:)``.
    public var description: String {
        let detail: String =
            switch kind {
            case .stage:
                StageKey(word: a, stage: b)?.description ?? "?"
            case .attemptStarted:
                "page 0x\(String(a, radix: 16)) \(FaultFlags(rawValue: UInt32(truncatingIfNeeded: b)))"
            case .attemptEnded: "page 0x\(String(a, radix: 16)) \(FaultResult(rawValue: UInt32(truncatingIfNeeded: b)))"
            case .exception:
                "page 0x\(String(a, radix: 16)) \(FaultException.Access(rawValue: UInt8(truncatingIfNeeded: b)).map { "\($0)" } ?? "?")"
            case .accounted: "page 0x\(String(a, radix: 16)) \(b == 1 ? "major" : "minor")"
            case .lockQueued, .lockTaken, .lockReleased, .lockDowngraded:
                "\(LockName(rawValue: UInt32(truncatingIfNeeded: a))) \(b == 2 ? "write" : "read")"
            case .areaLockTaken, .areaLockReleased: "page 0x\(String(a, radix: 16))"
            case .slept: TaskWait.Kind(rawValue: UInt8(truncatingIfNeeded: a)).map { "\($0)" } ?? "?"
            case .folioLocked, .folioUnlocked, .ioSubmitted, .ioCompleted: "file \(Int64(bitPattern: a)) page \(b)"
            case .allocationFailed:
                "\(AllocationPoint(rawValue: UInt8(truncatingIfNeeded: a)).map { "\($0)" } ?? "?")"
            case .violation: "\(Law(rawValue: UInt8(truncatingIfNeeded: a)).map { "law \($0.number): \($0)" } ?? "?")"
            case .operationEnded: "\(Int64(bitPattern: a))"
            case .operationStarted, .faultLockDropped, .woken, .signalSent, .signalForced: ""
            }
        return "\(time) \(task) \(kind)" + (detail.isEmpty ? "" : " " + detail)
    }

    /// The event as words, for digests.
    package var words: [UInt64] {
        [
            time, UInt64(UInt32(bitPattern: task.rawValue)) | UInt64(kind.rawValue) << 32,
            kind == .stage ? a & 0xFF : a,
            b,
        ]
    }
}
