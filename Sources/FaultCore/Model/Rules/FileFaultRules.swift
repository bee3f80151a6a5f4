/// Which routine finds the page of a file that is faulted on: which kernel's `filemap_fault()`.
public enum FileFaultRoutine: UInt8, KernelRule {
    /// The attempt that drops the lock does the whole wait, locks the page, and then gives it back (commit 6b4c9f446981,
    /// Linux 5.1): `FileFault`.
    case waitsToTheEnd
    /// Only a locked page makes it drop the lock; it waits until the page is unlocked (commit d065bd810b6d, Linux 2.6.37;
    /// 2.6.36, where no wait drops it): `FileFault2_6_37`.
    case waitsForUnlock
    /// That, and the pages around are looked up and locked in the same call (Shutemov's RFC, 2014): `FileFaultAround2014`.
    case fillsAround
    /// That, but after the wait it takes the lock again and goes on where it was if nobody has taken it for writing (Morton,
    /// 2006): `FileFaultSequence2006`.
    case goesOnIfUnchanged
    /// It leaves as soon as it has submitted a read, and waits only for a page that it has found (Bacik's third version,
    /// 2018): `FileFault2018`.
    case leavesAfterSubmission
}

/// Whether the page of an attempt that is retried is kept for the next: `vmf->cached_page`.
public enum KeptPage: UInt8, KernelRule {
    /// It is given back, and looked up again.
    case none
    /// It is kept, referenced, until the fault is over (Bacik, 2018).
    case untilFaultEnds
}

/// Whether `page_mkwrite` may drop the fault lock, and who sees to it.
public enum MkwriteProtocol: UInt8, KernelRule {
    /// It keeps the lock: the flags that would allow it are hidden from it.
    case keepsLock
    /// The handler drops it, does all the work, keeps the page and answers `RETRY`; btrfs alone does (Bacik, 2018). That the
    /// page was kept is hidden from the handler with the other flags, so that the second attempt works again.
    case handlerRetries
    /// A helper around every handler does, and takes the kept page for prepared (Chinner's review, 2018).
    case helperRetries
    /// No page is kept: the file system knows from its own records what is prepared (Kara's review, 2018).
    case fileSystemKnows
}

/// How a fault on a file begins to read.
public enum MmapReadahead: UInt8, KernelRule {
    /// Around the page, with a mark in the last quarter (commit 2cbea1d3ab11, Linux 3.0).
    case aroundMarked
    /// Around the page, without a mark; a fault behind the last one reads on as with sequential advice (Linux 2.6.31).
    case aroundUnmarked
}

/// Whether reads of a file and the removal of its pages exclude each other: `invalidate_lock`.
public enum InvalidateLock: UInt8, KernelRule {
    /// They do (commit 730633f0b7f9, Linux 5.15).
    case excludes
    /// There is no such lock.
    case absent
}

/// When an anonymous page may be written in place.
public enum AnonymousReuse: UInt8, KernelRule {
    /// If its `PG_anon_exclusive` is set, or nobody else refers to it (commit 6c287605fd56, Linux 5.19).
    case exclusiveBit
    /// If nobody else refers to it, swap cache apart (commit 53a05ad9f21d, Linux 5.18).
    case references
    /// If nobody else refers to it, swap cache included (commit 09854ba94c6a, Linux 5.9).
    case onlyReference
    /// If nobody else maps it, in memory or swapped; its lock is waited for, with the fault lock held (`reuse_swap_page()`,
    /// up to Linux 5.8).
    case onlyMapping
}

/// When the copy of a private file page is allocated.
public enum CopyAllocation: UInt8, KernelRule {
    /// Before the handler runs, with the area's `anon_vma` (commit 1d65f86db147, Linux 3.1).
    case beforeHandler
    /// When the page is there and locked.
    case afterHandler
}
