/// Attempts begin and end here: counting, the lock contract, what must not be left over.
extension Machine {
    /// The first lines of `handle_mm_fault()`.
    @inline(__always)
    mutating func beginAttempt(_ fault: inout VMFault) {
        fault.result = []
        if model.pgfaultCounting == .everyAttempt { events.pgfault &+= 1 }
        tasks[fault.task.index].counters.attempts &+= 1
        if fault.lock == .area { tasks[fault.task.index].counters.areaLockAttempts &+= 1 }
        record(.attemptStarted, fault.task, fault.page.rawValue, UInt64(fault.flags.rawValue))
        if recorder.isChecking { checkAttemptStart(fault) }
    }

    /// The last lines of `handle_mm_fault()`: `mm_account_fault()`.
    @inline(__always)
    mutating func endAttempt(_ fault: inout VMFault, _ result: FaultResult) {
        record(.attemptEnded, fault.task, fault.page.rawValue, UInt64(result.rawValue))
        if recorder.isChecking { checkAttemptEnd(&fault, result) }
        if recorder.recordsAttempts { keepAttempt(fault, result) }
        if model.pgfaultCounting == .everyFault, !result.contains(.retry) { events.pgfault &+= 1 }
        guard !result.isError, !result.contains(.retry) else { return }
        let major =
            result.contains(.major) || (model.retryAccounting == .retriedIsMajor && fault.flags.contains(.tried))
        if major {
            tasks[fault.task.index].counters.majorFaults &+= 1
        } else {
            tasks[fault.task.index].counters.minorFaults &+= 1
        }
        record(.accounted, fault.task, fault.page.rawValue, major ? 1 : 0)
    }

    /// Counts a page-cache miss of a fault: `count_vm_event(PGMAJFAULT)`.
    public mutating func countMajorFaultEvent(_ task: TaskID) {
        events.pgmajfault &+= 1
        tasks[task.index].counters.pgmajfault &+= 1
    }

    private mutating func keepAttempt(_ fault: VMFault, _ result: FaultResult) {
        let index = fault.task.index
        if let known = tasks[index].results.firstIndex(where: { $0.result == result }) {
            tasks[index].results[known].count += 1
        } else {
            tasks[index].results.append(ResultCount(result: result, count: 1))
        }
        if tasks[index].attempts.count == 64 { tasks[index].attempts.removeFirst() }
        tasks[index].attempts.append(
            AttemptReport(
                page: fault.page, flags: fault.flags.subtracting(.originalEntryValid), result: result,
                lockHeldAfter: fault.lock != .none))
    }
}
