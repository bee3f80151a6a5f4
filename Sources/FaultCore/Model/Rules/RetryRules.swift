extension KernelModel {
    /// What a store to a shared page returns if it is throttled for dirtying too much.
    public enum ThrottledSharedWrite: UInt8, KernelRule {
        /// It is throttled with the fault lock held, and returns as if it had not been (until commit 89b15332af7c,
        /// Linux 5.5).
        case keepsLock
        /// It drops the lock and returns `RETRY` (commit 89b15332af7c, Linux 5.5, and the stable series of 5.4).
        case retries
        /// It drops the lock and returns `COMPLETED` (commit d92725256b4f, Linux 6.0).
        case completes
    }

    /// Which waits of a file fault drop the fault lock.
    public enum LockDroppingWaits: UInt8, KernelRule {
        /// None (until commit d065bd810b6d, Linux 2.6.37).
        case none
        /// The wait for a locked folio (commit d065bd810b6d, Linux 2.6.37).
        case folioLock
        /// That, the submission of reads, and the read of a single page (commit 6b4c9f446981, Linux 5.1).
        case allIO
    }

    /// Whether the neighbours of a page are mapped with it: fault-around.
    public enum FaultAroundRule: UInt8, KernelRule {
        /// They are not (until commit 8c6e50b0290c, Linux 3.15).
        case none
        /// Neighbours in the page cache are mapped by `VMOperations.mapPages(_:from:through:_:)`, before the handler
        /// runs. If that maps the page itself, the attempt returns `NOPAGE`. Every page looked at counts as a hit
        /// (commit 7267ec008b5c, Linux 4.8).
        case mapPages
        /// As ``mapPages``, but the attempt returns 0, and only pages that were mapped count as hits (commit
        /// 8c6e50b0290c, Linux 3.15, until commit 7267ec008b5c, Linux 4.8).
        case mapPagesUncounted
        /// Neighbours are mapped if the handler has found and locked them together with the page: 32 pages, aligned
        /// (Shutemov's RFC, 2014).
        case insideHandler
        /// Each neighbour is mapped by a call of the handler without `ALLOW_RETRY`: a page that is not cached is read
        /// with the lock held (Torvalds' patch, 2014).
        case oneByOne
    }
}
