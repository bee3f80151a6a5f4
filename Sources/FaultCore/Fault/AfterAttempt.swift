/// What every entry checks and does after `handle_mm_fault()`. The order of the steps differs by architecture; their
/// results do not.
extension Machine {
    /// Whether the fault is given up after the attempt that returned `result`, because a signal is pending:
    /// `fault_signal_pending()` (include/linux/sched/signal.h), by the rules in
    /// ``KernelModel/afterRetry(inUserMode:fatalSignal:signal:)``.
    ///
    /// If so, the fault lock is no longer held, unless ``FaultFlags/retryNoWait`` was given.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - result: What the attempt has returned.
    ///   - isUserMode: Whether the access was the program's own. If so, an ordinary signal counts, too: its handler
    ///     runs, and then the program makes the access again, which is a new fault.
    ///   - heedsSignals: Whether the architecture looks at ordinary signals at all. A fatal one counts in any case.
    public func isGivenUp(
        _ fault: VMFault, after result: FaultResult, isUserMode: Bool, heedsSignals: Bool = true
    ) -> Bool {
        guard result.contains(.retry) else { return false }
        let follows = model.afterRetry(
            inUserMode: isUserMode, fatalSignal: hasFatalSignal(fault.task),
            signal: heedsSignals && hasSignal(fault.task))
        return follows != .triesAgain
    }

    /// Sets the flags of the attempt that follows a `RETRY`, before `goto retry`. Entries use the flags of Linux 5.7
    /// and later.
    ///
    /// ``FaultFlags/tried`` keeps the attempt from dropping the lock again for I/O; ``FaultFlags/allowRetry`` stays.
    public func prepareRetry(of fault: inout VMFault) { fault.flags.insert(.tried) }

    /// Begins a fault anew within its exception, with the lock held.
    ///
    /// This is for a ``FaultEntry`` that looks up the page-table entry itself, and finds none although the attempt has
    /// ended well (the loop of `handle_page_fault()`, arch/um/kernel/trap.c).
    ///
    /// The fault is then counted again.
    public mutating func beginAgain(_ fault: VMFault) { recorder.forgetException(of: fault.task) }

    /// Reports code that touches page tables without the mmap lock that guards them: `mmap_assert_locked()`.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - what: What the code does, for the report.
    public mutating func assertMmapLocked(_ fault: VMFault, _ what: String) {
        guard holds(.mmap(fault.map), fault.task) == nil else { return }
        report(.staleArea, fault.task, "\(what) without the \(LockName.mmap(fault.map))")
    }
}

extension Recorder {
    /// Makes the laws about a single exception start anew.
    fileprivate mutating func forgetException(of task: TaskID) {
        guard isChecking, task.index < memory.exceptionOf.count else { return }
        memory.exceptionOf[task.index].attempts = 0
        memory.exceptionOf[task.index].counted = 0
        memory.exceptionOf[task.index].expectedCounts = 0
        memory.exceptionOf[task.index].drops = 0
    }
}
