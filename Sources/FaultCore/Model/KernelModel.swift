/// The decisions in which kernels differ, as rules. A kernel version is a value of this type.
///
/// Each rule is a small enumeration; its documentation names the commit or the mail that each of its cases comes from.
/// Where kernels differ, the code checks a rule by its name, and never compares versions. To find the place, search for
/// `model.` and the rule's name. Start from a preset, and change it rule by rule to see what one change of a kernel
/// does:
///
///     var model = KernelModel.linux6_1
///     model.throttledSharedWrite = .keepsLock
///
/// A property with a default value has the value of Linux 6.1, unless a preset sets it.
public struct KernelModel: Equatable, BitwiseCopyable, Sendable {
    /// The model's name, as presets and scenario files write it.
    public var name: StaticName
    /// What a store to a shared page returns if it is throttled.
    public var throttledSharedWrite: KernelModel.ThrottledSharedWrite
    /// When `pgfault` counts.
    public var pgfaultCounting: KernelModel.PgfaultCounting
    /// Which waits of a file fault drop the fault lock.
    public var lockDroppingWaits: KernelModel.LockDroppingWaits
    /// Whether the neighbours of a page are mapped with it.
    public var faultAround: KernelModel.FaultAroundRule
    /// Which faults count as major.
    public var retryAccounting: KernelModel.RetryAccounting
    /// Whether `VM_FAULT_WRITE` exists.
    public var writeResult: KernelModel.WriteResult
    /// Which readers are woken when a lock becomes free.
    public var lockWake: KernelModel.LockWakeRule
    /// How a writer gets a lock that becomes free.
    public var lockHandover: KernelModel.LockHandover = .takenWhenRunning

    // What later kernels do differently: area locks, and what came with them.

    /// Which faults an area lock may guard.
    public var areaLocks: KernelModel.AreaLockReach = .none
    /// What a fault under the area's lock does if it needs an `anon_vma`.
    public var areaLockAnonVMA: KernelModel.AreaLockAnonVMA = .needsMmapLock
    /// Which code releases the area's lock after `RETRY`.
    public var areaLockRelease: KernelModel.AreaLockRelease = .byCaller
    /// How a fault continues after `RETRY` under the area's lock.
    public var areaLockRetry: KernelModel.AreaLockRetry = .startsOver
    /// How a fault continues that would wait for I/O under the area's lock.
    public var areaRetry: KernelModel.AreaRetry = .mmapLock
    /// What happens if, under the area's lock, the area turns out not to allow the access.
    public var areaLockRefusal: KernelModel.AreaLockRefusal = .looksAgain
    /// Which lock `madvise(2)` takes to discard pages.
    public var adviceLock: KernelModel.AdviceLock = .mmap
    /// Which lock a read of `/proc/PID/maps` takes.
    public var procMapsLock: KernelModel.ProcMapsLock = .mmap
    /// How readahead decides what to read.
    public var readaheadPlanning: KernelModel.ReadaheadPlanning = .onDemand
    /// What the search for the next missing page returns if none is missing.
    public var missingPageSearch: KernelModel.MissingPageSearch = .endsOnLastPage
    /// When `read(2)` notes how far it has come, and which position it notes.
    public var readPositionNote: KernelModel.ReadPositionNote = .everyPage
    /// Whether a fault that misses its page looks at the entry once more.
    public var missRecheck: KernelModel.MissRecheck = .none
    /// Whether fault-around makes a page table for a file's last page.
    public var faultAroundTable: KernelModel.FaultAroundTable = .always
    /// Which pages found by fault-around count as hits against the misses of read-around.
    public var aroundHits: KernelModel.AroundHits = .everyPage
    /// Whether a page that is found locked counts as such a hit.
    public var lockedPageHit: KernelModel.LockedPageHit = .counts
    /// What a fault reads if it misses a page of a program's code.
    public var codeReadahead: KernelModel.CodeReadahead = .asOthers
    /// Whether unmapping downgrades the mmap lock.
    public var unmapDowngrade: KernelModel.UnmapDowngrade = .notBelowStacks
    /// How `madvise(2)` populates.
    public var populatePages: KernelModel.PopulatePages = .byArea
    /// What `mprotect(2)` does with the charge of memory that stops being writable.
    public var writeCharge: KernelModel.WriteCharge = .stays
    /// Which entries `mprotect(2)` makes writable at once.
    public var writableEntries: KernelModel.WritableEntries = .dirtyExclusive
    /// How a page is mapped that is swapped in for a load.
    public var swapInMapping: KernelModel.SwapInMapping = .readOnly
    /// How the read of a single page from swap is waited for.
    public var singleSwapRead: KernelModel.SingleSwapRead = .waitsInside
    /// How a solid-state swap device gives out its slots.
    public var swapSlots: KernelModel.SwapSlots = .clusters
    /// What happens to a page of zeroes that is swapped out.
    public var swapZeroPages: KernelModel.SwapZeroPages = .written
    /// What a page becomes that could not be read when its swap area was removed.
    public var lostPage: KernelModel.LostPage = .isNoData
    /// What readahead does when there is no memory for a page.
    public var readaheadShortage: KernelModel.ReadaheadShortage = .skipsPage
    /// How the kernel judges whether a page that comes back was gone for long.
    public var refaultTest: KernelModel.RefaultTest = .distance
    /// Whether `MADV_PAGEOUT` checks if a page is in use.
    public var pageOutReferences: KernelModel.PageOutReferences = .cleared
    /// How far `MADV_WILLNEED` reads swapped pages of tmpfs.
    public var sharedWillNeed: KernelModel.SharedWillNeed = .onePageMore
    /// Which neighbouring area new pages join.
    public var newAreaMerge: KernelModel.NewAreaMerge = .prefersUpper
    /// In which order ext4 punches a hole.
    public var holePunching: KernelModel.HolePunching = .writesFirst
    /// In which areas the use of a page counts.
    public var recency: KernelModel.Recency = .notSequential
    /// How many pages of a file a call takes at a time.
    public var folioBatch: KernelModel.FolioBatch = .fifteen
    /// When `write(2)` is throttled.
    public var writeThrottle: KernelModel.WriteThrottle = .afterPage
    /// How often a failing copy to user memory faults.
    public var userCopyTail: KernelModel.UserCopyTail = .triesAgain
    /// How `get_user_pages_fast()` waits for the mmap lock.
    public var pinLockWait: KernelModel.PinLockWait = .uninterruptible
    /// Whether the kernel can tell pins from other references.
    public var pinTracking: KernelModel.PinTracking = .byWeight
    /// What happens to a shared page that is to be pinned for reading.
    public var readPins: KernelModel.ReadPins = .unshares
    /// How a direct read holds its pages.
    public var directPins: KernelModel.DirectPins = .gets
    /// Whether shared pages of files can be pinned for writing for a long time.
    public var longTermFilePins: KernelModel.LongTermFilePins = .areAllowed
    /// What happens to a page that is not anonymous if it is pinned for reading for a long time.
    public var longTermReadPins: KernelModel.LongTermReadPins = .share
    /// What fork does with pinned pages.
    public var pinnedFork: KernelModel.PinnedFork = .copiesExclusive
    /// Which pinned pages reclaim skips.
    public var pinnedReclaim: KernelModel.PinnedReclaim = .keepsAll
    /// What a look-up that may not wait does on `RETRY`.
    public var noWaitRetry: KernelModel.NoWaitRetry = .keepsLock
    /// Which memory `MADV_REMOVE` accepts.
    public var removableMemory: KernelModel.RemovableMemory = .shared

    // Faults that a program resolves.

    /// How much of userfaultfd(2) the kernel has.
    public var userfaults: Userfaults = .sharedProtection
    /// What a fault returns if it is handed over to a descriptor that is just being released.
    public var releasedUserfault: ReleasedUserfault = .isDone
    /// What happens to a fill while the memory is changing.
    public var changingFills: ChangingFills = .areRefused
    /// How memory of tmpfs is filled.
    public var sharedFill: SharedFill = .privatelyIfPrivate
    /// What filling memory returns if the memory is gone.
    public var goneMemory: GoneMemory = .isNoSuchProcess
    /// Whether a minor fault waits for the page's lock before it is handed over.
    public var minorFaultLock: MinorFaultLock = .isTaken
    /// What happens to a program's access that waits for an answer when a signal arrives.
    public var userfaultSignal: UserfaultSignal = .isRetried
    /// What a fault that has waited for an answer counts as.
    public var userfaultCount: UserfaultCount = .asRetry
    /// Which lock guards the filling of pages.
    public var fillLock: FillLock = .mmap
    /// What an entry looks like after its protection was lifted.
    public var liftedProtection: LiftedProtection = .asUntracked
    /// Which areas one call may protect.
    public var protectedRange: ProtectedRange = .oneArea
    /// What a store does to a page that was protected and swapped out.
    public var protectedSwapIn: ProtectedSwapIn = .isTriedAgain
    /// What registering returns if no area lies above the range.
    public var emptyRegistration: EmptyRegistration = .isNoMemory
    /// Whether a fork that fails is reported to descriptors.
    public var failedFork: FailedFork = .isTold

    // What earlier kernels and proposals did differently.

    /// How often a fault may be tried again.
    public var faultRetry: KernelModel.FaultRetry = .anyNumber
    /// Which signals end a fault that is to be tried again.
    public var retrySignals: KernelModel.RetrySignals = .anyInUserMode
    /// How a fault sleeps for a page.
    public var pageWait: KernelModel.PageWait = .killable
    /// How a fault waits for the read of a single page.
    public var singlePageWait: KernelModel.SinglePageWait = .killable
    /// Whether a swap-in drops the lock while it waits.
    public var swapInWait: KernelModel.SwapInWait = .dropsLock
    /// Whether a map that only one task uses drops its lock.
    public var soleUser: KernelModel.SoleUser = .dropsLock
    /// Whether `get_user_pages()` may drop the lock.
    public var pinRetry: KernelModel.PinRetry = .mayDropLock
    /// Which routine handles faults on files.
    public var fileFault: KernelModel.FileFaultRoutine = .waitsToTheEnd
    /// Whether an attempt keeps its page for the next attempt.
    public var keptPage: KernelModel.KeptPage = .none
    /// Whether `page_mkwrite` may drop the lock.
    public var mkwriteProtocol: KernelModel.MkwriteProtocol = .keepsLock
    /// What a fault reads if it misses its page.
    public var mmapReadahead: KernelModel.MmapReadahead = .aroundMarked
    /// Whether there is an `invalidate_lock`.
    public var invalidateLock: KernelModel.InvalidateLock = .excludes
    /// When a store may write an anonymous page in place.
    public var anonymousReuse: KernelModel.AnonymousReuse = .exclusiveBit
    /// When the copy of a private file page is allocated.
    public var copyAllocation: KernelModel.CopyAllocation = .beforeHandler
    /// Which waits for locks end when the task is killed.
    public var lockWaits: KernelModel.LockWaits = .killable
    /// Under which lock a stack grows.
    public var stackGrowth: KernelModel.StackGrowth = .underWriteLock
    /// What lies between a stack and the area below it.
    public var stackGuard: KernelModel.StackGuard = .gap
    /// Whether a program may touch its stack far below its stack pointer.
    public var stackPointerTest: KernelModel.StackPointerTest = .absent
    /// How a fault that is tried again takes the mmap lock.
    public var retryLock: KernelModel.RetryLock = .triesFirst
    /// What happens if the kernel makes an access that the processor does not allow.
    public var kernelViolation: KernelModel.KernelViolation = .dies
    /// What `OOM` means for an access of the kernel.
    public var kernelOutOfMemory: KernelModel.KernelOutOfMemory = .runsFixup
    /// What happens to an exception that finds no memory.
    public var faultOutOfMemory: KernelModel.FaultOutOfMemory = .replays
    /// What happens to the memory of a killed process that does not end.
    public var victimMemory: KernelModel.VictimMemory = .isReaped
    /// How long a killed process may take to exit by itself.
    public var victimDelay: KernelModel.VictimDelay = .twoSeconds
    /// Which code releases the fault lock after an error.
    public var errorUnlock: KernelModel.ErrorUnlock = .entry
    /// Which calls lock pages only when they are faulted in.
    public var lockOnFault: KernelModel.LockOnFault = .mlock2

    // Bugs that were fixed.

    /// How `get_user_pages()` looks for the copy that its forced write has made.
    public var forcedWrites: KernelModel.ForcedWrites = .areRemembered
    /// What keeps a swap slot while a fault reads it without the swap cache.
    public var swapCacheBypass: KernelModel.SwapCacheBypass = .reservesSlot
    /// What a change of an area does to the nodes of the tree of areas.
    public var areaNodes: KernelModel.AreaNodes = .areReplaced
    /// When a fault that takes its area's lock tests whether the area has an `anon_vma`.
    public var areaLockCheck: KernelModel.AreaLockCheck = .underLock
    /// Whether fork(2) takes the locks of the areas that it copies.
    public var forkAreaLocks: KernelModel.ForkAreaLocks = .areTaken
    /// How often `fixup_user_fault()` tries a fault again.
    public var fixupRetries: KernelModel.FixupRetries = .anyNumber
    /// What `get_user_pages()` returns if its task is killed.
    public var killedLookup: KernelModel.KilledLookup = .isInterrupted

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
        AnyKernelRule("readaheadShortage", \.readaheadShortage),
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
        AnyKernelRule("pinTracking", \.pinTracking),
        AnyKernelRule("readPins", \.readPins),
        AnyKernelRule("directPins", \.directPins),
        AnyKernelRule("longTermFilePins", \.longTermFilePins),
        AnyKernelRule("longTermReadPins", \.longTermReadPins),
        AnyKernelRule("pinnedFork", \.pinnedFork),
        AnyKernelRule("pinnedReclaim", \.pinnedReclaim),
        AnyKernelRule("noWaitRetry", \.noWaitRetry),
        AnyKernelRule("removableMemory", \.removableMemory),
        AnyKernelRule("userfaults", \.userfaults),
        AnyKernelRule("releasedUserfault", \.releasedUserfault),
        AnyKernelRule("changingFills", \.changingFills),
        AnyKernelRule("sharedFill", \.sharedFill),
        AnyKernelRule("goneMemory", \.goneMemory),
        AnyKernelRule("minorFaultLock", \.minorFaultLock),
        AnyKernelRule("userfaultSignal", \.userfaultSignal),
        AnyKernelRule("userfaultCount", \.userfaultCount),
        AnyKernelRule("fillLock", \.fillLock),
        AnyKernelRule("liftedProtection", \.liftedProtection),
        AnyKernelRule("protectedRange", \.protectedRange),
        AnyKernelRule("protectedSwapIn", \.protectedSwapIn),
        AnyKernelRule("emptyRegistration", \.emptyRegistration),
        AnyKernelRule("failedFork", \.failedFork),
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
        AnyKernelRule("victimMemory", \.victimMemory),
        AnyKernelRule("victimDelay", \.victimDelay),
        AnyKernelRule("errorUnlock", \.errorUnlock),
        AnyKernelRule("lockOnFault", \.lockOnFault),
        AnyKernelRule("forcedWrites", \.forcedWrites),
        AnyKernelRule("swapCacheBypass", \.swapCacheBypass),
        AnyKernelRule("areaNodes", \.areaNodes),
        AnyKernelRule("areaLockCheck", \.areaLockCheck),
        AnyKernelRule("forkAreaLocks", \.forkAreaLocks),
        AnyKernelRule("fixupRetries", \.fixupRetries),
        AnyKernelRule("killedLookup", \.killedLookup),
    ]
}
