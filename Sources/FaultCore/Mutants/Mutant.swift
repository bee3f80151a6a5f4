/// The catalogue of mistakes that the library makes on request. Each is a single condition, a call of ``mistaken(_:)``.
///
/// It is always compiled, but the mistakes are made only under the package trait `Mutants`. Each has a test that
/// notices it (`Tests/FaultMutantTests`).
@usableFromInline
package enum Mutant: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    // MARK: Entries that are not compared again

    /// A read maps the zero page over anything that was mapped since the look-up (`do_anonymous_page()`).
    case zeroPageUncompared
    /// A first store maps its new page over the one that another thread has mapped meanwhile (`do_anonymous_page()`).
    case firstStoreUncompared
    /// A store to a read-only entry decides by what the look-up saw, not by the current entry (`do_wp_page()`).
    case storeDecidedUncompared
    /// A copy is mapped over anything that was mapped while it was made (`wp_page_copy()`).
    case copyUncompared
    /// A page that another task had locked is reused, even if its entry has changed (`do_wp_page()`, up to 5.8).
    case reuseUncompared
    /// An entry becomes writable though it was changed during `page_mkwrite` (`finish_mkwrite_fault()`).
    case preparedEntryUncompared
    /// A page that was cut off the file during `page_mkwrite` is mapped anyway (`do_page_mkwrite()`).
    case preparedPageUnchecked
    /// A page of a file is mapped over what was mapped while the page was looked up (`finish_fault()`).
    case filePageUncompared
    /// A page is mapped in place of a swap entry that has gone meanwhile (`do_swap_page()`: `pte_same()`).
    case swapEntryUncompared
    /// swapoff(2) maps a page over an entry that has changed since (`unuse_pte()`).
    case swapOffUncompared
    /// A page of tmpfs is moved back into its file, although the file no longer has it in that slot
    /// (`shmem_swapin_folio()`).
    case tmpfsSwapUncompared

    // MARK: Pages of files that are not looked for again

    /// A page that was cut off before it was locked is used (`filemap_fault()`: the test of its mapping).
    case cutPageKept
    /// The same for a page of tmpfs (`shmem_get_folio_gfp()`).
    case cutTmpfsPageKept
    /// A missing page is made without checking whether another task has made it meanwhile (`filemap_fault()`:
    /// `retry_find`).
    case pageMadeTwice
    /// The same in read(2) (`filemap_create_folio()`).
    case readMakesPageTwice
    /// read(2) returns pages that a truncation has cut off (`filemap_read()`: `i_size` after the pages are uptodate).
    case readsBeyondEnd
    /// Truncation unmaps only once, so that copies that were made meanwhile stay mapped (`truncate_pagecache()`).
    case cutUnmapsOnce
    /// A page leaves its file, and stays mapped (`truncate_cleanup_folio()`).
    case cutPageStaysMapped
    /// A page is removed from its file while a device writes it (`truncate_inode_pages_range()`).
    case cutDuringWriteback
    /// A page in use is dropped from the page cache (`remove_mapping()`, called by `invalidate_mapping_pages()`).
    case dropsPagesInUse
    /// A page in use is reclaimed (`__remove_mapping()`).
    case reclaimsPagesInUse
    /// A fault makes a page of a hole that is just being punched (`shmem_fault()`).
    case holeFilledWhilePunched
    /// A page that another task has written meanwhile is written again, although it is clean (`write_cache_pages()`).
    case cleanPageWritten
    /// fsync(2) does not wait for what other tasks write (`file_write_and_wait_range()`).
    case syncWaitsForNothing

    // MARK: The fault lock

    /// `RETRY` is returned with the lock held (`maybe_unlock_mmap_for_io()`).
    case retryKeepsLock
    /// An attempt that has dropped the lock maps its page as if it held it (`filemap_fault()`).
    case mapsWithoutLock
    /// `COMPLETED` is returned after the lock was released a second time (`fault_dirty_shared_page()`).
    case completedUnlocksTwice
    /// The entry treats `COMPLETED` as an end with the lock held, and releases it.
    case completedOverlooked
    /// `RETRY` keeps the page referenced (`filemap_fault()`: `out_retry`).
    case retryKeepsPage
    /// `RETRY` keeps the file's invalidate lock (`filemap_fault()`: `out_retry`).
    case retryKeepsInvalidateLock
    /// The entry does not look the area up again after the lock was dropped.
    case noLookUpAfterDrop
    /// The entry does not tell the next attempt that the fault was tried.
    case retryForgetsTried
    /// The entry believes that a wait for the mmap lock that was killed has taken the lock.
    case killedWaitTakenForLock
    /// The entry tries again although a fatal signal is pending (`fault_signal_pending()`).
    case killedFaultGoesOn
    /// A killed wait for a page returns `RETRY` with the lock held (`lock_folio_maybe_drop_mmap()`).
    case killedPageWaitKeepsLock
    /// The same for a page of swap (`__folio_lock_or_retry()`).
    case killedSwapWaitKeepsLock

    // MARK: Locks of areas

    /// A fault reads under the lock of an area that is being written (`vma_start_read()`).
    case readsMarkedArea
    /// A fault reads under the lock of an area that no longer reaches its page (`lock_vma_under_rcu()`).
    case areaRangeUnchecked
    /// A writer changes an area without waiting for tasks that read under its lock (`vma_start_write()`).
    case writesReadArea
    /// The last reader of an area does not wake the writer (`vma_end_read()`).
    case lastAreaReaderWakesNobody
    /// fork(2) copies an area while faults run under its lock (`dup_mmap()` before fb49c455323f).
    case forkBesideReaders
    /// A stack grows while faults run under its area's lock (`expand_downwards()`).
    case stackGrowsBesideReaders

    // MARK: Sleeping and waking

    /// A reader takes the lock though a writer waits (`rwsem_read_trylock()`).
    case readerOvertakesWriter
    /// A writer that gives up leaves the readers behind it asleep (`rwsem_del_wake_waiter()`).
    case cancelledWriterWakesNobody
    /// A writer that was woken takes the lock, though a reader has stolen it (`rwsem_try_write_lock()`).
    case writerClaimsReadLock
    /// A writer from which the lock was stolen may lose it again and again (`RWSEM_FLAG_HANDOFF`).
    case robbedWriterIsOwedNothing
    /// A writer that becomes a reader leaves the readers behind it asleep (`rwsem_downgrade_wake()`).
    case downgradeWakesNobody
    /// A task whose wait for a lock was killed stays in the queue (`rwsem_down_read_slowpath()`: `out_nolock`).
    case killedWaiterStaysQueued
    /// No task is woken when a page is unlocked that has left its file, or the swap cache (`folio_unlock()`).
    case uncachedPageWakesNobody
    /// Of the tasks that wait for a page's unlocking, only the first is woken, even if it does not lock it
    /// (`folio_wake_bit()`).
    case unlockWakesOneOfAll
    /// The end of a page's write wakes no task (`folio_end_writeback()`).
    case writtenPageWakesNobody
    /// The end of a page's write does not wake tasks that are throttled (`balance_dirty_pages()`).
    case writtenPageWakesNoThrottled
    /// The end of a punch does not wake the tasks that wait for it (`shmem_fallocate()`).
    case punchWakesNobody

    // MARK: Other callers of the fault path

    /// `get_user_pages()` does not tell the next attempt that a page was tried (`__get_user_pages_locked()`).
    case lookupForgetsTried
    /// `get_user_pages()` continues although a fatal signal is pending.
    case lookupIgnoresKill
    /// A killed `get_user_pages()` returns 0 (`__get_user_pages_locked()` before ae46d2aa6a7f).
    case killedLookupReturnsZero
    /// `get_user_pages()` counts a page as found because the fault ended well, without looking (`faultin_page()`).
    case lookupBelievesAnswer
    /// `get_user_pages()` treats `COMPLETED` as an end with the lock held (`faultin_page()`).
    case lookupOverlooksCompleted
    /// `fixup_user_fault()` treats `COMPLETED` as `RETRY`.
    case fixupTakesCompletedForRetry
    /// `fixup_user_fault()` moves on past a page that was retried twice, as if it were present (Linux 5.7-rc1).
    case fixupGivesUpAtSecondRetry

    // MARK: Faults that a program resolves

    /// A fault waits for an answer without checking whether its page has arrived (`userfaultfd_must_wait()`).
    case handedOverUnlooked
    /// A fault does not wake the tasks that read messages (`handle_userfault()`: `wake_up_poll()`).
    case faultWakesNoMonitor
    /// An answer wakes only tasks that are already asleep (`__wake_userfault()`).
    case onlySleepersAnswered
    /// The release of a descriptor does not wake the faults that wait for it (`userfaultfd_release()`).
    case releaseWakesNobody

    // MARK: Exploring

    /// The key of a state forgets attempts under an area's lock.
    case keyForgetsAreaAttempts
    /// The key of a state forgets the signals with which operations ended.
    case keyForgetsSignals
    /// The key of a state forgets which slots of swap are charged.
    case keyForgetsChargedSlots
    /// The key of a state forgets how many generations ago a page was evicted.
    case keyForgetsWhenEvicted
    /// The key of a state forgets pins.
    case keyForgetsPins
    /// The key of a state forgets swap areas.
    case keyForgetsSwap
    /// The key of a state forgets descriptors of user fault handling.
    case keyForgetsDescriptors
    /// The key of a state forgets what a read from a descriptor has got.
    case keyForgetsMessages
    /// The key of a state forgets the memory group.
    case keyForgetsGroup
    /// A fault does not declare that it looks at its entry (`PageFault`, `lookUp`), so that orders are left out that matter.
    case entryUndeclared

    // MARK: What is counted

    /// Exceptions of the kernel itself are not counted as such.
    case kernelExceptionUncounted
    /// Attempts under an area's lock are not counted as such.
    case areaAttemptUncounted
    /// Attempts that were handed over under an area's lock are not counted as such.
    case areaUserfaultUncounted
    /// `pgfault` counts attempts that returned `RETRY`, where it counts faults (Linux 6.4).
    case retryIsFaultEvent
    /// `pgmajfault` is not counted.
    case majorEventUncounted
    /// `pgreuse` is not counted.
    case reuseUncounted
    /// `vma_lock_abort` is not counted.
    case areaAbortUncounted
    /// `vma_lock_retry` is not counted.
    case areaRetryUncounted
    /// `vma_lock_miss` is not counted.
    case areaMissUncounted
    /// A failed try for the mmap lock is not counted.
    case trylockFailureUncounted
    /// A run of a signal's handler is not counted.
    case handledSignalUncounted
    /// A wait for the mmap lock is counted from when it ended.
    case waitCountedFromNow
    /// A fault that has failed counts as minor or major (`mm_account_fault()`).
    case failedFaultCounted
    /// A fault that was tried before counts as minor (`mm_account_fault()`).
    case retriedFaultMinor
    /// `pswpout` is not counted.
    case swapOutUncounted
    /// `swap_ra_hit` is not counted.
    case readaheadHitUncounted
    /// `pgsteal_direct` is not counted.
    case reclaimedPageUncounted

    /// A page that is read from swap counts as written.
    case swapInCountsAsOut
    /// `vma_lock_success` counts as `vma_lock_retry`.
    case areaSuccessCountsAsRetry
    /// `workingset_refault_file` counts as `workingset_refault_anon`.
    case fileRefaultCountsAsAnonymous
    /// `workingset_restore` is not counted.
    case restoreUncounted
    /// `pgsteal` of a memory group is not counted.
    case groupStealUncounted

    // MARK: What faults do

    /// A fault for writing leaves an entry clean that is already writable (`handle_pte_fault()`).
    case storeLeavesEntryClean
    /// A copy of a page has no content (`__wp_page_copy_user()`).
    case copyIsEmpty
    /// A page with other references is reused (`do_wp_page()`).
    case sharedPageReused
    /// Shared memory without a handler is treated as private (`do_anonymous_page()`: `VM_SHARED`).
    case sharedTakenForPrivate
    /// A page of locked memory keeps its slot when it comes back (`should_try_to_free_swap()`).
    case lockedPageKeepsSlot
    /// A page of swap is mapped although it could not be read (`do_swap_page()`: `folio_test_uptodate()`).
    case unreadSwapMapped
    /// A fault continues with the flags with which `page_mkwrite` was called (`do_page_mkwrite()`).
    case prepareKeepsFlags
    /// A throttled task is checked again at each page that it dirties (`balance_dirty_pages_ratelimited()`).
    case pauseIsForGood
    /// Fault-around maps pages with the readahead mark (`next_uptodate_page()`).
    case aroundMapsMarkedPages
    /// A load of a missing page of a registered area is not handed over (`do_anonymous_page()`).
    case missingLoadUntold
    /// An access to an entry that is present is let through (`access_error()`).
    case presentEntryMayBeRead

    /// An access that an area does not allow gets the signal code of an access to no area (`bad_area_access_error()`).
    case deniedIsNotMapped
    /// `SIGBUS` becomes SIGSEGV (`mm_fault_error()`).
    case busIsSegv
    /// A page that could not be read is taken for one that was (`filemap_fault()`: `EIO`).
    case readErrorTakenForData
    /// Read-around begins a page later (`do_sync_mmap_readahead()`).
    case readAroundOneLater
    /// A window of a sixteenth of the maximum becomes four times as large (`get_next_ra_size()`).
    case windowGrowsTooFast
    /// The mark of a first window lies one page later (`ondemand_readahead()`: `initial_readahead`).
    case markOneLater
    /// A read of the page after the last one that was read does not count as sequential (`ondemand_readahead()`).
    case nextPageIsNoStream
    /// A private copy that is not wanted any more is not given back (`do_cow_fault()`: `uncharge_out`).
    case unusedCopyLeaks
    /// A page of tmpfs counts as one of a file (`mm_counter()`).
    case tmpfsCountsAsFile

    // MARK: What reclaim does

    /// A dirty page is dropped from the page cache (`invalidate_inode_page()`).
    case dropsDirtyPages
    /// A page that is changed through its buffers stays clean (`block_commit_write()`).
    case writtenPageStaysClean
    /// Unmapping forgets that an entry was dirty (`zap_pte_range()`).
    case unmappingForgetsDirty
    /// Reclaim unmaps pages of locked areas (`try_to_unmap_one()`: `VM_LOCKED`).
    case reclaimIgnoresLocks
    /// A page given up by madvise(MADV_FREE) is dropped, although it was written to since (`try_to_unmap_one()`:
    /// MADV_FREE).
    case writtenPageGivenUp
    /// A pinned page that stays mapped forgets that its entry was dirty (`try_to_unmap_one()`).
    case pinnedPageForgetsDirty
    /// A pass that has freed a page counts as one that has not (`do_try_to_free_pages()`).
    case fruitfulPassIsFruitless
    /// Reclaim takes a page that a task has locked (`shrink_folio_list()`).
    case reclaimsLockedPages
    /// A page that two tasks have used does not count as used by several (`folio_check_references()`).
    case twoUsersAreNone
    /// A page of the swap cache is dropped although it has other references.
    case heldSwapCacheDropped
    /// A page that comes back just in time to be made active is not made active (`workingset_refault()`).
    case refaultTooLateByOne
    /// An anonymous page that comes back is not compared with the pages of files (`workingset_refault()`).
    case refaultForgetsFiles
    /// A second process is killed while the first is still dying (`oom_evaluate_task()`).
    case secondVictim
    /// The process to be killed is chosen without its swapped pages (`oom_badness()`).
    case victimBySizeInMemory
    /// The second use of a page counts as a first one, too (`folio_mark_accessed()`).
    case secondUseIsKept

    /// The last slot of `memory.swap.max` can't be had (`mem_cgroup_try_charge_swap()`).
    case lastSlotRefused
    /// A page that is freed stays charged (`mem_cgroup_uncharge()`).
    case freedPageStaysCharged

    // MARK: What calls do

    /// The last page of `RLIMIT_MEMLOCK` can't be locked (`do_mlock()`).
    case lastLockedPageRefused
    /// munlock(2) leaves `VM_LOCKONFAULT` behind (`apply_vma_lock_flags()`: `VM_LOCKED_MASK`).
    case unlockKeepsOnFault
    /// A sleep ends a nanosecond too early.
    case sleepsOneTickLess
    /// fork(2) does not count the child's entries of swap (`swap_duplicate()`).
    case forkCountsNoSlot
    /// Unmapping keeps the slots of swap entries (`free_swap_and_cache()`).
    case unmappingKeepsSlot
    /// A child locks what it maps, as its parent does by mlockall(MCL_FUTURE) (`dup_mm()`: `def_flags`).
    case forkKeepsFutureLocks
    /// fork(2) copies areas that are excluded from it (`VM_DONTCOPY`).
    case forkCopiesExcluded
    /// fork(2) forgets where the heap ends (`dup_mm()`).
    case forkForgetsHeap
    /// fork(2) leaves the parent's entries writable (`copy_present_pte()`).
    case forkLeavesEntriesWritable
    /// fork(2) leaves pages marked as one process's own (`page_try_dup_anon_rmap()`).
    case forkKeepsExclusive
    /// fork(2) leaves swapped pages marked as one process's own (`copy_nonpresent_pte()`).
    case forkKeepsSwapExclusive
    /// fork(2) shares pages that are pinned (`copy_present_page()`).
    case forkSharesPinned
    /// mincore(2) reports a page that is still being read as resident.
    case unreadPageInCore
    /// msync(2) does not release its pin of a file.
    case syncKeepsFileOpen
    /// msync(2) overlooks a hole in its range.
    case syncOverlooksHole
    /// `get_user_pages()` returns `EFAULT` when there is no memory (`vm_fault_to_errno()`).
    case lookupConfusesErrors
    /// A pin for reading is given a page that a child shares (`gup_must_unshare()`).
    case readPinShares
    /// swapoff(2) goes through processes that have ended.
    case deadMapStaysSwapped
    /// A page that is swapped out forgets that it was one process's own (`try_to_unmap_one()`).
    case swapForgetsExclusive
    /// A swap entry that is dropped leaves its page in the swap cache (`free_swap_and_cache()`).
    case droppedEntryKeepsPage
    /// A stack grows up to the area below it (`stack_guard_gap`).
    case stackGapIgnored
    /// The second task that wants to grow a stack is refused, because there is nothing left to grow
    /// (`lock_mm_and_find_vma()`).
    case secondGrowerRefused
    /// A stack grows beyond `RLIMIT_STACK`.
    case stackLimitIgnored
    /// Readahead stays as large after a read error (`shrink_readahead_size_eio()`).
    case readErrorKeepsReadahead
    /// A killed read(2) returns `EIO`.
    case killedReadIsError
    /// Truncation leaves private copies mapped (`unmap_mapping_range()`: `even_cows`).
    case cutLeavesCopies
    /// A punched hole removes private copies, too.
    case punchTakesCopies
    /// Truncation leaves swapped-out pages of a file (`shmem_truncate_range()`).
    case cutKeepsSwapped
    /// A page that is written back stays writable in maps that map it (`folio_mkclean()`).
    case writebackLeavesWritable
    /// A write that has failed is not reported to any caller (`mapping_set_error()`).
    case writeErrorUntold
    /// Cached pages before a missing page do not affect what is read (`count_history_pages()`).
    case readaheadHistoryForgotten
    /// Cached pages before a missing page do not make the window larger (`page_cache_sync_ra()`, Linux 6.11).
    case readaheadHistoryOf612Unused

    // MARK: What descriptors do

    /// A page is filled though its entry names a swap slot (`mfill_atomic_install_pte()`).
    case fillsWhatIsThere
    /// Unmapping a protected page of a file leaves no marker (`pte_install_uffd_wp_if_needed()`).
    case protectionForgottenByUnmapping
    /// An answer also wakes tasks that wait for other pages (`__wake_userfault()`).
    case answerWakesAll
    /// `UFFD_FEATURE_SIGBUS` is ignored.
    case signalFeatureIgnored
    /// `UFFD_USER_MODE_ONLY` is ignored.
    case userModeOnlyIgnored
    /// Pages of memory that is changing are filled (`mmap_changing`).
    case fillsChangingMemory
}
