/// Attempts begin and end here: what they are counted as, the lock contract, what must not be left over.
extension Machine {
    /// The first lines of `handle_mm_fault()`.
    @inline(__always)
    mutating func beginAttempt(_ fault: inout VMFault) {
        fault.result = []
        fault.flags = model.flags(of: fault)
        fault.hasGoneOn = false
        countAttempt(of: fault)
        record(.attemptStarted, fault.task, fault.page.rawValue, UInt64(fault.flags.rawValue))
        if recorder.isChecking { checkAttemptStart(fault) }
        if hasGroup { enterFault(fault) }
    }

    /// The last lines of `handle_mm_fault()`: `mm_account_fault()`.
    @inline(__always)
    mutating func endAttempt(_ fault: inout VMFault, _ result: FaultResult) {
        record(.attemptEnded, fault.task, fault.page.rawValue, UInt64(result.rawValue))
        if recorder.isChecking { checkAttemptEnd(&fault, result) }
        if hasGroup { leaveFault(fault) }
        if recorder.recordsAttempts { keepAttempt(fault, result) }
        countResult(result, of: fault.task)
        if fault.keptFolio != .none, !fault.isException || !result.contains(.retry) { dropKeptFolio(of: &fault) }
        let isMajor: Bool
        if model.retryAccounting == .retriedIsMajor, model.faultRetry != .inUserMode {
            guard !result.isError || mistaken(.failedFaultCounted), !result.contains(.retry) else { return }
            isMajor = result.contains(.major) || fault.flags.contains(.tried) && !mistaken(.retriedFaultMinor)
        } else {
            guard let counts = countsAsMajor(&fault, result) else { return }
            isMajor = counts
        }
        if isMajor { countMajorFault(of: fault.task) } else { countMinorFault(of: fault.task) }
        record(.accounted, fault.task, fault.page.rawValue, isMajor ? 1 : 0)
    }

    /// Whether an attempt counts, and if so, whether it counts as major, in kernels up to 5.8.
    ///
    /// In these, the architecture counts exceptions after the core has returned, and `get_user_pages()` counts its own
    /// attempts.
    private func countsAsMajor(_ fault: inout VMFault, _ result: FaultResult) -> Bool? {
        let isRetry = result.contains(.retry)
        fault.wasMajor = fault.wasMajor || result.contains(.major)
        guard !result.isError else { return nil }
        if !fault.isException, model.retryAccounting != .retriedIsMajor { return result.contains(.major) }
        if model.faultRetry == .inUserMode, isRetry { return false }
        switch model.retryAccounting {
        case .firstAttemptMajor:
            let isFirst = fault.flags.isFirstAttempt || model.faultRetry == .never
            let isGivenUp = isRetry && hasFatalSignal(fault.task) && model.retrySignals != .none
            return isFirst && !isGivenUp ? result.contains(.major) : nil
        case .anyAttemptMajor: return isRetry ? nil : fault.wasMajor
        // A fault that is retried in user mode is a new one, so its flags don't say that it was tried.
        case .lastAttemptMajor, .retriedIsMajor: return isRetry ? nil : result.contains(.major)
        }
    }

    private mutating func keepAttempt(_ fault: VMFault, _ result: FaultResult) {
        let index = fault.task.index
        if let known = tasks[index].results.firstIndex(where: { $0.result == result }) {
            tasks[index].results[known].count += 1
        } else {
            tasks[index].results.append(ResultCount(result: result, count: 1))
        }
        let surplus = tasks[index].attempts.count + 1 - recorder.attemptLimit
        if surplus > 0 { tasks[index].attempts.removeFirst(surplus) }
        tasks[index].attempts.append(
            AttemptReport(
                page: fault.page, flags: fault.flags.subtracting(.originalEntryValid), result: result,
                lockHeldAfter: fault.lock != .none))
    }
}
