extension KernelModel {
    /// Which faults may be guarded by the lock of their area, the per-VMA lock, instead of the mmap lock.
    public enum AreaLockReach: UInt8, KernelRule {
        /// None: areas have no locks (until commit 0bff0aaea03e, Linux 6.4).
        case none
        /// Faults on private anonymous memory that is not swapped out (commit 0bff0aaea03e, Linux 6.4).
        case anonymousMemory
        /// Also faults that swap a page in, and the parts of a file fault that call no handler: fault-around, and
        /// copies of mapped pages (commit 1235ccd05b6d for swap, Linux 6.6).
        case upToFaultAround
        /// All faults, except those that need the handler of an area without `map_pages` (commit 12214eba1992 for
        /// reads, and its siblings, Linux 6.7).
        case mappingHandlers
    }

    /// What a fault under its area's lock does if it needs an `anon_vma` and there is none.
    public enum AreaLockAnonVMA: UInt8, KernelRule {
        /// It continues under the mmap lock. A fault on anonymous memory decides that before it starts, other faults
        /// when they need the `anon_vma` (commit 2ac0af1b66e3, Linux 6.4).
        case needsMmapLock
        /// It makes one. For that it takes the mmap lock, if it can be taken at once (commit 737019cf6ac5, Linux 6.10;
        /// `__vmf_anon_prepare()` in Linux 6.12).
        case triesMmapLock
    }

    /// Which code releases the area's lock when an attempt returns `RETRY`.
    public enum AreaLockRelease: UInt8, KernelRule {
        /// The caller, after every result; nothing below may drop the lock (commit 0bff0aaea03e, Linux 6.4).
        case byCaller
        /// The function that returns `RETRY`, as with the mmap lock (commit 4089eef0e6ac, Linux 6.6).
        case byCallee
    }

    /// How a fault continues after its attempt under the area's lock has returned `RETRY`.
    public enum AreaLockRetry: UInt8, KernelRule {
        /// It starts over under the mmap lock, without `TRIED` (commit 0bff0aaea03e, Linux 6.4).
        case startsOver
        /// It starts over under the mmap lock, with `TRIED` if the attempt was major: the page should be present now
        /// (commit 46e714c729c8, Linux 6.8).
        case majorIsTried
    }

    /// What happens if, under the area's lock, the area turns out not to allow the access.
    public enum AreaLockRefusal: UInt8, KernelRule {
        /// The fault starts over under the mmap lock, and is refused there (commit 0bff0aaea03e, Linux 6.4).
        case looksAgain
        /// The signal is sent at once, without the mmap lock (commit bc7996c864bf, Linux 6.10).
        case isFinal
    }

    /// Which lock `madvise(2)` takes to discard the pages of a single area.
    public enum AdviceLock: UInt8, KernelRule {
        /// The mmap lock for reading (until commit a6fde7add78d, Linux 6.17).
        case mmap
        /// The area's, for reading, if it can be taken at once (`try_vma_read_lock()`, commit a6fde7add78d, Linux
        /// 6.17).
        case area
    }

    /// Which lock a read of `/proc/PID/maps` takes.
    public enum ProcMapsLock: UInt8, KernelRule {
        /// The mmap lock for reading, once for the whole read (until "fs/proc/task_mmu: read proc/pid/maps under
        /// per-vma lock", Linux 6.17).
        case mmap
        /// The lock of one area after the other, and the mmap lock for an area whose lock can't be taken at once
        /// (`lock_next_vma()`, "fs/proc/task_mmu: read proc/pid/maps under per-vma lock", Linux 6.17).
        case areas
    }
}
