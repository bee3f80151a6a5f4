/// The result of a routine.
public protocol RoutineResult: BitwiseCopyable, Sendable {
    /// The result, for resuming the caller.
    var resumption: Resumption { get }
    /// The result with which a caller was resumed. Ends the process if that was something else.
    init(_ resumption: Resumption)
}

/// The result of a routine that can fail, and has no value.
@frozen
public enum Completion: Equatable, RoutineResult {
    /// It has done what it was asked for.
    case done
    /// It has failed.
    case failed(Errno)

    /// The completion as ``Resumption/done`` or ``Resumption/failed(_:)``.
    @inlinable
    public var resumption: Resumption {
        switch self {
        case .done: .done
        case .failed(let errno): .failed(errno)
        }
    }

    /// The completion with which a caller was resumed.
    @inlinable
    public init(_ resumption: Resumption) {
        switch resumption {
        case .done: self = .done
        case .failed(let errno): self = .failed(errno)
        default: mismatch(resumption, "a completion")
        }
    }
}

/// The result of a system call: a number, such as a count of pages, or an errno.
@frozen
public enum CallResult: Equatable, RoutineResult {
    /// It succeeded, with a number of pages, the number of a page, an ID, or 0.
    case value(Int)
    /// It failed.
    case failed(Errno)

    /// It succeeded, without a value.
    @inlinable
    public static var done: Self { .value(0) }

    /// The result as ``Resumption/value(_:)`` or ``Resumption/failed(_:)``.
    @inlinable
    public var resumption: Resumption {
        switch self {
        case .value(let value): .value(value)
        case .failed(let errno): .failed(errno)
        }
    }

    /// The result with which a caller was resumed; a completion counts as 0.
    @inlinable
    public init(_ resumption: Resumption) {
        switch resumption {
        case .value(let value): self = .value(value)
        case .failed(let errno): self = .failed(errno)
        case .done: self = .value(0)
        default: mismatch(resumption, "a number or an errno")
        }
    }

    /// The error, if it failed.
    @inlinable
    public var errno: Errno? {
        if case .failed(let errno) = self { errno } else { nil }
    }

    /// What a system call returns to its program: the number, or the negative errno.
    @inlinable
    public var returned: Int64 {
        switch self {
        case .value(let value): Int64(value)
        case .failed(let errno): errno.returned
        }
    }
}

extension FaultResult: RoutineResult {
    /// The result as ``Resumption/fault(_:)``.
    @inlinable
    public var resumption: Resumption { .fault(self) }

    /// The result with which a caller was resumed.
    @inlinable
    public init(_ resumption: Resumption) {
        switch resumption {
        case .fault(let result): self = result
        default: mismatch(resumption, "a fault's result")
        }
    }
}
