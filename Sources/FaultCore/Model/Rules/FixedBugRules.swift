/// Rules for bugs that were found in released kernels, or in release candidates, and fixed later.
///
/// All of ``KernelModel/presets`` have these bugs fixed, also the presets of kernels that were released before the fix.
/// The reason is that presets obey the laws. The presets of ``KernelModel/withKnownBugs`` have the bugs.
extension KernelModel {
    /// How `get_user_pages()` looks for the private copy that its forced write has made.
    ///
    /// A forced write has `FOLL_FORCE` and `FOLL_WRITE`, in a private area without `VM_WRITE`. The fault makes a copy
    /// of the page, but the entry of the copy stays read-only.
    public enum ForcedWrites: UInt8, KernelRule {
        /// The lookup still asks for a page to write to, and accepts a read-only entry only if it maps the copy. Linux
        /// 4.9 marks the lookup with `FOLL_COW` (`faultin_page()`, commit 19be0eaffa3a, Linux 4.9). Later kernels
        /// accept an exclusive anonymous page (`can_follow_write_pte()`, commit 5535be309971, Linux 6.0). The simulator
        /// models the test of Linux 6.0 for all kernels.
        case areRemembered
        /// The lookup asks for a page to read: it drops `FOLL_WRITE` when `handle_mm_fault()` has returned
        /// `VM_FAULT_WRITE`. If the copy is discarded before the lookup finds it, the lookup finds the page of the file
        /// instead, and the write changes the file. This is Dirty COW, CVE-2016-5195 (commit f33ea7f404e5, Linux
        /// 2.6.13, until commit 19be0eaffa3a, Linux 4.9).
        case becomeReads
    }

    /// What keeps a swap slot from being given to another page while a fault reads the slot without the swap cache.
    public enum SwapCacheBypass: UInt8, KernelRule {
        /// The fault sets `SWAP_HAS_CACHE` for the slot. Another fault that needs the slot waits
        /// (`swapcache_prepare()`, commit 13ddaf26be32, Linux 6.8, and in stable series since 6.1.80).
        case reservesSlot
        /// Nothing. A second fault can read the slot too, map its page, and write to it. The page can then be swapped
        /// out to the same slot. The entry has its old value again, so the first fault maps the page that it read
        /// before the write, and the write is lost (commit 0bcac06f27d7, Linux 4.15, until commit 13ddaf26be32, Linux
        /// 6.8).
        case leavesSlot
    }

    /// What a change of an area does to the nodes of the tree of areas.
    ///
    /// The simulator models one walk that keeps its place in the tree while other tasks run: a read of `/proc/PID/maps`
    /// (`ReadProcMapsRoutine`). It reports the walk at its first step with a node that was replaced. Three things are
    /// not modelled. A replaced node is freed only after a grace period, and until then the step does no harm. A tree
    /// of many areas has several nodes, of which growth replaces few. Other walks exist, such as `find_vma_prev()`.
    public enum AreaNodes: UInt8, KernelRule {
        /// The nodes stay. The tree is a red-black tree with a list, and is changed in place (until commit
        /// 524e00b36e8c, Linux 6.1).
        case stay
        /// A changed copy replaces the node in a maple tree (commit d4af56c5c7c6, Linux 6.1). RCU frees the old node
        /// when no task reads it any more (commit 3dd443254941, Linux 6.3). A task that walks the tree under the mmap
        /// lock for reading relies on a tree that does not change. The tree does change where stacks grow under the
        /// lock for reading. This is StackRot, CVE-2023-3269 (until commit 8d7071af8907, Linux 6.5, and in stable
        /// series since 6.1.37).
        case areReplaced
    }

    /// When a fault that takes its area's lock tests whether the area has an `anon_vma`.
    ///
    /// The checker reports the look at the neighbouring areas, whether or not munmap(2) frees one of them meanwhile.
    /// Areas are identified by their start. If an area is unmapped and mapped again between the two steps, the
    /// simulator takes the new area for the old one. The kernel sees that the old area is detached, and looks again.
    public enum AreaLockCheck: UInt8, KernelRule {
        /// After it has taken the lock (`lock_vma_under_rcu()`, commit 657b5146955e, Linux 6.5).
        case underLock
        /// Before it takes the lock. In between, mremap(2) with `MREMAP_DONTUNMAP` can take the `anon_vma` away. The
        /// fault then looks for one at the neighbouring areas, without the mmap lock that this needs (commit
        /// 2ac0af1b66e3, Linux 6.4, until commit 657b5146955e, Linux 6.5).
        case beforeLock
    }

    /// Whether fork(2) takes the locks of the areas that it copies.
    public enum ForkAreaLocks: UInt8, KernelRule {
        /// It takes them, and no fault runs in an area while fork(2) copies the area (`dup_mmap()`, commit
        /// fb49c455323f, Linux 6.5, and in the stable series of 6.4 since 6.4.3).
        case areTaken
        /// It does not take them. Faults can write to pages while fork(2) makes them shared (commit 0bff0aaea03e,
        /// Linux 6.4, until commit fb49c455323f, Linux 6.5, and until 6.4.3 in the stable series).
        case areNotTaken
    }

    /// How often `fixup_user_fault()` tries a fault again.
    public enum FixupRetries: UInt8, KernelRule {
        /// As often as the fault returns `RETRY` ("mm/gup: fix fixup_user_fault() on multiple retries", Xu, May 2020,
        /// Linux 5.7).
        case anyNumber
        /// Once. It treats a second `RETRY` as success (commit 4426e945df58, Linux 5.7, until the patch of
        /// ``KernelModel/FixupRetries/anyNumber``). Linux 5.7-rc1 has the bug. Before Linux 5.7, no fault returned a
        /// second `RETRY`.
        case one
    }

    /// What `get_user_pages()` returns if its task is killed while it waits for the mmap lock, or for a page.
    public enum KilledLookup: UInt8, KernelRule {
        /// `EINTR`, if it has found no page yet (`__get_user_pages_locked()`, commit ae46d2aa6a7f, Linux 5.7).
        case isInterrupted
        /// 0. Some callers then try again without end, and others assume that they have a page (commit 4426e945df58,
        /// Linux 5.7, until commit ae46d2aa6a7f, Linux 5.7). Linux 5.7-rc1 has the bug.
        case returnsZero
    }
}
