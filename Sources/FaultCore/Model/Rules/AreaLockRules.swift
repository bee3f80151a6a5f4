/// Which faults an area's own lock may guard instead of the mmap lock: the per-VMA lock.
public enum AreaLockReach: UInt8, KernelRule {
    /// None; areas have no locks (Linux up to 6.3).
    case none
    /// Private anonymous memory that is not swapped out (commit 0bff0aaea03e, Linux 6.4).
    case anonymousMemory
    /// That, swapped-out pages, and the parts of a file fault that call no handler: fault-around, copies of mapped pages
    /// (commit 1235ccd05b6d for swap, Linux 6.6).
    case upToFaultAround
    /// All but handlers of areas that have no `map_pages` (commit 12214eba1992 for reads and its siblings; in Linux 6.8).
    case mappingHandlers
}

/// What a fault under the area's lock does that needs an `anon_vma` where there is none.
public enum AreaLockAnonVMA: UInt8, KernelRule {
    /// It goes on under the mmap lock: anonymous memory from the start, others where they come to need it (commit
    /// 2ac0af1b66e3, Linux 6.4).
    case needsMmapLock
    /// It makes one, with the mmap lock taken by trylock for that moment (commit 737019cf6ac5;
    /// `__vmf_anon_prepare()` in Linux 6.12).
    case triesMmapLock
}

/// Who releases the area's lock after `RETRY`.
public enum AreaLockRelease: UInt8, KernelRule {
    /// The caller, after every result; nothing below may drop it (commit 0bff0aaea03e, Linux 6.4).
    case byCaller
    /// The callee, as with the mmap lock (commit 4089eef0e6ac, Linux 6.6).
    case byCallee
}

/// What becomes of a fault whose attempt under the area's lock has answered `RETRY`.
public enum AreaLockRetry: UInt8, KernelRule {
    /// It starts over under the mmap lock, as if untried (commit 0bff0aaea03e, Linux 6.4).
    case startsOver
    /// So, but it counts as tried if the attempt was major: the page should be there now (commit 46e714c729c8; in Linux
    /// 6.8).
    case majorIsTried
}

/// What becomes of an access that the area does not allow, found out under the area's lock.
public enum AreaLockRefusal: UInt8, KernelRule {
    /// It is looked at again under the mmap lock (commit 0bff0aaea03e, Linux 6.4).
    case looksAgain
    /// That is that: the signal comes without the mmap lock (commit bc7996c864bf; in Linux 6.12).
    case isFinal
}

/// Which lock `madvise(2)` takes to throw pages away in a single area.
public enum AdviceLock: UInt8, KernelRule {
    /// The mmap lock for reading.
    case mmap
    /// The area's, for reading, if it can be had at once (`try_vma_read_lock()`, commit a6fde7add78d, Linux 6.17).
    case area
}

/// Which lock a read of `/proc/PID/maps` takes.
public enum ProcMapsLock: UInt8, KernelRule {
    /// The mmap lock for reading, over all of it.
    case mmap
    /// One area's after the other; the mmap lock for those that can't be had at once (`lock_next_vma()`,
    /// "fs/proc/task_mmu: read proc/pid/maps under per-vma lock", Linux 6.17).
    case areas
}
