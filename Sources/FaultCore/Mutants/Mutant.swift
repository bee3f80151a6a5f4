/// The catalogue of mistakes that the library makes on request: each is a single condition, where ``mistaken(_:)`` asks for it.
///
/// Compiled always, made only under the package trait `Mutants`. Each has a test that notices it (`Tests/FaultMutantTests`).
package enum Mutant: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    // MARK: Entries that are not compared again

    /// A read maps the zero page over whatever was mapped since the look-up (`do_anonymous_page()`).
    case zeroPageUncompared
    /// A first store maps its new page over the one that another thread has mapped meanwhile (`do_anonymous_page()`).
    case firstStoreUncompared
    /// A store to a read-only entry decides by what the look-up saw, and not by what is there (`do_wp_page()`).
    case storeDecidedUncompared
    /// A copy is mapped over whatever was mapped while it was made (`wp_page_copy()`).
    case copyUncompared
    /// The page that another had locked is reused, whatever its entry has become (`do_wp_page()`, up to 5.8).
    case reuseUncompared
    /// An entry becomes writable though it was changed during `page_mkwrite` (`finish_mkwrite_fault()`).
    case preparedEntryUncompared
    /// A page that was cut off the file during `page_mkwrite` is mapped all the same (`do_page_mkwrite()`).
    case preparedPageUnchecked
    /// A page of a file is mapped over what was mapped while it was looked for (`finish_fault()`).
    case filePageUncompared
    /// A page is mapped in place of a swap entry that has gone meanwhile (`do_swap_page()`: `pte_same()`).
    case swapEntryUncompared
    /// A page that has left the swap cache is mapped as if it were the slot's still (`do_swap_page()`).
    case swapCacheUncompared
    /// swapoff(2) maps a page over an entry that has changed since (`unuse_pte()`).
    case swapOffUncompared
    /// A page of tmpfs is moved back into its file though the file has it no more in that slot (`shmem_swapin_folio()`).
    case tmpfsSwapUncompared

    // MARK: Pages of files that are not looked for again

    /// A page that was cut off before it was locked is used (`filemap_fault()`: the test of its mapping).
    case cutPageKept
    /// The same of a page of tmpfs (`shmem_get_folio_gfp()`).
    case cutTmpfsPageKept
    /// A missing page is made without a look for one that another has made meanwhile (`filemap_fault()`: `retry_find`).
    case pageMadeTwice
    /// The same in read(2) (`filemap_create_folio()`).
    case readMakesPageTwice
    /// read(2) returns pages that a truncation has cut off (`filemap_read()`: `i_size` after the pages are uptodate).
    case readsBeyondEnd
    /// Truncation does not unmap copies again that were made meanwhile (`truncate_pagecache()`).
    case cutUnmapsOnce
    /// A page leaves its file, and stays mapped (`truncate_cleanup_folio()`).
    case cutPageStaysMapped
    /// A page is taken out of its file while a device writes it (`truncate_inode_pages_range()`).
    case cutDuringWriteback
    /// A page in use is dropped from the page cache (`remove_mapping()`, asked by `invalidate_mapping_pages()`).
    case dropsPagesInUse
    /// A page in use is reclaimed (`__remove_mapping()`).
    case reclaimsPagesInUse
    /// A fault makes a page of a hole that is just being punched (`shmem_fault()`).
    case holeFilledWhilePunched
    /// A page that another has written meanwhile is written once more, though it is clean (`write_cache_pages()`).
    case cleanPageWritten
    /// fsync(2) does not wait for what others write (`file_write_and_wait_range()`).
    case syncWaitsForNothing

    // MARK: The fault lock

    /// `RETRY` is answered with the lock held (`maybe_unlock_mmap_for_io()`).
    case retryKeepsLock
    /// An attempt that has dropped the lock maps its page as if it held it (`filemap_fault()`).
    case mapsWithoutLock
    /// `COMPLETED` is answered after the lock was released a second time (`fault_dirty_shared_page()`).
    case completedUnlocksTwice
    /// The entry takes `COMPLETED` for an end with the lock held, and releases it.
    case completedOverlooked
    /// `RETRY` keeps the page referenced (`filemap_fault()`: `out_retry`).
    case retryKeepsPage
    /// `RETRY` keeps the file's invalidate lock (`filemap_fault()`: `out_retry`).
    case retryKeepsInvalidateLock
    /// The entry does not look the area up again after the lock was dropped.
    case noLookUpAfterDrop
    /// The entry does not say that the fault was tried.
    case retryForgetsTried
    /// The entry takes a wait for the mmap lock that was killed for a lock.
    case killedWaitTakenForLock
    /// The entry tries again although a fatal signal is pending (`fault_signal_pending()`).
    case killedFaultGoesOn
    /// A killed wait for a page answers `RETRY` with the lock held (`lock_folio_maybe_drop_mmap()`).
    case killedPageWaitKeepsLock
    /// The same of a page of swap (`__folio_lock_or_retry()`).
    case killedSwapWaitKeepsLock

    // MARK: Locks of areas

    /// A fault reads under the lock of an area that is being written (`vma_start_read()`).
    case readsMarkedArea
    /// A fault reads under the lock of an area that does not reach its page any more (`lock_vma_under_rcu()`).
    case areaRangeUnchecked
    /// A writer changes an area without waiting for those who read under its lock (`vma_start_write()`).
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
    /// A writer that was robbed of the lock may be robbed again and again (`RWSEM_FLAG_HANDOFF`).
    case robbedWriterIsOwedNothing
    /// A writer that becomes a reader leaves the readers behind it asleep (`rwsem_downgrade_wake()`).
    case downgradeWakesNobody
    /// A task whose wait for a lock was killed stays in the queue (`rwsem_down_read_slowpath()`: `out_nolock`).
    case killedWaiterStaysQueued
    /// A page that has left its file wakes nobody when it is unlocked (`folio_unlock()`).
    case uncachedPageWakesNobody
    /// Of those who wait for a page to be unlocked only the first is woken, though it does not lock it (`folio_wake_bit()`).
    case unlockWakesOneOfAll
    /// The end of a page's write wakes nobody (`folio_end_writeback()`).
    case writtenPageWakesNobody
    /// The end of a page's write does not wake who is throttled (`balance_dirty_pages()`).
    case writtenPageWakesNoThrottled
    /// The end of a punch wakes nobody of those who wait for it (`shmem_fallocate()`).
    case punchWakesNobody

    // MARK: Other callers of the fault path

    /// `get_user_pages()` does not say that a page was tried (`__get_user_pages_locked()`).
    case lookupForgetsTried
    /// `get_user_pages()` goes on although a fatal signal is pending.
    case lookupIgnoresKill
    /// A killed `get_user_pages()` answers 0 (`__get_user_pages_locked()` before ae46d2aa6a7f).
    case killedLookupAnswersZero
    /// `get_user_pages()` counts a page as had because the fault ended well, without looking (`faultin_page()`).
    case lookupBelievesAnswer
    /// `get_user_pages()` takes `COMPLETED` for an end with the lock held (`faultin_page()`).
    case lookupOverlooksCompleted
    /// `fixup_user_fault()` takes `COMPLETED` for `RETRY`.
    case fixupTakesCompletedForRetry

    // MARK: Faults that a program resolves

    /// A fault waits for an answer without looking whether its page has come (`userfaultfd_must_wait()`).
    case handedOverUnlooked
    /// A fault that was answered just before it slept sleeps (`handle_userfault()`: `uwq.waken`).
    case answeredFaultSleeps
    /// A fault does not wake who reads messages (`handle_userfault()`: `wake_up_poll()`).
    case faultWakesNoMonitor
    /// An answer wakes those alone that sleep already (`__wake_userfault()`).
    case onlySleepersAnswered
    /// The release of a descriptor leaves the faults asleep that wait for it (`userfaultfd_release()`).
    case releaseWakesNobody

    // MARK: Exploring

    /// The key of a state forgets attempts under an area's lock.
    case keyForgetsAreaAttempts
}
