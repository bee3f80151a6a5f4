/// The laws that are checked as things happen.
extension Machine {
    /// Laws 31 and 6: what an attempt may begin with.
    mutating func checkAttemptStart(_ fault: VMFault) {
        if fault.flags.contains(.tried), !fault.flags.contains(.allowRetry) {
            report(.triedIsMonotone, fault.task, "TRIED without ALLOW_RETRY")
        }
        if fault.lock == .none || (fault.lock == .mmap && holds(.mmap(fault.map), fault.task) == nil) {
            report(.faultLockReleasedOnce, fault.task, "handle_mm_fault() is called without the fault lock")
        }
    }

    /// Laws 1 to 3, 13, 14, 17: what an attempt must leave behind.
    mutating func checkAttemptEnd(_ fault: inout VMFault, _ result: FaultResult) {
        if let complaint = LockContract.complaint(about: result, flags: fault.flags) {
            report(.legalResult, fault.task, "handle_mm_fault() answered \(result): \(complaint)")
        }
        let held = fault.lock != .none && (fault.lock != .mmap || holds(.mmap(fault.map), fault.task) != nil)
        if held != (LockContract.lockState(after: result, flags: fault.flags) == .held) {
            report(.faultLockReleasedOnce, fault.task, "handle_mm_fault() answered \(result) with the lock \(held ? "held" : "released")")
        }
        if fault.folio != .none || fault.copy != .none || fault.folioLocked || fault.lockDropped || fault.invalidateLocked {
            report(.leftovers, fault.task, "an attempt ends and keeps a page, a page lock, a file pin or an invalidate lock")
        }
    }

    /// Laws 8 and 11: the order of sleeping locks.
    mutating func checkLockOrder(taking lock: LockName, _ mode: LockMode, by task: TaskID) {
        for held in heldLocks(of: task) where held.lock.kind.rawValue > lock.kind.rawValue {
            report(.lockOrder, task, "waits for the \(lock) while it holds the \(held.lock)")
        }
        if lock.kind == .mmap, scheduler.pageLocks.contains(where: { $0.task == task }) {
            report(.lockOrder, task, "waits for the \(lock) while it holds a page lock")
        }
    }

    /// Law 9: who sleeps for file data on a first attempt has dropped the mmap lock.
    mutating func checkSleep(_ task: TaskID, _ wait: Wait) {
        let fault = tasks[task.index].fault
        guard wait.kind == .folio, fault.lock != .none, fault.flags.mayDropLock, fault.isException else { return }
        guard model.lockDroppingWaits == .allIO, tasks[task.index].stack.last?.routine == .handlerFault else { return }
        guard fault.file != .none, !files[fault.file.index].traits.contains(.shmem) else { return }
        if lockOwner(of: wait.frame) == nil {
            report(.sleepsWithLock, task, "sleeps for a read on its first attempt with the fault lock held")
        }
    }
}
