/// What kernels got wrong, and mended since.
///
/// ``KernelModel/presets`` have all of it mended, also those of kernels that were released before: they obey the laws. The
/// presets of ``KernelModel/withKnownBugs`` have it as it was.
extension KernelModel {
    /// How `get_user_pages()` looks for the copy that its forced write to private memory has made, which may not be written
    /// through the entry (`FOLL_FORCE` and `FOLL_WRITE` in an area without `VM_WRITE`).
    public enum ForcedWrites: UInt8, KernelRule {
        /// As for a page to write to, so that a page of the file is none: `FOLL_COW` in Linux 4.9 (`faultin_page()`, commit
        /// 19be0eaffa3a), an exclusive anonymous page since (commit 5535be309971, Linux 6.0). Modelled is the latter, for all
        /// kernels.
        case areRemembered
        /// As for a page to read: `FOLL_WRITE` is dropped when `handle_mm_fault()` has answered `VM_FAULT_WRITE`. If the copy
        /// is thrown away before it is found, the page of the file is taken for it, and written: Dirty COW, CVE-2016-5195
        /// (commit f33ea7f404e5, Linux 2.6.13, until commit 19be0eaffa3a, Linux 4.9).
        case becomeReads
    }

    /// What keeps a swap slot from being given to another page while a fault reads it past the swap cache.
    public enum SwapCacheBypass: UInt8, KernelRule {
        /// `SWAP_HAS_CACHE`: who wants it too, waits (`swapcache_prepare()`, commit 13ddaf26be32, Linux 6.8, and stable series
        /// such as that of 6.1).
        case reservesSlot
        /// Nothing. Another fault may read it as well, map what it has read, write to it, and have it swapped out to the same
        /// slot; then the entry is what it was, and the first fault maps what it had read before (commit 0bcac06f27d7, Linux
        /// 4.15, until commit 13ddaf26be32, Linux 6.8).
        case leavesSlot
    }

    /// What becomes of the tree of areas when an area changes in it.
    ///
    /// Modelled is one walk that keeps its place while others run, that of a read of `/proc/PID/maps`
    /// (``ReadProcMapsRoutine``), and it is told of at the first step with a node that was replaced. Left out is that
    /// the freeing of a node takes a grace period, until which the step is harmless; that a tree of many areas has several
    /// nodes, of which growth replaces few; and other walks, such as `find_vma_prev()`.
    public enum AreaNodes: UInt8, KernelRule {
        /// It is changed in place: a red-black tree, and a list (until commit 524e00b36e8c, Linux 6.1).
        case stay
        /// A node is replaced by a changed copy, and freed when nobody reads under RCU any more: the maple tree (commits
        /// d4af56c5c7c6, Linux 6.1, and 3dd443254941, Linux 6.3). Who walks the tree under the mmap lock for reading relies on
        /// its not changing. Where stacks grow under the lock for reading, it does: StackRot, CVE-2023-3269 (until commit
        /// 8d7071af8907, Linux 6.5, and stable series).
        case areReplaced
    }

    /// When a fault that takes its area's lock asks whether the area has an `anon_vma`.
    ///
    /// Told of is the look at the areas nearby, whether or not one of them is freed by munmap(2) meanwhile. Areas are known
    /// by where they begin: one that was unmapped and mapped anew in between counts as the one that was found, where the
    /// kernel sees that it is detached, and looks again.
    public enum AreaLockCheck: UInt8, KernelRule {
        /// When it has the lock (`lock_vma_under_rcu()`, commit 657b5146955e, Linux 6.5).
        case underLock
        /// Before it has it. Until then mremap(2) with `MREMAP_DONTUNMAP` may take the `anon_vma` away, and the fault looks at
        /// areas nearby for one, without the mmap lock that they need (commit 2ac0af1b66e3, Linux 6.4, until commit
        /// 657b5146955e, Linux 6.5).
        case beforeLock
    }

    /// Whether fork(2) takes the locks of the areas that it copies.
    public enum ForkAreaLocks: UInt8, KernelRule {
        /// It does, so that no fault runs beside it (`dup_mmap()`, commit fb49c455323f, Linux 6.5 and 6.4.3).
        case areTaken
        /// It does not: faults write to pages that are just being shared (commit 0bff0aaea03e, Linux 6.4, until commit
        /// fb49c455323f, Linux 6.4.3).
        case areNotTaken
    }

    /// How often `fixup_user_fault()` has a fault tried again.
    public enum FixupRetries: UInt8, KernelRule {
        /// As often as it takes (commit 475f4dfc021c, Linux 5.13).
        case anyNumber
        /// Once: it takes a second `RETRY` for success (`fixup_user_fault()` where faults may be tried again more than once,
        /// commit 4064b9827063, Linux 5.7, until commit 475f4dfc021c, Linux 5.13).
        case one
    }

    /// What `get_user_pages()` answers if its task is killed while it waits for the mmap lock, or for a page.
    public enum KilledLookup: UInt8, KernelRule {
        /// `EINTR`, if no page is done (`__get_user_pages_locked()`, commit ae46d2aa6a7f, Linux 5.7).
        case isInterrupted
        /// 0, after which callers try again for ever, or take a page for granted (commit 4426e945df58, Linux 5.7, until commit
        /// ae46d2aa6a7f, Linux 5.7).
        case answersZero
    }
}
