/// How a routine continues: plainly, after a sleep that a signal has ended, or with the result of the routine that it
/// called.
///
/// One stage gets it, and it is gone when that stage has run.
@frozen
public enum Resumption: Equatable, BitwiseCopyable, Sendable {
    /// At its first stage, at the stage after another, or after a sleep that ended as it should.
    case plain
    /// After a sleep that ended early, by a signal that it lets through.
    case interrupted
    /// The called routine is done, without a value.
    case done
    /// The called routine failed.
    case failed(Errno)
    /// The called routine returned a number.
    case value(Int)
    /// The called routine handled an attempt at a fault.
    case fault(FaultResult)
    /// The called routine was a ``FaultEntry``.
    case entry(EntryOutcome)
    /// The called routine made pages ready to copy from.
    case ready(ReadyPages)

    /// Whether a signal has ended the sleep before this stage.
    @inlinable
    public var wasInterrupted: Bool { self == .interrupted }

    /// The result of the called routine, which must be of that type.
    @inlinable
    @inline(__always)
    public func result<Result: RoutineResult>(_: Result.Type = Result.self) -> Result { Result(self) }

    /// The error of the called routine; `nil` if it did not fail. A routine that gives up checks this, and passes the
    /// error on.
    @inlinable
    public var errno: Errno? {
        if case .failed(let errno) = self { return errno }
        return nil
    }

    /// The result of the fault that this routine had handled.
    @inlinable
    public var faultResult: FaultResult { FaultResult(self) }
}

extension Resumption {
    /// A number for the kind. A called routine that is done without a value counts as if none had been called.
    var kindNumber: UInt64 {
        switch self {
        case .plain, .done: 0
        case .interrupted: 1
        case .failed: 3
        case .value: 4
        case .fault: 5
        case .entry: 6
        case .ready: 7
        }
    }

    /// The value besides the kind, as a word.
    var detail: UInt64 {
        switch self {
        case .plain, .interrupted, .done: 0
        case .failed(let errno): UInt64(errno.rawValue)
        case .value(let value): UInt64(bitPattern: Int64(value))
        case .fault(let result): UInt64(result.rawValue)
        case .entry(.replay): 0
        case .entry(.signal): 1
        case .entry(.fixup): 2
        case .entry(.oops): 3
        case .entry(.killed): 4
        case .entry(.emulated(let call)): 5 | UInt64(bitPattern: Int64(call)) << 8
        case .ready(let ready): UInt64(ready.count) << 1 | (ready.reachesEnd ? 1 : 0)
        }
    }
}

@usableFromInline
@inline(never)
func mismatch(_ resumption: Resumption, _ expected: String) -> Never {
    misuse(
        "Resumption: a stage expects \(expected), and was resumed with \(resumption); ask for a result only in the stage "
            + "after the call, and as the type that the called routine returns")
}
