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
    ///
    /// - Parameter isUserMode: Whether an ordinary signal counts.
    public func isGivenUp(_ fault: VMFault, after result: FaultResult, isUserMode: Bool) -> Bool {
        result.isGivenUp(
            isUserMode: isUserMode, hasFatalSignal: hasFatalSignal(fault.task), hasSignal: hasSignal(fault.task))
    }

    /// Sets the flags of the attempt that follows a `RETRY`, before `goto retry`.
    ///
    /// ``FaultFlags/tried`` keeps it from dropping the lock again for I/O; ``FaultFlags/allowRetry`` stays.
    public func prepareRetry(of fault: inout VMFault) { fault.flags.insert(.tried) }

    /// Begins a fault anew within its exception, with the lock held: what an entry does that looks for the entry itself and
    /// finds none, although the attempt has ended well (the loop of `handle_page_fault()`, arch/um/kernel/trap.c).
    ///
    /// It counts as a fault of its own.
    public mutating func beginAgain(_ fault: VMFault) { recorder.forgetException(of: fault.task) }

    /// Reports who touches page tables without the mmap lock that guards them: `mmap_assert_locked()`.
    ///
    /// - Parameter what: What is done so, for the report.
    public mutating func assertMmapLocked(_ fault: VMFault, _ what: String) {
        guard holds(.mmap(fault.map), fault.task) == nil else { return }
        report(.staleArea, fault.task, "\(what) without the \(LockName.mmap(fault.map))")
    }
}

extension Recorder {
    /// Lets the laws about one exception begin anew.
    fileprivate mutating func forgetException(of task: TaskID) {
        guard isChecking, task.index < memory.exceptionOf.count else { return }
        memory.exceptionOf[task.index].attempts = 0
        memory.exceptionOf[task.index].counted = 0
        memory.exceptionOf[task.index].drops = 0
    }
}
