/// What an entry asks and does after `handle_mm_fault()`, whatever its architecture: its order is its own, the answers are not.
extension Machine {
    /// Whether the attempt at `fault` that answered `result` is not repeated, because a signal is pending:
    /// `fault_signal_pending()` (include/linux/sched/signal.h), as ``KernelModel/afterRetry(inUserMode:fatalSignal:signal:)``
    /// has it.
    ///
    /// The fault lock is gone then, unless ``FaultFlags/retryNoWait`` was given.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - result: What the attempt has answered.
    ///   - isUserMode: Whether the access was the program's own, so that an ordinary signal counts: its handler runs
    ///     before the access is tried again, as a fault of its own.
    public func isGivenUp(_ fault: VMFault, after result: FaultResult, isUserMode: Bool) -> Bool {
        guard result.contains(.retry) else { return false }
        let follows = model.afterRetry(
            inUserMode: isUserMode, fatalSignal: hasFatalSignal(fault.task), signal: hasSignal(fault.task))
        return follows != .triesAgain
    }

    /// Sets the flags of the attempt that follows a `RETRY`, before `goto retry`: entries speak the language of Linux 5.7 and
    /// later.
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
    /// - Parameters:
    ///   - fault: The fault.
    ///   - what: What is done so, for the report.
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
