extension KernelModel {
    /// Which routine handles faults on files: the `filemap_fault()` of which kernel.
    public enum FileFaultRoutine: UInt8, KernelRule {
        /// An attempt that has dropped the lock does the whole wait, locks the page, gives the page back, and returns
        /// `RETRY` (commit 6b4c9f446981, Linux 5.1): `FileFault`.
        case waitsToTheEnd
        /// An attempt drops the lock only if the page that it has found is locked. It waits until the page is unlocked,
        /// and returns `RETRY` (commit d065bd810b6d, Linux 2.6.37, until commit 6b4c9f446981, Linux 5.1; also 2.6.36,
        /// where no wait drops the lock): `FileFault2_6_37`.
        case waitsForUnlock
        /// As ``waitsForUnlock``, but the same call also looks up and locks the surrounding pages (Shutemov's RFC,
        /// 2014): `FileFaultAround2014`.
        case fillsAround
        /// As ``waitsForUnlock``, but after the wait it takes the lock again, and continues at the same place if no
        /// task has held the lock for writing (Morton, 2006): `FileFaultSequence2006`.
        case goesOnIfUnchanged
        /// An attempt drops the lock and returns `RETRY` as soon as it has submitted a read; it waits only for a page
        /// that it has found (Bacik's third version, 2018): `FileFault2018`.
        case leavesAfterSubmission
    }

    /// Whether an attempt keeps its page for the next attempt: `vmf->cached_page`.
    public enum KeptPage: UInt8, KernelRule {
        /// It gives the page back, and the next attempt looks it up again (every kernel; Kara's review of Bacik's
        /// series, 2018).
        case none
        /// It keeps the page, with a reference, until the fault is over (Bacik, 2018).
        case untilFaultEnds
    }

    /// Whether `page_mkwrite` may drop the fault lock, and which code does so.
    public enum MkwriteProtocol: UInt8, KernelRule {
        /// It may not: it does not get the flags that would allow it (every kernel; as Bacik, 2018, found it).
        case keepsLock
        /// The handler: it drops the lock, does all the work, keeps the page and returns `RETRY`; only btrfs does so
        /// (Bacik, 2018). It is not told that the page was kept, and therefore does the work again in the second
        /// attempt.
        case handlerRetries
        /// A helper, which surrounds every handler and takes a kept page for a prepared one (Chinner's review, 2018).
        case helperRetries
        /// The helper, but no page is kept: the file system knows from its own records which page is prepared (Kara's
        /// review, 2018).
        case fileSystemKnows
    }

    /// What a fault reads if it misses its page.
    public enum MmapReadahead: UInt8, KernelRule {
        /// The pages around it, with a readahead mark in the last quarter (commit 2cbea1d3ab11, Linux 3.0).
        case aroundMarked
        /// The pages around it, without a mark. If the previous fault was on the previous page, it reads ahead as with
        /// sequential advice (Linux 2.6.31, until commit 2cbea1d3ab11, Linux 3.0).
        case aroundUnmarked
    }

    /// Whether `invalidate_lock` keeps reads of a file and removals of its pages apart.
    public enum InvalidateLock: UInt8, KernelRule {
        /// It does (commit 730633f0b7f9, Linux 5.15).
        case excludes
        /// There is no such lock (until commit 730633f0b7f9, Linux 5.15). ext4's own lock of that kind, `i_mmap_sem`,
        /// is not modelled.
        case absent
    }

    /// When a store may write an anonymous page in place, instead of copying it.
    public enum AnonymousReuse: UInt8, KernelRule {
        /// If its `PG_anon_exclusive` is set, or it has no other references (commit 6c287605fd56, Linux 5.19).
        case exclusiveBit
        /// If it has no other references, except that of the swap cache (commit 53a05ad9f21d, Linux 5.18).
        case references
        /// If it has no other references, not even that of the swap cache (commit 09854ba94c6a, Linux 5.9).
        case onlyReference
        /// If no other entry maps it, present or swapped out. The store waits for the page's lock, with the fault lock
        /// held (`reuse_swap_page()`, until commit 09854ba94c6a, Linux 5.9).
        case onlyMapping
    }

    /// When the copy of a private file page is allocated.
    public enum CopyAllocation: UInt8, KernelRule {
        /// Before the handler runs, together with the area's `anon_vma` (commit 1d65f86db147, Linux 3.1).
        case beforeHandler
        /// After it, when the file's page is present and locked (until commit 1d65f86db147, Linux 3.1).
        case afterHandler
    }
}
