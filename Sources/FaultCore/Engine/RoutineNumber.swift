/// The routine that an activation runs. Each routine of the core has a number. Plug-ins have a number for each kind of
/// call, and are told apart by their own numbers in the machine's configuration.
///
/// A new routine has a case here and a line in ``CoreRoutines``, below.
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

/// The registry of the core's routines, by number. Plug-ins have registries of their own.
enum CoreRoutines {
    /// Calls `user` with the routine of that number; returns `nil` if the routine is plugged in.
    @discardableResult
    @inline(__always)
    static func route<User: RoutineUser>(
        _ number: RoutineNumber, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer? {
        switch number {
        case .touch: User.use(TouchRoutine.self, &first, &second, &third, &fourth)
        case .userAccess: User.use(UserAccessRoutine.self, &first, &second, &third, &fourth)
        case .pageFault: User.use(PageFault.self, &first, &second, &third, &fourth)
        case .takeLock: User.use(LockRoutine.self, &first, &second, &third, &fourth)
        case .lockFolio: User.use(LockFolioRoutine.self, &first, &second, &third, &fourth)
        case .munmap: User.use(MunmapRoutine.self, &first, &second, &third, &fourth)
        case .getUserPages: User.use(GetUserPagesRoutine.self, &first, &second, &third, &fourth)
        case .populate: User.use(PopulateRoutine.self, &first, &second, &third, &fourth)
        case .madvise: User.use(MadviseRoutine.self, &first, &second, &third, &fourth)
        case .faultCaller: User.use(FaultCallerRoutine.self, &first, &second, &third, &fourth)
        case .remoteRead: User.use(RemoteReadRoutine.self, &first, &second, &third, &fourth)
        case .reclaim: User.use(ReclaimRoutine.self, &first, &second, &third, &fourth)
        case .charge: User.use(ChargeRoutine.self, &first, &second, &third, &fourth)
        case .fileCommand: User.use(FileCommandRoutine.self, &first, &second, &third, &fourth)
        case .mmap: User.use(MmapRoutine.self, &first, &second, &third, &fourth)
        case .mprotect: User.use(MprotectRoutine.self, &first, &second, &third, &fourth)
        case .mremap: User.use(MremapRoutine.self, &first, &second, &third, &fourth)
        case .mlock: User.use(MlockRoutine.self, &first, &second, &third, &fourth)
        case .mlockAll: User.use(MlockAllRoutine.self, &first, &second, &third, &fourth)
        case .brk: User.use(BrkRoutine.self, &first, &second, &third, &fourth)
        case .msync: User.use(MsyncRoutine.self, &first, &second, &third, &fourth)
        case .mincore: User.use(MincoreRoutine.self, &first, &second, &third, &fourth)
        case .fork: User.use(ForkRoutine.self, &first, &second, &third, &fourth)
        case .exit: User.use(ExitRoutine.self, &first, &second, &third, &fourth)
        case .readProcMaps: User.use(ReadProcMapsRoutine.self, &first, &second, &third, &fourth)
        case .userfaultCall: User.use(UserfaultCallRoutine.self, &first, &second, &third, &fourth)
        case .swapOff: User.use(SwapOffRoutine.self, &first, &second, &third, &fourth)
        case .pinUserPages: User.use(PinUserPagesRoutine.self, &first, &second, &third, &fourth)
        case .unpin: User.use(UnpinRoutine.self, &first, &second, &third, &fourth)
        case .pause: User.use(PauseRoutine.self, &first, &second, &third, &fourth)
        case .faultEntry, .handlerFault, .handlerMkwrite, .fileCall, .fileTransfer, .throttle, .userfaultRoutine: nil
        }
    }
}
