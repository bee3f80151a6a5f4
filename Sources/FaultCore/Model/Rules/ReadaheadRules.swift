extension KernelModel {
    /// How readahead decides what to read.
    public enum ReadaheadPlanning: UInt8, KernelRule {
        /// By one set of rules for missing and for marked pages (`ondemand_readahead()`, commit 122a21d11cbf, Linux
        /// 2.6.23).
        case onDemand
        /// By one set of rules for missing pages and another for marked pages (`page_cache_sync_ra()` and
        /// `page_cache_async_ra()`, commit 3a7a11a57e46, Linux 6.11). A missing page where the next window was expected
        /// no longer means that reads are sequential, and a first window that is needed completely has its mark in the
        /// middle.
        case bySource
    }

    /// What the search for the next missing page returns if none of the pages that it looks at is missing.
    public enum MissingPageSearch: UInt8, KernelRule {
        /// The last page that it has looked at (`page_cache_next_miss()`, commit 0d3f92966629, Linux 4.20, until commit
        /// 901a269ff3d5, Linux 6.11).
        case endsOnLastPage
        /// The page after that one, so that readahead knows that nothing is missing (commit 901a269ff3d5, Linux 6.11;
        /// also `page_cache_next_hole()`, until commit 0d3f92966629, Linux 4.20).
        case endsPastLastPage
    }

    /// When `read(2)` notes how far it has come, and which position it notes: `ra->prev_pos`.
    public enum ReadPositionNote: UInt8, KernelRule {
        /// After every page, the byte after the page (commit 06c0444290ce, Linux 5.11).
        case everyPage
        /// At its end, the byte after the last page ("mm/filemap.c: fix update prev_pos after one read request done",
        /// Linux 6.6).
        case endOfCall
        /// At its end, the first byte of the last page (`generic_file_buffered_read()`, until commit 06c0444290ce,
        /// Linux 5.11).
        case lastPageAtEnd
    }

    /// Whether a fault that misses its page looks at the page table entry once more before it reads.
    public enum MissRecheck: UInt8, KernelRule {
        /// It does not (until commit 58f327f2ce80, Linux 6.9).
        case none
        /// It does in locked areas, where a private copy may have been mapped in the meantime
        /// (`filemap_fault_recheck_pte_none()`, commit 58f327f2ce80, Linux 6.9).
        case inLockedAreas
    }

    /// Whether fault-around makes a page table for the last page of a file.
    public enum FaultAroundTable: UInt8, KernelRule {
        /// It does, as for any page (until commit 74207de2ba10, Linux 6.18).
        case always
        /// Not if the first page that it finds is the file's last; on tmpfs it does (`filemap_map_pages()`, commit
        /// 74207de2ba10, Linux 6.18, and the stable series of 6.12).
        case notForLastPage
    }

    /// Which pages that fault-around finds count as hits. Hits are subtracted from the misses, and many misses turn
    /// read-around off.
    public enum AroundHits: UInt8, KernelRule {
        /// Every page that it looks at (until commit 5c46d5319bde, Linux 6.10).
        case everyPage
        /// Every page except those that were reclaimed a while ago and read again: reading around does not pay off for
        /// a file that doesn't fit into memory (commit 5c46d5319bde, Linux 6.10).
        case notRefaulting
    }

    /// Whether a fault that finds its page locked counts as a hit. Usually, such a page is still being read.
    public enum LockedPageHit: UInt8, KernelRule {
        /// It does: if many faults wait for one page, each subtracts a miss (until commit e338d8353154, Linux 6.18).
        case counts
        /// It does not (`do_async_mmap_readahead()`, commit e338d8353154, Linux 6.18).
        case doesNotCount
    }

    /// What a fault reads if it misses a page of a program's code, which is a page of an executable area.
    public enum CodeReadahead: UInt8, KernelRule {
        /// What it would read of any other area (until "mm/filemap: allow arch to request folio size for exec memory").
        case asOthers
        /// The pages from the missing one up to the end of the area, without a readahead mark; random advice has no
        /// effect (`do_sync_mmap_readahead()`, "mm/filemap: allow arch to request folio size for exec memory"; in Linux
        /// 6.19).
        case fromPage
    }
}
