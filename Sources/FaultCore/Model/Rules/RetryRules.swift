/// What a store to a shared page answers when it is throttled for dirtying.
public enum ThrottledSharedWrite: UInt8, KernelRule {
    /// It throttles with the fault lock held (Linux up to 5.4).
    case keepsLock
    /// It drops the lock and answers `RETRY` (commit 89b15332af7c, Linux 5.5).
    case retries
    /// It drops the lock and answers `COMPLETED` (commit d92725256b4f, Linux 6.0).
    case completes
}

/// Which waits of a page-cache fault drop the fault lock.
public enum LockDroppingWaits: UInt8, KernelRule {
    /// None (Linux up to 2.6.36).
    case none
    /// The wait for a locked folio (commit d065bd810b6d, Linux 2.6.37).
    case folioLock
    /// That, the submission of reads, and reading a single page (commit 6b4c9f446981, Linux 5.1).
    case allIO
}

/// Whether neighbours of a page are mapped with it.
public enum FaultAroundRule: UInt8, KernelRule {
    /// No (Linux up to 3.14).
    case none
    /// Those in the page cache, by ``VMOperations/mapPages(_:from:through:_:)`` before the handler runs; the attempt that
    /// is served so answers `NOPAGE`, and every page looked at counts as a hit (commit 7267ec008b5c, Linux 4.8).
    case mapPages
    /// So, but the attempt answers 0, and only pages that were mapped count as hits (commit 8c6e50b0290c, Linux 3.15).
    case mapPagesUncounted
    /// Those that the handler has found and locked with the page (Shutemov's RFC, 2014): 32 pages, aligned.
    case insideHandler
    /// Each by a call of the handler, without `ALLOW_RETRY`: what is not cached is read, with the lock held (Torvalds'
    /// patch, 2014).
    case oneByOne
}
