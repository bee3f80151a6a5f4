/// When unmapping keeps the mmap lock for writing while it takes entries away.
public enum UnmapDowngrade: UInt8, KernelRule {
    /// Where the next area grows down, which it might do under the read lock (commit dd2283f2605e, Linux 4.20, and
    /// "mm/mmap.c: close race between munmap() and expand_upwards()/downwards()").
    case notBelowStacks
    /// Never: stacks grow under the write lock (commit e4bd84c069f2, Linux 6.5).
    case always
    /// Always: the lock is never downgraded (Linux up to 4.19).
    case never
}

/// How `madvise(2)` populates a range: `MADV_POPULATE_READ`, `MADV_POPULATE_WRITE`.
public enum PopulatePages: UInt8, KernelRule {
    /// Area by area; a page that lost the lock is tried again as if untried, and holes are told of at the end (commit
    /// 4ca9b3859dac, Linux 5.14).
    case byArea
    /// All at once; a page that lost the lock is tried once more alone, as tried, and a hole ends the call (commit
    /// 631426ba1d45; in Linux 6.12).
    case byRange
}

/// What becomes of the charge for writable private memory that can't be written any more: `VM_ACCOUNT`.
public enum WriteCharge: UInt8, KernelRule {
    /// It stays.
    case stays
    /// It is given back by anonymous memory without an `anon_vma` ("mm/mprotect: allow unfaulted VMAs to be unaccounted
    /// on mprotect()", Linux 6.7).
    case returnsIfUntouched
}

/// Which entries of private memory `mprotect(2)` makes writable at once.
public enum WritableEntries: UInt8, KernelRule {
    /// Those of exclusive anonymous pages that are dirty (commit 64fe24a3e05e, June 2022).
    case dirtyExclusive
    /// Those of exclusive anonymous pages (commit d84887739d5c, Linux 6.2).
    case exclusive
    /// None (Linux up to 5.18).
    case none
}

/// How a page that is swapped in for a load is mapped, where it is the map's alone.
public enum SwapInMapping: UInt8, KernelRule {
    /// Read-only: the first store faults (Linux 5.19).
    case readOnly
    /// As the area allows (`do_swap_page()`, commit c18160dba5ff, Linux 6.11).
    case asAreaAllows
}

/// Which neighbour new pages join that could join either, but not both.
public enum NewAreaMerge: UInt8, KernelRule {
    /// The upper one.
    case prefersUpper
    /// The lower one (`vma_merge_new_range()`, commit cacded5e42b9, Linux 6.12).
    case prefersLower
}

/// In which order ext4 punches a hole.
public enum HolePunching: UInt8, KernelRule {
    /// What is dirty is written first, without a lock; then come the inode lock, the file's times, the invalidate lock.
    case writesFirst
    /// `fallocate(2)` itself takes both locks, and nothing is written (commits ea3f17efd36b and 2890e5e0f49e, stable
    /// series of Linux 6.12, and 6.15).
    case locksFirst
}

/// How many pages of a file a call takes hold of at a time: `PAGEVEC_SIZE` (include/linux/pagevec.h).
public enum FolioBatch: UInt8, KernelRule {
    /// 15 (Linux 6.1).
    case fifteen
    /// 31 (Linux 6.12; the commit was not looked up).
    case thirtyOne
}

/// When `write(2)` asks whether it has dirtied too much.
public enum WriteThrottle: UInt8, KernelRule {
    /// After each page, the last one included.
    case afterPage
    /// Before each page (`generic_perform_write()`, Linux 6.11).
    case beforePage
}

/// What a copy to user memory does after the byte that could not be written.
public enum UserCopyTail: UInt8, KernelRule {
    /// Where the processor copies strings fast, it tries that byte once more, so that a failing copy faults twice.
    case triesAgain
    /// It reports what is left (Linux 6.4).
    case stops
}

/// How `get_user_pages_fast()`, where a page is not there, waits for the mmap lock. One that the caller takes for it, as
/// process_vm_readv(2) does, is waited for in the caller's way.
public enum PinLockWait: UInt8, KernelRule {
    /// To the end.
    case uninterruptible
    /// SIGKILL ends it with `EAGAIN` (`__get_user_pages_locked()`, commit b2a72dff85fa, Linux 6.3).
    case killable
}

/// Which call locks pages of a range only when they are faulted in. Of `mlockall(2)`, every kernel here has `MCL_ONFAULT`.
public enum LockOnFault: UInt8, KernelRule {
    /// `mlock2(2)`, with `MLOCK_ONFAULT` (commits a8ca5d0ecbdd and b0f205c2a308, Linux 4.4).
    case mlock2
    /// None: there is no `mlock2(2)` (Linux up to 4.3).
    case none
}

/// Which memory `MADV_REMOVE` takes out of its file; other memory of files is `EACCES`.
public enum RemovableMemory: UInt8, KernelRule {
    /// Shared memory that may become writable (`vma_is_shared_maywrite()`, commit e8e17ee90eaf, Linux 6.7, and stable
    /// series before, that of 6.1 among them). All shared memory may, since files here are open for writing.
    case shared
    /// Shared memory that is writable (Linux up to 6.6).
    case writable
}
