/// What a kernel model lets the attempts of an exception do, and what follows `RETRY`.
extension KernelModel {
    /// What an entry does after an attempt that has returned `RETRY`.
    public enum AfterRetry: UInt8, BitwiseCopyable, Sendable {
        /// It takes the lock and tries again, with ``FaultFlags/tried``.
        case triesAgain
        /// It goes back to the instruction, which faults anew.
        case replays
        /// It gives the access up: a fatal signal is pending.
        case givesUp
    }

    /// What an entry does after an attempt that has returned `RETRY`.
    ///
    /// - Parameters:
    ///   - inUserMode: Whether the exception came from a program.
    ///   - fatalSignal: Whether a fatal signal is pending.
    ///   - signal: Whether any signal is.
    public func afterRetry(inUserMode: Bool, fatalSignal: Bool, signal: Bool) -> AfterRetry {
        if faultRetry == .inUserMode { return .replays }
        switch retrySignals {
        case .anyInUserMode:
            if fatalSignal { return .givesUp }
            return signal && inUserMode ? .replays : .triesAgain
        case .fatal: return fatalSignal ? .givesUp : .triesAgain
        case .fatalInUserMode: return fatalSignal && inUserMode ? .givesUp : .triesAgain
        case .none: return .triesAgain
        }
    }

    /// The flags of an attempt: the caller's flags, without those that this kernel does not have or does not look at.
    ///
    /// Callers use the flags of Linux 5.7 and later: they begin with ``FaultFlags/default``, and add
    /// ``FaultFlags/tried`` after each `RETRY`.
    @inline(__always)
    func flags(of fault: VMFault) -> FaultFlags {
        let isLate =
            faultRetry == .anyNumber && pinRetry == .mayDropLock && pageWait == .killable
            && retrySignals == .anyInUserMode && keptPage == .none && faultAround != .insideHandler
        return isLate ? fault.flags : earlierFlags(of: fault)
    }

    @inline(never)
    private func earlierFlags(of fault: VMFault) -> FaultFlags {
        var flags = fault.flags.subtracting([.usedCached, .around])
        if pageWait != .killable { flags.remove(.killable) }
        if !fault.isException, pinRetry == .keepsLock { flags.subtract([.allowRetry, .retryNoWait, .tried]) }
        // A killed access of the kernel would fault again at once, over and over, until the wait is over.
        let replaysKilled = retrySignals == .fatalInUserMode || faultRetry == .inUserMode
        if fault.isException, replaysKilled, !flags.contains(.user) { flags.remove(.killable) }
        if faultRetry != .anyNumber { flags.remove(.interruptible) }
        switch faultRetry {
        case .anyNumber: break
        case .onceTried:
            if flags.contains(.tried) { flags.remove(.allowRetry) }
        case .onceUnmarked, .onceByTaskFlag:
            if flags.contains(.tried) { flags.subtract([.allowRetry, .tried]) }
        case .inUserMode: flags.remove(.tried)
        case .never: flags.subtract([.allowRetry, .tried])
        }
        return flags
    }

    /// How the fault sleeps for a page.
    @inline(__always)
    public func pageWait(of fault: VMFault) -> TaskWait.Mode {
        if fault.flags.contains(.killable) { return .killable }
        return pageWait == .interruptible && fault.lockDropped ? .interruptible : .uninterruptible
    }

    /// The flags with which `page_mkwrite` is called: `do_page_mkwrite()`.
    ///
    /// Differs from the proposals of 2018: an attempt that may not drop the lock because of ``FaultFlags/retryNoWait``
    /// does not claim that it may.
    func mkwriteFlags(_ flags: FaultFlags) -> FaultFlags {
        let base: FaultFlags = [.write, .mkwrite]
        switch mkwriteProtocol {
        case .keepsLock: return base
        case .handlerRetries: return flags.mayDropLock ? base.union(.allowRetry) : base
        case .helperRetries, .fileSystemKnows:
            let kept = flags.intersection(.usedCached)
            return flags.mayDropLock ? base.union([.allowRetry, kept]) : base.union(kept)
        }
    }
}
