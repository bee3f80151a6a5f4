/// Which routine an activation runs. The core's own have a number each; what plugs in has one for each kind of call, and
/// is told apart by its own number in the machine's configuration.
public enum RoutineNumber: UInt8, BitwiseCopyable, Sendable, CaseIterable {
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
    /// Takes a lock, sleeping for it if need be.
    case takeLock
    /// Locks a folio, sleeping for it if need be.
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
    /// A call on a file whose data goes to or comes from user memory page by page: `read(2)`, `write(2)`.
    case fileTransfer
    /// A call on a file alone: truncate, fsync, drop the cache.
    case fileCommand
    /// Sleeps or computes for a time.
    case pause
    /// Dirty throttling, `balance_dirty_pages_ratelimited()`.
    case throttle
    /// Reads another process's memory, `process_vm_readv()` and `/proc/PID/mem`.
    case remoteRead
    /// Direct reclaim: makes a page free, or kills somebody for it.
    case reclaim
    /// A ``FaultCaller`` that has pages faulted in, such as `fixup_user_fault()`.
    case faultCaller
    /// `swapoff(2)`.
    case swapOff
}
