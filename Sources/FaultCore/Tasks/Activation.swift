/// One running routine of a task: which, at what stage, with its few words. Plain data, so that it forks and hashes.
///
/// A task has a stack of them, the innermost last; it reads like a backtrace.
@frozen
public struct Activation: BitwiseCopyable, Sendable {
    /// Which routine runs.
    public var routine: Routine
    /// The stage it takes next.
    public var stage: HandlerStage
    /// The number of the plugged-in object, where the routine is one's.
    public var owner: UInt16
    /// A small number whose meaning is the routine's, set by the call.
    public var option: UInt8
    /// Whether the last sleep was ended by a signal.
    public var wasInterrupted: Bool
    /// A frame that the routine works on. Not a number that the fingerprint sees: see ``Machine/hold(_:for:)``.
    public var frame: FrameNumber
    /// The result of the routine that this one called last.
    public var returned: Int64
    /// The routine's words.
    public var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Starts a routine.
    @inlinable
    public init(_ call: Call) {
        routine = call.routine
        stage = .start
        owner = call.owner
        option = call.option
        wasInterrupted = false
        frame = call.frame
        returned = 0
        words = (call.first, call.second, 0, 0, 0, 0)
    }

    /// The result of the fault that this routine had handled.
    @inlinable
    public var faultResult: FaultResult { FaultResult(rawValue: UInt32(truncatingIfNeeded: returned)) }
}
