/// How much virtual time things take, in nanoseconds. All costs are zero by default: then only devices and timers take
/// time.
public struct CostModel: Equatable, BitwiseCopyable, Sendable {
    /// Taking an exception and returning from it, in addition to the stages of the entry.
    public var exceptionNanoseconds: UInt64 = 0
    /// One stage of an architecture's entry, of a fault handler, or of the core's fault path.
    public var faultStageNanoseconds: UInt64 = 0
    /// Allocating and clearing, or copying, a page.
    public var pageCopyNanoseconds: UInt64 = 0
    /// One stage of a system call.
    public var systemCallStageNanoseconds: UInt64 = 0
    /// One stage of a touch: a walk of the page tables, whether it finds the page or not, or the end of an exception.
    public var touchNanoseconds: UInt64 = 0

    /// Everything is free.
    public init() {}

    /// Whether everything is free.
    @inlinable
    package var isFree: Bool { self == CostModel() }

    /// What a stage of `routine` costs.
    func nanoseconds(of routine: RoutineNumber) -> UInt64 {
        switch routine {
        case .touch, .userAccess: touchNanoseconds
        case .faultEntry, .pageFault, .handlerFault, .handlerMkwrite, .lockFolio, .throttle: faultStageNanoseconds
        case .takeLock, .pause: 0
        default: systemCallStageNanoseconds
        }
    }
}
