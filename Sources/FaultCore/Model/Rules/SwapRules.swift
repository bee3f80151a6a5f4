extension KernelModel {
    /// How the read of a single page from swap is waited for.
    public enum SingleSwapRead: UInt8, KernelRule {
        /// By the task that reads, on the spot, uninterruptibly and with its locks held: `do_poll` of `swap_readpage()` (commit
        /// 23955622ff8d, Linux 4.13). It polled the device only once at first, and waits since "mm/page_io.c: fix polled swap page in" (Axboe,
        /// 2019; Linux 5.0).
        case waitsInside
        /// Like a page that is found locked: up to Linux 4.20, and again from Linux 6.6 on (`swap_read_folio()`, commit
        /// b243dcbf2f13).
        case asOthers
    }

    /// How a solid-state swap device gives out its slots.
    public enum SwapSlots: UInt8, KernelRule {
        /// From the processor's cluster of slots; if no cluster is free, by searching the map (until commit
        /// 5f843a9a3a1e, Linux 6.12).
        case clusters
        /// From lists of clusters, sorted by how much of a cluster is used. A task that waits for another task's
        /// synchronous read of a slot waits only as long as the read takes (`cluster_alloc_swap_entry()`, commit
        /// 5f843a9a3a1e, Linux 6.12).
        case clusterLists
    }

    /// What happens to a page of zeroes that is swapped out.
    public enum SwapZeroPages: UInt8, KernelRule {
        /// It is written like others (until commit 0ca0c24e3211, Linux 6.12).
        case written
        /// It is noted, and filled again without the device (`swap_zeromap_folio_set()`, commit 0ca0c24e3211, Linux
        /// 6.12).
        case noted
    }

    /// Whether `MADV_PAGEOUT` checks if a page is in use.
    public enum PageOutReferences: UInt8, KernelRule {
        /// It clears the accessed bit of the entry first, and then checks (until commit 2864f3d0f583, Linux 6.9).
        case cleared
        /// It does not check (commit 2864f3d0f583, Linux 6.9).
        case ignored
    }

    /// How far `MADV_WILLNEED` reads swapped pages of tmpfs.
    public enum SharedWillNeed: UInt8, KernelRule {
        /// One page too far (until commit 179d3e4f3bfa, Linux 6.5).
        case onePageMore
        /// To the end of the range (commit 179d3e4f3bfa, Linux 6.5).
        case toTheEnd
    }

    /// How the kernel judges whether a page that comes back was gone for long.
    public enum RefaultTest: UInt8, KernelRule {
        /// It compares the number of pages evicted or activated since with the pages in use: `workingset_refault()`
        /// ("mm: thrash detection-based file cache sizing", Weiner, 2014; Linux 3.15).
        case distance
        /// It checks whether the oldest pages are still of the same generation: `lru_gen_refault()`, if
        /// `CONFIG_LRU_GEN_ENABLED` is set, as in Debian's 6.12 ("mm: multi-gen LRU: minimal implementation", Zhao,
        /// 2022; Linux 6.1). Only a memory group keeps its pages by generations. Outside of a group no generation ends,
        /// because there is plenty of memory.
        case generation
    }

    /// What a page becomes that could not be read when its swap area was removed.
    public enum LostPage: UInt8, KernelRule {
        /// An address without data: `make_swapin_error_entry()` (until commit af19487f00f3, Linux 6.6).
        case isNoData
        /// A page with a memory error: `PTE_MARKER_POISONED` (commit af19487f00f3, Linux 6.6).
        case isMemoryError
    }
}
