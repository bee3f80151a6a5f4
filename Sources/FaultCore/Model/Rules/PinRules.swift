extension KernelModel {
    /// Whether the kernel tells pins from other references to a page: `FOLL_PIN` from `FOLL_GET`.
    public enum PinTracking: UInt8, KernelRule {
        /// By weight: a pin counts as 1,024 references, so that a page with at least that many counts as pinned (commit
        /// 3faa52c03f44, Linux 5.7).
        case byWeight
        /// It does not: a caller that asks for a pin gets a reference (until commit 3faa52c03f44, Linux 5.7).
        case none
    }

    /// What happens to a page of private memory that may be shared since a fork, if it is to be pinned for reading.
    public enum ReadPins: UInt8, KernelRule {
        /// It is copied first, unless it has no other users by now, so that the pin sees what is written later:
        /// `FAULT_FLAG_UNSHARE` (commit a7f226604170, Linux 5.19).
        case unshares
        /// It is pinned as it is (until commit a7f226604170, Linux 5.19).
        case shares
    }

    /// Whether pages of a shared file that tracks stores to clean pages can be pinned for writing for a long time
    /// (``GUPFlags/longTerm``), although the device's stores are not noticed.
    public enum LongTermFilePins: UInt8, KernelRule {
        /// They can't, `EFAULT` (`writable_file_mapping_allowed()`, commits 8ac268436e6d and a6e79df92e4a, Linux 6.5).
        case areRefused
        /// They can (until commit 8ac268436e6d, Linux 6.5).
        case areAllowed
    }

    /// What happens to a page of a private mapping that is not anonymous (a page of a file, or the zero page), if it is
    /// to be pinned for reading for a long time (``GUPFlags/longTerm``).
    public enum LongTermReadPins: UInt8, KernelRule {
        /// It is copied first, so that the pin sees what the program writes later (`gup_must_unshare()`, commit 84209e87c696,
        /// Linux 6.2).
        case unshare
        /// It is pinned as it is, and the program's first store makes another one (until commit 84209e87c696, Linux 6.2).
        case share
    }

    /// How a direct read or write holds the pages of memory that the device works on.
    public enum DirectPins: UInt8, KernelRule {
        /// By references: `iov_iter_get_pages2()` (until commit a7e689dd1c06, Linux 6.5).
        case gets
        /// By pins: `iov_iter_extract_pages()` (commit a7e689dd1c06, Linux 6.5).
        case pins
    }

    /// What fork does with a page of private memory that may be pinned, if memory of the process ever was.
    public enum PinnedFork: UInt8, KernelRule {
        /// The child gets a copy at once, and the parent keeps its page, writable, if the page is anonymous and
        /// exclusive to the parent: `page_try_dup_anon_rmap()` (commits fb3d824d1a46 and 6c287605fd56, Linux 5.19).
        case copiesExclusive
        /// The same for every page, including pages of files: `copy_present_page()` (commit 70e806e4e645, Linux 5.9).
        case copiesAll
        /// It is shared like other pages; the first process that writes gets a copy (until commit 70e806e4e645, Linux
        /// 5.9).
        case shares
    }

    /// What `get_user_pages()` does on `RETRY` if its caller may not wait (`FOLL_NOWAIT`) and has passed `locked`.
    public enum NoWaitRetry: UInt8, KernelRule {
        /// The lock is still held, as it is under `RETRY_NOWAIT` (`faultin_page()`, commit 96312e61282a, Linux 4.16).
        case keepsLock
        /// The lock counts as released, and is taken once more: the first hold stays forever (commit ce53053ce378,
        /// Linux 4.16, until commit 96312e61282a, Linux 4.16).
        case losesTrack
    }

    /// Which of the pages that may be pinned reclaim skips.
    public enum PinnedReclaim: UInt8, KernelRule {
        /// Anonymous pages, which are not even unmapped, and all others, which are unmapped, but neither written nor
        /// dropped (commit d824ec2a1546, Linux 6.4, and the stable series of 6.1 to 6.3).
        case keepsAll
        /// Only anonymous pages: they get no swap slot (commit feb889fb40fa, Linux 5.11).
        case keepsAnonymous
        /// None. Only their references keep them from being freed (until commit feb889fb40fa, Linux 5.11).
        case keepsNone
    }
}

extension KernelModel {
    /// Whether a pinned anonymous page is always exclusive to its map: `sanity_check_pinned_pages()` (commit
    /// b6a2619c60b4, Linux 5.19).
    var keepsPinnedPagesExclusive: Bool {
        pinTracking == .byWeight && readPins == .unshares && pinnedFork != .shares && anonymousReuse == .exclusiveBit
            && pinnedReclaim != .keepsNone
    }
}
