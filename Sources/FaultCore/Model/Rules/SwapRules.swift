extension KernelModel {
    /// How the read of a page from swap that is read alone is waited for.
    public enum SingleSwapRead: UInt8, KernelRule {
        /// By whoever reads, on the spot, uninterruptibly and with its locks: `do_poll` of `swap_readpage()` (commit
        /// 23955622ff8d, Linux 4.13) looked at the device once, and waits since "mm/page_io.c: fix polled swap page in" (Axboe,
        /// 2019; Linux 5.0).
        case waitsInside
        /// As others that find the page locked: up to Linux 4.20, and again from commit b243dcbf2f13, Linux 6.6, on.
        case asOthers
    }

    /// How a solid-state swap device gives out its slots.
    public enum SwapSlots: UInt8, KernelRule {
        /// From the processor's cluster of slots; where no cluster is free, by looking through the map (until commit
        /// 5f843a9a3a1e, Linux 6.12).
        case clusters
        /// From lists of clusters by how much of them is used, for a synchronous read of a slot one waits no longer
        /// than it takes (`cluster_alloc_swap_entry()`, commit 5f843a9a3a1e, Linux 6.12).
        case clusterLists
    }

    /// What becomes of a page of zeroes that is swapped out.
    public enum SwapZeroPages: UInt8, KernelRule {
        /// It is written like others (until commit 0ca0c24e3211, Linux 6.12).
        case written
        /// It is noted, and filled again without the device (`swap_zeromap_folio_set()`, commit 0ca0c24e3211, Linux
        /// 6.12).
        case noted
    }

    /// Whether `MADV_PAGEOUT` asks if a page is in use.
    public enum PageOutReferences: UInt8, KernelRule {
        /// It clears the accessed bit of the entry first, and then asks (until commit 2864f3d0f583, Linux 6.9).
        case cleared
        /// It does not ask (commit 2864f3d0f583, Linux 6.9).
        case ignored
    }

    /// How far `MADV_WILLNEED` reads swapped pages of tmpfs.
    public enum SharedWillNeed: UInt8, KernelRule {
        /// One page too far (until commit 179d3e4f3bfa, Linux 6.5).
        case onePageMore
        /// To the end of the range (commit 179d3e4f3bfa, Linux 6.5).
        case toTheEnd
    }

    /// How it is judged whether a page that comes back was gone for long.
    public enum RefaultTest: UInt8, KernelRule {
        /// By how many pages were evicted or activated since, against the pages in use: `workingset_refault()` ("mm:
        /// thrash detection-based file cache sizing", Weiner, 2014; Linux 3.15).
        case distance
        /// By whether the oldest pages are of the same generation still: `lru_gen_refault()`, where
        /// `CONFIG_LRU_GEN_ENABLED` is set, as in Debian's 6.12 ("mm: multi-gen LRU: minimal implementation", Zhao,
        /// 2022; Linux 6.1). Outside of a memory group, which keeps
        /// its pages so, no generation ends: there is plenty of memory.
        case generation
    }

    /// What a page becomes that could not be read when its swap area was given up.
    public enum LostPage: UInt8, KernelRule {
        /// An address without data: `make_swapin_error_entry()` (until commit af19487f00f3, Linux 6.6).
        case isNoData
        /// One with a memory error: `PTE_MARKER_POISONED` (commit af19487f00f3, Linux 6.6).
        case isMemoryError
    }
}
