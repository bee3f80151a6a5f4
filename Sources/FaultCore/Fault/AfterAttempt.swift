/// What every caller of `handle_mm_fault()` asks and does after it, whatever its architecture.
///
/// The order in which an entry asks is its own; the answers are not, so that a change of the protocol is made here once.
extension FaultResult {
    /// Whether a given-up attempt is not repeated, because a signal is pending: `fault_signal_pending()`
    /// (include/linux/sched/signal.h).
    ///
    /// An ordinary signal counts only if the access was the program's own: its handler runs before the access is tried
    /// again, as a fault of its own. The fault lock is gone, unless ``FaultFlags/retryNoWait`` was given.
    @inlinable
    public func isGivenUp(isUserMode: Bool, hasFatalSignal: Bool, hasSignal: Bool) -> Bool {
        contains(.retry) && (hasFatalSignal || (isUserMode && hasSignal))
    }
}

extension Machine {
    /// Whether the attempt at `fault` that answered `result` is not repeated, because a signal is pending.
    ///
    /// Models `fault_signal_pending()`; see ``FaultResult/isGivenUp(isUserMode:hasFatalSignal:hasSignal:)``.
    public func isGivenUp(_ fault: VMFault, after result: FaultResult) -> Bool {
        result.isGivenUp(
            isUserMode: fault.exception.mode == .user, hasFatalSignal: hasFatalSignal(fault.task),
            hasSignal: hasSignal(fault.task))
    }

    /// Sets the flags of the attempt that follows a `RETRY`, before `goto retry`.
    ///
    /// ``FaultFlags/tried`` keeps it from dropping the lock again for I/O; ``FaultFlags/allowRetry`` stays.
    public func prepareRetry(of fault: inout VMFault) { fault.flags.insert(.tried) }
}
