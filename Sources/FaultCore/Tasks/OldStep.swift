/// The answer of one stage: what the task does next.
///
/// A stage is atomic. Where the kernel sleeps, a stage answers ``sleep(_:then:)`` and names the stage at which it goes
/// on; where the kernel calls a function that may sleep, it answers ``call(_:then:)``.
@frozen
public enum OldStep<Stage: RawRepresentable & BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable
where Stage.RawValue == UInt8 {
    /// Go on at this stage.
    case next(Stage)
    /// Sleep until the wait is over, then go on at this stage.
    ///
    /// If the wait ends early, by a signal that it lets through, ``Activation/wasInterrupted`` is true then.
    case sleep(Wait, then: Stage)
    /// Run another routine, then go on at this stage with its result in ``Activation/returned``.
    case call(Call, then: Stage)
    /// The routine is done, with this result.
    case returned(Int64)

    /// The routine is done with a fault's result.
    @inlinable
    public static func done(_ result: FaultResult) -> Self { .returned(Int64(result.rawValue)) }

    /// The system call failed.
    @inlinable
    public static func failed(_ errno: Errno) -> Self { .returned(errno.returned) }

    /// The routine is done, with nothing to tell.
    @inlinable
    public static var done: Self { .returned(0) }

    /// The same answer with the stage as a plain byte.
    @inlinable
    @inline(__always)
    public var erased: OldStep<HandlerStage> {
        switch self {
        case .next(let stage): .next(HandlerStage(rawValue: stage.rawValue))
        case .sleep(let wait, let stage): .sleep(wait, then: HandlerStage(rawValue: stage.rawValue))
        case .call(let call, let stage): .call(call, then: HandlerStage(rawValue: stage.rawValue))
        case .returned(let value): .returned(value)
        }
    }
}

/// A stage of a routine that is plugged in. Every routine begins at ``start``.
///
/// Give your stages names in an extension: `extension HandlerStage { static let woken = HandlerStage(1) }`.
@frozen
public struct HandlerStage: RawRepresentable, Equatable, BitwiseCopyable, Sendable, ExpressibleByIntegerLiteral {
    /// The number of the stage.
    public var rawValue: UInt8

    /// Names a stage.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Names a stage.
    @inlinable
    public init(_ rawValue: UInt8) { self.rawValue = rawValue }

    /// Names a stage.
    @inlinable
    public init(integerLiteral value: UInt8) { rawValue = value }

    /// Where every routine begins.
    @inlinable
    public static var start: Self { 0 }
}

extension Unmapping {
    init(from call: Activation) {
        self.init(
            tables: PageNumber(call.words.2)..<PageNumber(call.words.3), mayDowngrade: call.words.4 & 1 != 0,
            endsFile: call.words.4 & 2 != 0, isSequential: call.words.4 & 4 != 0)
    }

    func save(in call: inout Activation) {
        call.words.2 = tables.lowerBound.rawValue
        call.words.3 = tables.upperBound.rawValue
        call.words.4 = (mayDowngrade ? 1 : 0) | (endsFile ? 2 : 0) | (isSequential ? 4 : 0)
    }
}
