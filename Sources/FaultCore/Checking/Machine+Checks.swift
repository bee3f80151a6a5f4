/// The laws that are checked when something happens: attempts, locks, sleeps.
extension Machine {
    /// Laws 28, 31 and 1: the conditions at the start of an attempt.
    mutating func checkAttemptStart(_ fault: VMFault) {
        let task = fault.task
        recorder.memory.makeRoom(for: task)
        if fault.flags.contains(.tried), fault.flags.contains(.allowRetry) != (model.faultRetry == .anyNumber) {
            report(.triedIsMonotone, task, "TRIED with flags \(fault.flags), under the rule \(model.faultRetry)")
        }
        if !holdsFaultLock(fault) {
            report(.faultLockReleasedOnce, task, "handle_mm_fault() is called without the fault lock")
        }
        recorder.memory.attempts += 1
        let attempts =
            model.pgfaultCounting == .everyAttempt ? recorder.memory.attempts : recorder.memory.finishedAttempts
        if events.pgfault - recorder.memory.pgfault != attempts {
            report(
                .eventCounts, task, "pgfault is \(events.pgfault - recorder.memory.pgfault) after \(attempts) attempts")
            recorder.memory.pgfault = events.pgfault - attempts
        }
        var attempt = CheckerMemory.Attempt()
        attempt.isUnderWay = true
        attempt.majorEvents = tasks[task.index].counters.pgmajfault
        attempt.interference = recorder.memory.interference
        attempt.isSpurious = suits(entry(of: fault.page, in: fault.map), fault)
        recorder.memory.attemptOf[task.index] = attempt
        if fault.isException { checkExceptionAttempt(fault) }
    }

    /// Whether a task's attempt may drop its lock although an earlier attempt may have dropped it.
    private func dropsFreely(_ task: TaskID) -> Bool {
        task.index < recorder.memory.attemptOf.count && recorder.memory.attemptOf[task.index].dropsFreely
    }

    /// Notes that the attempt drops its lock although an earlier one may have done so. This is for faults that wait for
    /// a program; the number of their attempts is not limited.
    package mutating func noteFreeDrop(of fault: VMFault) {
        guard recorder.isChecking else { return }
        recorder.memory.makeRoom(for: fault.task)
        recorder.memory.attemptOf[fault.task.index].dropsFreely = true
        if fault.isException { recorder.memory.exceptionOf[fault.task.index].dropsFreely = true }
    }

    /// Notes that the access of a fault may fault again at once, although the attempt ends well.
    package mutating func noteReplay(of fault: VMFault) {
        guard recorder.isChecking, fault.isException else { return }
        recorder.memory.makeRoom(for: fault.task)
        recorder.memory.exceptionOf[fault.task.index].mayFaultAgain = true
    }

    /// Whether the task of a fault really holds the lock that ``VMFault/lock`` says it holds.
    private func holdsFaultLock(_ fault: VMFault) -> Bool {
        switch fault.lock {
        case .none: false
        case .mmap: holds(.mmap(fault.map), fault.task) != nil
        case .area: readsArea(of: fault.map, fault.task)
        }
    }

    /// Laws 31 and 34: checks the attempts of one exception.
    private mutating func checkExceptionAttempt(_ fault: VMFault) {
        let index = fault.task.index
        guard recorder.memory.exceptionOf[index].isUnderWay else { return }
        if recorder.memory.exceptionOf[index].wasTried, !fault.flags.contains(.tried) {
            report(.triedIsMonotone, fault.task, "TRIED is gone from a later attempt of the same exception")
        }
        recorder.memory.exceptionOf[index].attempts += 1
        if fault.flags.contains(.tried) { recorder.memory.exceptionOf[index].wasTried = true }
        if fault.lock == .area { recorder.memory.exceptionOf[index].hadAreaLock = true }
        let most = recorder.memory.exceptionOf[index].hadAreaLock ? (model.areaRetry == .areaLock ? 4 : 3) : 2
        if recorder.memory.exceptionOf[index].attempts == most + 1, !recorder.memory.exceptionOf[index].dropsFreely {
            report(.progress, fault.task, "an exception takes more than \(most) attempts")
        }
    }

    /// Whether an entry lets the access of a fault through as it is.
    private func suits(_ entry: PTE, _ fault: VMFault) -> Bool {
        // With UNSHARE, the task gets a copy of the page, although the entry lets it read.
        entry.bits.contains([.present, .accessible])
            && (!fault.isWrite && !fault.flags.contains(.unshare) || entry.isWritable)
    }

    /// Laws 1 to 4, 13, 14, 30, 33: the conditions at the end of an attempt.
    mutating func checkAttemptEnd(_ fault: inout VMFault, _ result: FaultResult) {
        let task = fault.task
        if let complaint = LockContract.complaint(about: result, flags: fault.flags) {
            report(.legalResult, task, "handle_mm_fault() returned \(result): \(complaint)")
        }
        let release = model.areaLockRelease
        let isHeld = holdsFaultLock(fault)
        let mustBeHeld = LockContract.lockState(after: result, flags: fault.flags, areaLock: release) == .held
        if isHeld != mustBeHeld {
            let state = isHeld ? "held" : "released"
            report(.faultLockReleasedOnce, task, "handle_mm_fault() returned \(result) with the lock \(state)")
        } else if !mustBeHeld, !fault.flags.mayDropLock, !hasFatalSignal(task), !dropsFreely(task) {
            report(.voluntaryDrop, task, "the fault lock was dropped under \(fault.flags), which does not allow it")
        }
        checkLeftovers(fault)
        checkCounts(fault, result)
        if fault.isException {
            noteCount(fault, result)
            recorder.memory.exceptionOf[task.index].result = result
            recorder.memory.exceptionOf[task.index].neverWaits = fault.flags.contains(.retryNoWait)
            recorder.memory.exceptionOf[task.index].isRefusedOnceMapped = isRefusedOnceMapped(fault)
        }
        if !result.contains(.retry) { recorder.memory.finishedAttempts += 1 }
    }

    /// Whether the access of a fault will be refused as soon as its page is mapped: a fetch from an area that is not
    /// executable, and an access that the processor refuses the kernel whatever the entry allows.
    ///
    /// While there is no translation, the processor does not say so, and the kernel maps the page as for a read. The next
    /// exception says that there is a translation, and is refused.
    private func isRefusedOnceMapped(_ fault: VMFault) -> Bool {
        let exception = fault.exception
        guard !exception.translationPresent else { return false }
        if exception.mode != .user, entry.refusesKernel(exception.access, exception.mode) { return true }
        guard exception.access == .execute, fault.map != .none else { return false }
        return area(containing: fault.page, in: fault.map)?.flags.contains(.execute) == false
    }

    /// Laws 13 and 14: an attempt keeps nothing.
    private mutating func checkLeftovers(_ fault: VMFault) {
        let keepsPages =
            fault.folio != .none || fault.copy != .none || fault.folioLocked
            || !tasks[fault.task.index].aroundBatch.isEmpty
        if keepsPages || fault.lockDropped || fault.invalidateLocked {
            report(
                .leftovers, fault.task,
                "an attempt ends and keeps a page, a page lock, a file pin or an invalidate lock")
        } else if scheduler.pageLocks.contains(where: { $0.task == fault.task }) {
            report(.leftovers, fault.task, "an attempt ends and a page stays locked")
        } else if heldLocks(of: fault.task).contains(where: { $0.lock.kind == .invalidate }) {
            report(.leftovers, fault.task, "an attempt ends and an invalidate lock stays held")
        }
    }

    /// Laws 30 and 33: checks the result of an attempt against what it did.
    private mutating func checkCounts(_ fault: VMFault, _ result: FaultResult) {
        recorder.memory.makeRoom(for: fault.task)
        let attempt = recorder.memory.attemptOf[fault.task.index]
        recorder.memory.attemptOf[fault.task.index].isUnderWay = false
        guard attempt.isUnderWay else { return }
        let isAnswered = model.userfaultCount == .asMajor && result.contains([.retry, .major])
        if result.contains(.major), tasks[fault.task.index].counters.pgmajfault == attempt.majorEvents, !isAnswered {
            report(.eventCounts, fault.task, "an attempt returned \(result), but counted no pgmajfault")
        }
        if attempt.isSpurious, attempt.interference == recorder.memory.interference, result != [] {
            report(.progress, fault.task, "the entry of \(fault.page) suited already, but the fault returned \(result)")
        }
    }

    /// Laws 25 to 27: notes whether this attempt is one that counts.
    private mutating func noteCount(_ fault: VMFault, _ result: FaultResult) {
        let index = fault.task.index
        let isRetry = result.contains(.retry)
        let counts =
            switch model.retryAccounting {
            case .firstAttemptMajor:
                // Only if it may be retried: `if (flags & FAULT_FLAG_ALLOW_RETRY)`.
                recorder.memory.exceptionOf[index].attempts == 1
                    && (fault.flags.contains(.allowRetry) || model.faultRetry == .never)
                    && !(isRetry && hasFatalSignal(fault.task) && model.retrySignals != .none)
            case .retriedIsMajor, .anyAttemptMajor, .lastAttemptMajor: !isRetry
            }
        if !result.isError, counts || (isRetry && model.faultRetry == .inUserMode) {
            recorder.memory.exceptionOf[index].expectedCounts += 1
        }
    }

    /// Laws 8 and 11: checks the order of sleeping locks: inode lock, mmap lock, area's lock, invalidate lock,
    /// map-changing lock, page lock.
    mutating func checkLockOrder(taking lock: LockName, _ mode: LockMode, by task: TaskID) {
        for held in heldLocks(of: task) {
            if held.lock == lock {
                report(.lockOrder, task, "waits for the \(lock), which it holds")
            } else if held.lock.kind.rawValue > lock.kind.rawValue {
                report(.lockOrder, task, "waits for the \(lock) while it holds the \(held.lock)")
            }
        }
        if lock.kind != .invalidate, lock.kind != .mapChanging, areaRead(by: task) != nil {
            report(.lockOrder, task, "waits for the \(lock) while it holds the lock of an area")
        }
        if scheduler.pageLocks.contains(where: { $0.task == task }) {
            report(.lockOrder, task, "waits for the \(lock) while it holds a page lock")
        }
    }

    /// Law 9: a task that sleeps for file data on a first attempt has dropped the mmap lock.
    ///
    /// The law does not apply to a wait for a page that a task has locked, to `page_mkwrite`, or to tmpfs. Nor does it
    /// apply to a wait for a lock whose holder waits for I/O (``WaitLink`` reports such waits).
    mutating func checkSleep(_ task: TaskID, _ wait: TaskWait) {
        let fault = tasks[task.index].fault
        guard fault.lock != .none, fault.isException, fault.flags.mayDropLock else { return }
        guard model.lockDroppingWaits == .allIO, model.soleUser == .dropsLock, fault.file != .none else { return }
        guard !keepsFaultLock(fault, for: .folioLock) else { return }
        let stack = tasks[task.index].stack
        guard stack.contains(where: { $0.routine == .handlerFault }) else { return }
        guard !stack.contains(where: { $0.routine == .reclaim }) else { return }
        guard !files[fault.file.index].traits.contains(.shmem) else { return }
        let isRead =
            switch wait.kind {
            case .folio: lockOwner(of: wait.frame) == nil
            case .request, .submission: true
            case .none, .writeback, .lock, .timer, .dirtyThrottle, .channel, .memory, .areaReaders, .userfault,
                .userfaultEvent, .userfaultMessage, .spin:
                false
            }
        if isRead { report(.sleepsWithLock, task, "sleeps for a read on its first attempt with the fault lock held") }
    }
}
