/// The routine that an activation runs. Each routine of the core has a number. Plug-ins have a number for each kind of
/// call, and are told apart by their own numbers in the machine's configuration.
///
/// A new routine has a case here and a line in ``CoreRoutines``.
@usableFromInline
package enum RoutineNumber: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// Touches pages in user mode, one after the other (the processor).
    case touch
    /// Touches one page from the kernel: a user copy.
    case userAccess
    /// A ``FaultEntry``: an architecture's `do_page_fault()`.
    case faultEntry
    /// `handle_mm_fault()` and what is below it in the core.
    case pageFault
    /// ``VMOperations/fault(_:_:_:_:_:)``.
    case handlerFault
    /// ``VMOperations/pageMkwrite(_:_:_:_:_:)``.
    case handlerMkwrite
    /// ``FileOperations/step(_:_:_:_:)``.
    case fileCall
    /// Takes a lock, sleeping if necessary.
    case takeLock
    /// Locks a folio, sleeping if necessary.
    case lockFolio
    /// `__get_user_pages()`.
    case getUserPages
    /// `__mm_populate()`.
    case populate
    /// `mmap(2)`.
    case mmap
    /// `munmap(2)`.
    case munmap
    /// `mprotect(2)`.
    case mprotect
    /// `madvise(2)`.
    case madvise
    /// `mremap(2)`.
    case mremap
    /// `mlock(2)` and `munlock(2)`.
    case mlock
    /// `mlockall(2)` and `munlockall(2)`.
    case mlockAll
    /// `brk(2)`.
    case brk
    /// `msync(2)`.
    case msync
    /// `mincore(2)`.
    case mincore
    /// `fork(2)`.
    case fork
    /// `exit(2)`.
    case exit
    /// A read of `/proc/PID/maps`.
    case readProcMaps
    /// ``PageCacheRoutine/transfer``: `read(2)`, `write(2)`.
    case fileTransfer
    /// A call that only concerns a file: truncate, fsync, drop the cache.
    case fileCommand
    /// Sleeps or computes for a time.
    case pause
    /// ``PageCacheRoutine/throttle``: dirty throttling, `balance_dirty_pages_ratelimited()`.
    case throttle
    /// Reads another process's memory, `process_vm_readv()` and `/proc/PID/mem`.
    case remoteRead
    /// Direct reclaim: makes a page free, or kills a process for it.
    case reclaim
    /// A ``FaultCaller`` that has pages faulted in, such as `fixup_user_fault()`.
    case faultCaller
    /// `swapoff(2)`.
    case swapOff
    /// `pin_user_pages_fast()` and `get_user_pages_fast()`, for a caller that holds pages.
    case pinUserPages
    /// `unpin_user_pages_dirty_lock()`.
    case unpin
    /// `userfaultfd(2)`, and calls on a descriptor.
    case userfaultCall
    /// A routine of the userfault handling: ``UserfaultOperations``.
    case userfaultRoutine
    /// `try_charge_memcg()`: makes room in the memory group, or kills a process for it.
    case charge
}
