extension KernelModel {
    /// Whether unmapping downgrades the mmap lock, from writing to reading, before it removes the page table entries.
    public enum UnmapDowngrade: UInt8, KernelRule {
        /// It does, but not right below an area that grows down, because that area could grow meanwhile (commit
        /// 246c320a8cfe, Linux 5.8, and the stable series of 5.4).
        case notBelowStacks
        /// It always does. At first that was a bug, because stacks grew under the read lock (commit dd2283f2605e, Linux
        /// 4.20, until commit 246c320a8cfe, Linux 5.8); now they grow under the write lock (commit e4bd84c069f2, Linux
        /// 6.5).
        case always
        /// It never does (until commit dd2283f2605e, Linux 4.20).
        case never
    }

    /// How `madvise(2)` populates a range: `MADV_POPULATE_READ`, `MADV_POPULATE_WRITE`. Kernels before 5.14 have
    /// neither; a model of such a kernel follows its rule anyway.
    public enum PopulatePages: UInt8, KernelRule {
        /// Area by area. If a page's fault has dropped the lock, the page is faulted in again without `TRIED`. Holes
        /// are reported at the end of the call (commit 4ca9b3859dac, Linux 5.14).
        case byArea
        /// The range as a whole. If a page's fault has dropped the lock, the page is faulted in once more by itself,
        /// with `TRIED`. A hole ends the call (commit 631426ba1d45, Linux 6.9).
        case byRange
    }

    /// What `mprotect(2)` does with the charge, `VM_ACCOUNT`, of private memory that stops being writable.
    public enum WriteCharge: UInt8, KernelRule {
        /// The memory stays charged (until "mm/mprotect: allow unfaulted VMAs to be unaccounted on mprotect()", Linux
        /// 6.7).
        case stays
        /// Anonymous memory without an `anon_vma` is no longer charged ("mm/mprotect: allow unfaulted VMAs to be
        /// unaccounted on mprotect()", Linux 6.7).
        case returnsIfUntouched
    }

    /// Which page table entries of private memory `mprotect(2)` makes writable at once.
    public enum WritableEntries: UInt8, KernelRule {
        /// Entries that are dirty and map exclusive anonymous pages (commit 64fe24a3e05e, Linux 6.0).
        case dirtyExclusive
        /// Entries that map exclusive anonymous pages (commit d84887739d5c, Linux 6.2).
        case exclusive
        /// None (until commit 64fe24a3e05e, Linux 6.0).
        case none
    }

    /// How a page is mapped that is swapped in for a load and belongs only to this map.
    public enum SwapInMapping: UInt8, KernelRule {
        /// Read-only, so that the first store faults (until commit c18160dba5ff, Linux 6.11).
        case readOnly
        /// As the area allows (`do_swap_page()`, commit c18160dba5ff, Linux 6.11).
        case asAreaAllows
    }

    /// Which neighbouring area new pages join, if they could join either area but not both.
    public enum NewAreaMerge: UInt8, KernelRule {
        /// The upper one (`mmap_region()`, commit 4dd1b84140c1, Linux 6.1, until commit cacded5e42b9, Linux 6.12).
        case prefersUpper
        /// The lower one (`vma_merge_new_range()`, commit cacded5e42b9, Linux 6.12; also `vma_merge()`, until commit
        /// 4dd1b84140c1, Linux 6.1).
        case prefersLower
    }

    /// In which order ext4 punches a hole.
    public enum HolePunching: UInt8, KernelRule {
        /// It writes the dirty pages of the range, without a lock; then it takes the inode lock, updates the file's
        /// times, and takes the invalidate lock (until commits ea3f17efd36b and 2890e5e0f49e, Linux 6.15).
        case writesFirst
        /// `fallocate(2)` itself takes both locks, and nothing is written (commits ea3f17efd36b and 2890e5e0f49e, Linux
        /// 6.15, and the stable series of 6.12).
        case locksFirst
    }

    /// How many pages of a file a call takes at a time: `PAGEVEC_SIZE` (include/linux/pagevec.h).
    public enum FolioBatch: UInt8, KernelRule {
        /// 15 (until "mm: increase folio batch size", Wilcox, 2024).
        case fifteen
        /// 31 ("mm: increase folio batch size", Wilcox, 2024; Linux 6.10).
        case thirtyOne
    }

    /// When `write(2)` checks whether the task has dirtied too much.
    public enum WriteThrottle: UInt8, KernelRule {
        /// After each page, the last one included (until commit 9aac777aaf94, Linux 6.11).
        case afterPage
        /// Before each page (`generic_perform_write()`, commit 9aac777aaf94, Linux 6.11).
        case beforePage
    }

    /// What a copy to user memory does after a byte that could not be written.
    public enum UserCopyTail: UInt8, KernelRule {
        /// If the processor copies strings fast, it tries that byte once more, so the copy faults twice (until commit
        /// adfcf4231b8c, Linux 6.4).
        case triesAgain
        /// It returns how much is left (commit adfcf4231b8c, Linux 6.4).
        case stops
    }

    /// How `get_user_pages_fast()` waits for the mmap lock if a page is not present. If its caller takes the lock, as
    /// process_vm_readv(2) does, the wait is the caller's.
    public enum PinLockWait: UInt8, KernelRule {
        /// Uninterruptibly (until commit b2a72dff85fa, Linux 6.3).
        case uninterruptible
        /// Killably; the call then ends with `EAGAIN` (`__get_user_pages_locked()`, commit b2a72dff85fa, Linux 6.3).
        case killable
    }

    /// Which calls lock pages only when they are faulted in: `VM_LOCKONFAULT`.
    public enum LockOnFault: UInt8, KernelRule {
        /// `mlock2(2)`, with `MLOCK_ONFAULT`, and `mlockall(2)`, with `MCL_ONFAULT` (commits a8ca5d0ecbdd and
        /// b0f205c2a308, Linux 4.4).
        case mlock2
        /// None: there is no `mlock2(2)`, and `mlockall(2)` returns `EINVAL` for `MCL_ONFAULT` (until commits
        /// a8ca5d0ecbdd and b0f205c2a308, Linux 4.4).
        case none
    }

    /// Which shared memory `MADV_REMOVE` accepts; for other memory of files the call fails with `EACCES`.
    public enum RemovableMemory: UInt8, KernelRule {
        /// Memory that may become writable. Here that is all memory, because files are open for writing
        /// (`vma_is_shared_maywrite()`, commit e8e17ee90eaf, Linux 6.7, and the stable series of 6.1).
        case shared
        /// Memory that is writable (until commit e8e17ee90eaf, Linux 6.7).
        case writable
    }
}
