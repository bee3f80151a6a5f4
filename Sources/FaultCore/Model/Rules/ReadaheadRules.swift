/// How readahead decides what to read.
public enum ReadaheadPlanning: UInt8, KernelRule {
    /// One set of rules for missing and for marked pages (`ondemand_readahead()`, commit 122a21d11cbf, Linux 2.6.23).
    case onDemand
    /// Each has its own (`page_cache_sync_ra()` and `page_cache_async_ra()`, commit 3a7a11a57e46, Linux 6.11): that a
    /// missing page is where the next window was expected says nothing, and a first window that is read whole is marked
    /// in its middle.
    case bySource
}

/// What the search for a missing page answers that finds none.
public enum MissingPageSearch: UInt8, KernelRule {
    /// The last page it has looked at (`page_cache_next_miss()`).
    case endsOnLastPage
    /// The page behind it, so that readahead knows that all is there (commit 901a269ff3d5, Linux 6.11).
    case endsBehind
}

/// When `read(2)` notes how far it has come: `ra->prev_pos`.
public enum ReadPositionNote: UInt8, KernelRule {
    /// After every page.
    case everyPage
    /// At its end ("mm/filemap.c: fix update prev_pos after one read request done", Linux 6.6).
    case endOfCall
}

/// Whether a fault that misses its page looks at the entry once more before it reads.
public enum MissRecheck: UInt8, KernelRule {
    /// No.
    case none
    /// In locked areas, whose page may be a private copy by now (`filemap_fault_recheck_pte_none()`, commit
    /// 58f327f2ce80, Linux 6.10).
    case inLockedAreas
}

/// Whether fault-around makes a page table for the last page of a file.
public enum FaultAroundTable: UInt8, KernelRule {
    /// For any page.
    case always
    /// Not if the first page it finds is the file's last, tmpfs apart (`filemap_map_pages()`, commit 74207de2ba10, in
    /// the stable series of Linux 6.12).
    case notForLastPage
}

/// Which pages fault-around takes for hits against the misses that would turn read-around off.
public enum AroundHits: UInt8, KernelRule {
    /// Every page that it looks at.
    case everyPage
    /// Not those that were reclaimed a while ago and read again: of a file that doesn't fit, reading around is a waste
    /// (commit 5c46d5319bde, Linux 6.10).
    case notRefaulting
}

/// Whether a fault that finds its page counts as a hit against those misses if the page is locked, mostly because it is
/// still being read.
public enum LockedPageHit: UInt8, KernelRule {
    /// It does: of many faults that wait for one page, each takes a miss away.
    case counts
    /// It does not (`do_async_mmap_readahead()`, commit e338d8353154; in Linux 6.19).
    case doesNotCount
}

/// What a fault reads that misses a page of a program's code: an area that may be executed.
public enum CodeReadahead: UInt8, KernelRule {
    /// What it would read of any file.
    case asOthers
    /// The pages from the missing one on, up to the end of the area, without a mark; random advice does not matter
    /// (`do_sync_mmap_readahead()`, "mm/filemap: allow arch to request folio size for exec memory"; in Linux 6.19).
    case fromPage
}
