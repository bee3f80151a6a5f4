/// The decisions in which kernels differ, as rules. A kernel version is a value of this type.
///
/// Each rule is consulted at one named place; nothing compares versions. A preset may be changed rule by rule, to ask
/// what one change of a kernel does:
///
///     var model = KernelModel.linux6_1
///     model.throttledSharedWrite = .keepsLock
public struct KernelModel: Equatable, BitwiseCopyable, Sendable {
    /// The model's name, as presets and scenario files write it.
    public var name: StaticName
    /// What a throttled shared write answers. Consulted in ``PageFault``, stages `dirtyShared` and `throttled`.
    public var throttledSharedWrite: ThrottledSharedWrite
    /// When `pgfault` counts. Consulted in ``PageFault``, at its entry and in its accounting.
    public var pgfaultCounting: PgfaultCounting
    /// Which waits drop the fault lock. Consulted in ``Machine/dropFaultLock(of:for:)``.
    public var lockDroppingWaits: LockDroppingWaits
    /// Whether neighbours are mapped. Consulted in ``PageFault``, stage `faultAround`.
    public var faultAround: FaultAroundRule
    /// What counts as major. Consulted in ``PageFault``, in its accounting.
    public var retryAccounting: RetryAccounting
    /// Whether `VM_FAULT_WRITE` exists. Consulted in ``CopyOnWriteFault``.
    public var writeResult: WriteResult
    /// How a lock that becomes free wakes its readers. Consulted in ``ReadWriteSemaphore``.
    public var lockWake: LockWakeRule
    /// How a lock that becomes free goes to a writer. Consulted in ``ReadWriteSemaphore``.
    public var lockHandover: LockHandover = .takenWhenRunning

    // Area locks and what came with them; the first value is that of every kernel before.

    /// Which faults an area's own lock may guard. Consulted in ``AreaLockPolicy``.
    public var areaLocks: AreaLockReach = .none
    /// What a fault does under the area's lock that needs an `anon_vma`. Consulted in ``AreaLockPolicy``.
    public var areaLockAnonVMA: AreaLockAnonVMA = .needsMmapLock
    /// Who releases the area's lock after `RETRY`. Consulted in ``AreaLockPolicy``.
    public var areaLockRelease: AreaLockRelease = .byCaller
    /// How a fault goes on that the area's lock could not see through. Consulted in ``Machine/endAreaAttempt(_:_:)``.
    public var areaLockRetry: AreaLockRetry = .startsOver
    /// What follows for a fault that would wait under the area's lock. Consulted in `Machine+AreaRetry.swift`.
    public var areaRetry: AreaRetry = .mmapLock
    /// What an access becomes that is refused under the area's lock. Consulted by the ``FaultEntry``.
    public var areaLockRefusal: AreaLockRefusal = .looksAgain
    /// Which lock `madvise(2)` takes to throw pages away. Consulted in ``Advice/takesAreaLock(_:)``.
    public var adviceLock: AdviceLock = .mmap
    /// Which lock a read of `/proc/PID/maps` takes. Consulted in ``ReadProcMapsRoutine``, stage `lock`.
    public var procMapsLock: ProcMapsLock = .mmap
    /// How readahead decides what to read. Consulted in `Readahead.planSynchronous` and `planAsynchronous`.
    public var readaheadPlanning: ReadaheadPlanning = .onDemand
    /// What a search for a missing page answers that finds none. Consulted in `Readahead.planAsynchronous`.
    public var missingPageSearch: MissingPageSearch = .endsOnLastPage
    /// When `read(2)` notes how far it has come. Consulted in ``FileTransferRoutine``.
    public var readPositionNote: ReadPositionNote = .everyPage
    /// Whether a fault that misses its page looks at the entry once more. Consulted in `FileFault`, stage `findFolio`.
    public var missRecheck: MissRecheck = .none
    /// Whether fault-around makes a page table for a file's last page. Consulted in
    /// ``Machine/mapReadyPages(_:from:through:)``.
    public var faultAroundTable: FaultAroundTable = .always
    /// What fault-around takes for hits against the misses of read-around. Consulted in `Filemap.mapPages(_:from:through:_:)`.
    public var aroundHits: AroundHits = .everyPage
    /// Whether finding a page that is locked is a hit against them. Consulted in `FileFault.planAsynchronous(_:_:)`.
    public var lockedPageHit: LockedPageHit = .counts
    /// What a missing page of a program's code makes a fault read. Consulted in `FileFault.planSynchronous(_:_:)`.
    public var codeReadahead: CodeReadahead = .asOthers
    /// When unmapping keeps the write lock. Consulted in ``Machine/removeAreas(in:of:)``.
    public var unmapDowngrade: UnmapDowngrade = .notBelowStacks
    /// How `madvise(2)` populates. Consulted in ``MadviseRoutine``, stage `locked`.
    public var populatePages: PopulatePages = .byArea
    /// Whether `mprotect(2)` gives a charge back. Consulted in ``MprotectRoutine``.
    public var writeCharge: WriteCharge = .stays
    /// Which entries `mprotect(2)` makes writable. Consulted in ``Machine/changeProtection(of:to:in:)``.
    public var writableEntries: WritableEntries = .dirtyExclusive
    /// How a page that is swapped in for a load is mapped. Consulted in ``SwapFault``, stage `swapMap`.
    public var swapInMapping: SwapInMapping = .readOnly
    /// How the read of a page from swap that is read alone is waited for. Consulted in ``Machine/readAlone(_:waits:by:)``.
    public var singleSwapRead: SingleSwapRead = .waitsInside
    /// How a solid-state swap device gives out its slots. Consulted in ``Machine/takeSwapSlot()``.
    public var swapSlots: SwapSlots = .clusters
    /// What becomes of a page of zeroes that is swapped out. Consulted in ``Machine/writeToSwap(_:by:)``.
    public var swapZeroPages: SwapZeroPages = .written
    /// What a page becomes that could not be read when its swap area was given up. Consulted in ``PageFault``, stage `lookUp`.
    public var lostPage: LostPage = .isNoData
    /// How it is judged whether a page that comes back was gone for long. Consulted in ``Machine/noteRefault(of:_:)``.
    public var refaultTest: RefaultTest = .distance
    /// Whether `MADV_PAGEOUT` asks if a page is in use. Consulted in ``PageOut``.
    public var pageOutReferences: PageOutReferences = .cleared
    /// How far `MADV_WILLNEED` reads swapped pages of tmpfs. Consulted in ``MadviseRoutine``, stage `swapInFile`.
    public var sharedWillNeed: SharedWillNeed = .onePageMore
    /// Which neighbour new pages join. Consulted in ``Machine/mergeNew(_:in:)``.
    public var newAreaMerge: NewAreaMerge = .prefersUpper
    /// In which order ext4 punches a hole. Consulted in `PunchHole`, stages `enter` and `checkSize`.
    public var holePunching: HolePunching = .writesFirst
    /// In which areas use counts. Consulted in ``Machine/hasRecency(_:)``.
    public var recency: Recency = .notSequential
    /// How many pages a call takes hold of. Consulted in ``Machine/folioBatchSize``.
    public var folioBatch: FolioBatch = .fifteen
    /// When `write(2)` is throttled. Consulted in ``FileTransferRoutine``, stages `faultIn` and `pagePrepared`.
    public var writeThrottle: WriteThrottle = .afterPage
    /// How often a failing copy to user memory faults. Consulted by the ``FaultEntry``.
    public var userCopyTail: UserCopyTail = .triesAgain
    /// How `get_user_pages_fast()` waits for the mmap lock. Consulted in ``GetUserPagesRoutine``, stage `start`.
    public var pinLockWait: PinLockWait = .uninterruptible
    /// Which memory `MADV_REMOVE` takes. Consulted in ``MadviseRoutine``, stage `visit`.
    public var removableMemory: RemovableMemory = .shared

    // What kernels up to 5.19, and proposals, did otherwise; the value here is that of Linux 6.1.

    /// How often a fault is tried again. Consulted in ``KernelModel/flags(of:)`` and
    /// ``KernelModel/afterRetry(inUserMode:fatalSignal:signal:)``.
    public var faultRetry: FaultRetry = .anyNumber
    /// Which signals end a fault that is to be tried again. Consulted in
    /// ``KernelModel/afterRetry(inUserMode:fatalSignal:signal:)``.
    public var retrySignals: RetrySignals = .anyInUserMode
    /// How a fault sleeps for a page. Consulted in ``KernelModel/flags(of:)`` and ``KernelModel/pageWait(of:)``.
    public var pageWait: PageWait = .killable
    /// How the read of a single page is waited for. Consulted in `FileFault` and its siblings, stage `waitForPage`.
    public var singlePageWait: SinglePageWait = .killable
    /// Whether the wait of a swap-in drops the lock. Consulted in ``Machine/dropFaultLock(of:for:)``.
    public var swapInWait: SwapInWait = .dropsLock
    /// Whether a map with one user drops its lock. Consulted in ``Machine/dropFaultLock(of:for:)``.
    public var soleUser: SoleUser = .dropsLock
    /// Whether `get_user_pages()` may drop the lock. Consulted in ``KernelModel/flags(of:)``.
    public var pinRetry: PinRetry = .mayDropLock
    /// Which routine handles faults on files. Consulted in `FileVMOperations`.
    public var fileFault: FileFaultRoutine = .waitsToTheEnd
    /// Whether a retried attempt keeps its page. Consulted in ``Machine/keepFolio(of:)``.
    public var keptPage: KeptPage = .none
    /// Whether `page_mkwrite` may drop the lock. Consulted in ``PageFault``, stage `callMkwrite`, and by the handlers.
    public var mkwriteProtocol: MkwriteProtocol = .keepsLock
    /// How a fault on a file begins to read. Consulted in `FileFault.planSynchronous(_:_:)`.
    public var mmapReadahead: MmapReadahead = .aroundMarked
    /// Whether there is an `invalidate_lock`. Consulted in ``Machine/exists(_:)``.
    public var invalidateLock: InvalidateLock = .excludes
    /// When an anonymous page is written in place. Consulted in ``CopyOnWriteFault`` and, for a swap-in, ``SwapFault``.
    public var anonymousReuse: AnonymousReuse = .exclusiveBit
    /// When the copy of a file page is allocated. Consulted in ``PageFault``, stages `lookUp` and `folioLocked`.
    public var copyAllocation: CopyAllocation = .beforeHandler
    /// Which waits for locks are killable. Consulted in ``Machine/taking(_:_:_:)`` and ``Machine/takingForFault(_:_:)``.
    public var lockWaits: LockWaits = .killable
    /// Under which lock a stack grows. Consulted by the ``FaultEntry``.
    public var stackGrowth: StackGrowth = .underWriteLock
    /// What keeps a stack from its neighbour. Consulted in ``Machine/expandStack(of:)`` and ``AnonymousFault``.
    public var stackGuard: StackGuard = .gap
    /// Whether the stack pointer is asked before a stack grows. Consulted by the ``FaultEntry``.
    public var stackPointerTest: StackPointerTest = .absent
    /// How a retried fault takes the mmap lock. Consulted by the ``FaultEntry``.
    public var retryLock: RetryLock = .triesFirst
    /// What an access becomes that the processor refuses the kernel. Consulted by the ``FaultEntry``.
    public var kernelViolation: KernelViolation = .dies
    /// What `OOM` becomes for an access of the kernel. Consulted by the ``FaultEntry``.
    public var kernelOutOfMemory: KernelOutOfMemory = .runsFixup
    /// What an exception does that finds no memory. Consulted in ``Machine/killForFault(by:)``.
    public var faultOutOfMemory: FaultOutOfMemory = .replays
    /// Who releases the lock after an error. Consulted by the ``FaultEntry``.
    public var errorUnlock: ErrorUnlock = .entry
    /// Whether there is `mlock2(2)`. Consulted in ``MlockRoutine``, stage `lock`.
    public var lockOnFault: LockOnFault = .mlock2

    /// Every rule, in the order of the properties.
    public static let rules: [AnyKernelRule] = [
        AnyKernelRule("throttledSharedWrite", \.throttledSharedWrite),
        AnyKernelRule("pgfaultCounting", \.pgfaultCounting),
        AnyKernelRule("lockDroppingWaits", \.lockDroppingWaits),
        AnyKernelRule("faultAround", \.faultAround),
        AnyKernelRule("retryAccounting", \.retryAccounting),
        AnyKernelRule("writeResult", \.writeResult),
        AnyKernelRule("lockWake", \.lockWake),
        AnyKernelRule("lockHandover", \.lockHandover),
        AnyKernelRule("areaLocks", \.areaLocks),
        AnyKernelRule("areaLockAnonVMA", \.areaLockAnonVMA),
        AnyKernelRule("areaLockRelease", \.areaLockRelease),
        AnyKernelRule("areaLockRetry", \.areaLockRetry),
        AnyKernelRule("areaRetry", \.areaRetry),
        AnyKernelRule("areaLockRefusal", \.areaLockRefusal),
        AnyKernelRule("adviceLock", \.adviceLock),
        AnyKernelRule("procMapsLock", \.procMapsLock),
        AnyKernelRule("readaheadPlanning", \.readaheadPlanning),
        AnyKernelRule("missingPageSearch", \.missingPageSearch),
        AnyKernelRule("readPositionNote", \.readPositionNote),
        AnyKernelRule("missRecheck", \.missRecheck),
        AnyKernelRule("faultAroundTable", \.faultAroundTable),
        AnyKernelRule("aroundHits", \.aroundHits),
        AnyKernelRule("lockedPageHit", \.lockedPageHit),
        AnyKernelRule("codeReadahead", \.codeReadahead),
        AnyKernelRule("unmapDowngrade", \.unmapDowngrade),
        AnyKernelRule("populatePages", \.populatePages),
        AnyKernelRule("writeCharge", \.writeCharge),
        AnyKernelRule("writableEntries", \.writableEntries),
        AnyKernelRule("swapInMapping", \.swapInMapping),
        AnyKernelRule("singleSwapRead", \.singleSwapRead),
        AnyKernelRule("swapSlots", \.swapSlots),
        AnyKernelRule("swapZeroPages", \.swapZeroPages),
        AnyKernelRule("lostPage", \.lostPage),
        AnyKernelRule("refaultTest", \.refaultTest),
        AnyKernelRule("pageOutReferences", \.pageOutReferences),
        AnyKernelRule("sharedWillNeed", \.sharedWillNeed),
        AnyKernelRule("newAreaMerge", \.newAreaMerge),
        AnyKernelRule("holePunching", \.holePunching),
        AnyKernelRule("recency", \.recency),
        AnyKernelRule("folioBatch", \.folioBatch),
        AnyKernelRule("writeThrottle", \.writeThrottle),
        AnyKernelRule("userCopyTail", \.userCopyTail),
        AnyKernelRule("pinLockWait", \.pinLockWait),
        AnyKernelRule("removableMemory", \.removableMemory),
        AnyKernelRule("faultRetry", \.faultRetry),
        AnyKernelRule("retrySignals", \.retrySignals),
        AnyKernelRule("pageWait", \.pageWait),
        AnyKernelRule("singlePageWait", \.singlePageWait),
        AnyKernelRule("swapInWait", \.swapInWait),
        AnyKernelRule("soleUser", \.soleUser),
        AnyKernelRule("pinRetry", \.pinRetry),
        AnyKernelRule("fileFault", \.fileFault),
        AnyKernelRule("keptPage", \.keptPage),
        AnyKernelRule("mkwriteProtocol", \.mkwriteProtocol),
        AnyKernelRule("mmapReadahead", \.mmapReadahead),
        AnyKernelRule("invalidateLock", \.invalidateLock),
        AnyKernelRule("anonymousReuse", \.anonymousReuse),
        AnyKernelRule("copyAllocation", \.copyAllocation),
        AnyKernelRule("lockWaits", \.lockWaits),
        AnyKernelRule("stackGrowth", \.stackGrowth),
        AnyKernelRule("stackGuard", \.stackGuard),
        AnyKernelRule("stackPointerTest", \.stackPointerTest),
        AnyKernelRule("retryLock", \.retryLock),
        AnyKernelRule("kernelViolation", \.kernelViolation),
        AnyKernelRule("kernelOutOfMemory", \.kernelOutOfMemory),
        AnyKernelRule("faultOutOfMemory", \.faultOutOfMemory),
        AnyKernelRule("errorUnlock", \.errorUnlock),
        AnyKernelRule("lockOnFault", \.lockOnFault),
    ]
}
