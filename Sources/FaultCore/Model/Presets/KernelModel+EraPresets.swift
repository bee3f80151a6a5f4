/// The kernels before 6.1. Each is defined by its differences from the next one. `Documentation/Eras.md` shows them
/// side by side, with their sources.
///
/// Each is the release itself, without later changes in its stable series; ``KernelModel/preset(nearest:)`` names those
/// that are known.
extension KernelModel {
    /// Linux 5.19: a throttled shared store drops the lock and returns `RETRY`, so that its fault runs twice and counts
    /// as major. Stacks grow under the read lock. A fault's wait for the mmap lock can't be killed. `mprotect(2)` makes
    /// no private entry writable (until commit 64fe24a3e05e).
    public static let linux5_19 = linux6_1.named("linux5_19") {
        $0.throttledSharedWrite = .retries
        $0.stackGrowth = .underReadLock
        $0.lockWaits = .killableInCalls
        $0.retryLock = .waits
        $0.removableMemory = .writable
        $0.writableEntries = .none
        $0.newAreaMerge = .prefersLower
        $0.pinnedReclaim = .keepsAnonymous
        $0.areaNodes = .stay
    }

    /// Linux 5.15: a page is written in place only if it has no other references, not even that of the swap cache
    /// (until commits 53a05ad9f21d and 6c287605fd56). A fault without memory kills a process (until commit
    /// 60e2793d440a), whose memory is freed at once (until commit e4a38402c36e). Files have an `invalidate_lock`
    /// (commit 730633f0b7f9).
    public static let linux5_15 = linux5_19.named("linux5_15") {
        $0.anonymousReuse = .onlyReference
        $0.userfaults = .minor
        $0.faultOutOfMemory = .kills
        $0.victimDelay = .none
        $0.readPins = .shares
        $0.pinnedFork = .copiesAll
    }

    /// Linux 5.10: files have no `invalidate_lock`. A lock goes to its next waiter, and no other task can take it first
    /// (until commit 1a728dff855a). The kernel survives an access that the processor does not allow (until commit
    /// 03c81ea33316).
    public static let linux5_10 = linux5_15.named("linux5_10") {
        $0.lockHandover = .given
        $0.invalidateLock = .absent
        $0.singlePageWait = .uninterruptible
        $0.readPositionNote = .lastPageAtEnd
        $0.kernelViolation = .isBadArea
        $0.pinnedReclaim = .keepsNone
        $0.userfaults = .protection
    }

    /// Linux 5.9: the core counts faults, and a retried fault is major (commit bce617edecad); copy on write is decided
    /// by references (commit 09854ba94c6a). Its rules are those of 5.10.
    public static let linux5_9 = linux5_10.named("linux5_9") { _ in }

    /// Linux 5.7: a fault is tried again any number of times, and a program handles any pending signal first (commits
    /// 4064b9827063, 4ef873226ceb). The architecture counts faults, and a fault is major if any attempt was major. A
    /// fault that waits for a program is always major.
    public static let linux5_7 = linux5_9.named("linux5_7") {
        $0.userfaultCount = .asMajor
        $0.retryAccounting = .anyAttemptMajor
        $0.anonymousReuse = .onlyMapping
        $0.pinnedFork = .shares
        $0.unmapDowngrade = .always
    }

    /// Linux 5.5: the lock is dropped for dirty throttling (commit 89b15332af7c); a fault is tried again once.
    public static let linux5_5 = linux5_7.named("linux5_5") {
        $0.faultRetry = .onceTried
        $0.userfaults = .signals
        $0.userfaultSignal = .isDone
        $0.retrySignals = .fatal
        $0.pinTracking = .none
    }

    /// Linux 5.4: dirty throttling keeps the lock.
    public static let linux5_4 = linux5_5.named("linux5_4") { $0.throttledSharedWrite = .keepsLock }

    /// Linux 5.1: the lock is dropped for all reads of files (commit 6b4c9f446981); a lock that becomes free wakes no
    /// reader after a writer (until commit d3681e269fff).
    public static let linux5_1 = linux5_4.named("linux5_1") { $0.lockWake = .leadingReaders }

    /// Linux 4.19: the lock is dropped only for a locked page. Unmapping keeps the write lock to the end (until commit
    /// dd2283f2605e). A program may not touch its stack far below its stack pointer.
    public static let linux4_19 = linux5_1.named("linux4_19") {
        $0.fileFault = .waitsForUnlock
        $0.singleSwapRead = .asOthers
        $0.lockDroppingWaits = .folioLock
        $0.stackPointerTest = .refuses
        $0.unmapDowngrade = .never
        $0.missingPageSearch = .endsPastLastPage
        $0.sharedFill = .intoFile
    }

    /// Linux 4.11: userfaultfd handles shared memory and reports changes (commits 4c27fe4c4c84, 893e26e61d04), but
    /// fills memory while the memory changes (until commit df2cc96e7701). A fault that is handed over to a descriptor
    /// that is being released is `SIGBUS` (until commit 656710a60e36). One page guards a stack (until commit
    /// 1be7107fbe18).
    public static let linux4_11 = linux4_19.named("linux4_11") {
        $0.stackGuard = .page
        $0.userfaults = .events
        $0.releasedUserfault = .isSIGBUS
        $0.changingFills = .areDone
        $0.sharedFill = .copiesIntoFile
        $0.goneMemory = .isNoSpace
    }

    /// Linux 3.19: a fault counts once, at its end (commit 26178ec11ef3). A fault that fault-around resolves returns 0.
    /// No wait for a lock can be killed. There is no `mlock2(2)`. A task that needs memory waits for the process that
    /// it has killed, perhaps forever (until commit aac453635549).
    public static let linux3_19 = linux4_11.named("linux3_19") {
        $0.faultAround = .mapPagesUncounted
        $0.lockWaits = .uninterruptible
        $0.lockOnFault = .none
        $0.userfaults = .none
        $0.victimMemory = .stays
    }

    /// Linux 3.15: fault-around by `->map_pages` (commit 8c6e50b0290c); the first attempt counts; the function that handles an
    /// error releases the lock.
    public static let linux3_15 = linux3_19.named("linux3_15") {
        $0.retryAccounting = .firstAttemptMajor
        $0.retrySignals = .fatalInUserMode
        $0.errorUnlock = .errorHandler
    }

    /// Linux 2.6.37: the lock is dropped for a locked page, once, uninterruptibly (commit d065bd810b6d); no fault-around.
    public static let linux2_6_37 = linux3_15.named("linux2_6_37") {
        $0.faultAround = .none
        $0.faultRetry = .onceUnmarked
        $0.retrySignals = .none
        $0.pageWait = .uninterruptible
        $0.pinRetry = .keepsLock
        $0.mmapReadahead = .aroundUnmarked
        $0.copyAllocation = .afterHandler
        $0.kernelOutOfMemory = .isReplayed
    }

    /// Linux 2.6.36: no fault is tried again, and every wait keeps the lock.
    public static let linux2_6_36 = linux2_6_37.named("linux2_6_36") {
        $0.faultRetry = .never
        $0.lockDroppingWaits = .none
        $0.swapInWait = .keepsLock
        $0.retryAccounting = .lastAttemptMajor
    }

    /// This model under another name, changed.
    func named(_ name: StaticString, _ change: (inout KernelModel) -> Void) -> KernelModel {
        var model = self
        model.name = StaticName(name)
        change(&model)
        return model
    }
}
