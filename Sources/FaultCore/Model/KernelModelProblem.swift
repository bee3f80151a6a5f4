/// A contradiction between two rules of a ``KernelModel``.
public enum KernelModelProblem: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// The file routine can't drop the lock when it submits a read, but the lock is to be dropped in such waits.
    case submissionDrops
    /// There is an invalidate lock, but the file routine does not take it.
    case unknownInvalidateLock
    /// Fault-around is to be done inside the handler, but the file routine does not do it.
    case aroundWithoutRoutine
    /// The file routine finds the surrounding pages, but fault-around is not to be done inside the handler.
    case routineWithoutAround
    /// Two faults that have locked each other's pages drop all of them and start over in every exception.
    case aroundForever
    /// `page_mkwrite` takes a kept page for a prepared one, but no page is kept.
    case mkwriteWithoutKeptPage
    /// `page_mkwrite` drops the lock in every exception.
    case mkwriteForever
    /// Populating faults a page in again without `TRIED`, so that `page_mkwrite` drops the lock again.
    case populateForever
    /// A page that can't be read is read again in every exception.
    case unreadableForever
    /// The wait of a killed task ends at once, is tried again, and ends again.
    case killedForever
    /// A wait that a signal has ended is tried again, and ends again.
    case interruptedForever
    /// A call that waits for a program to bring its page can't be killed.
    case unansweredForever
    /// A signal ends a program's wait for another program, and the attempt is made again at once.
    case signalledForever
    /// A stack grows under the mmap lock for reading, although areas have locks of their own.
    case growthPastAreaLock
    /// A fault that needs the mmap lock returns to the program, and comes back under the area's lock.
    case areaLockForever
    /// A fault takes the mmap lock again after it has dropped an area's lock, and its entry is not told.
    case areaLockForgotten
    /// A fault under an area's lock that needs the mmap lock can't be tried again.
    case areaLockWithoutRetry
    /// A fault that waits under an area's lock drops the lock, and its caller releases it, too.
    case areaLockReleasedTwice
    /// The first attempt counts, and there are two first attempts: under the area's lock, and under the mmap lock.
    case areaAttemptCounts
    /// A copy finds out that it needs the mmap lock only after its page has been waited for.
    case copyNeedsMmapLock
    /// A stack's guard page makes it grow inside a fault, under the read lock, where it must not.
    case guardPageUnderReadLock

    /// Which rules contradict each other, and what to change.
    public var description: String {
        switch self {
        case .submissionDrops:
            "fileFault submits reads with the lock held: set lockDroppingWaits to folioLock or none, or fileFault to "
                + "waitsToTheEnd or leavesAfterSubmission"
        case .unknownInvalidateLock:
            "fileFault is older than the invalidate lock: set invalidateLock to absent, or fileFault to waitsToTheEnd"
        case .aroundWithoutRoutine:
            "faultAround insideHandler needs the handler: set fileFault to fillsAround"
        case .routineWithoutAround:
            "fileFault fillsAround does the fault-around of faultAround insideHandler: set faultAround to insideHandler"
        case .aroundForever:
            "with faultAround insideHandler a fault waits for its page with its neighbours locked, and with faultRetry "
                + "inUserMode two such faults block each other, drop all and start over forever: set faultAround to none, or "
                + "faultRetry to onceUnmarked"
        case .mkwriteWithoutKeptPage:
            "mkwriteProtocol takes a kept page for a prepared one: set keptPage to untilFaultEnds, or mkwriteProtocol to "
                + "fileSystemKnows or keepsLock"
        case .mkwriteForever:
            "with faultRetry inUserMode every exception is a first attempt, in which page_mkwrite drops the lock: set "
                + "mkwriteProtocol to keepsLock"
        case .populateForever:
            "populatePages byArea forgets that a page was tried, and page_mkwrite drops the lock in every first attempt: set "
                + "populatePages to byRange, or mkwriteProtocol to fileSystemKnows or keepsLock"
        case .unreadableForever:
            "with faultRetry inUserMode every exception is a first attempt, which reads an unreadable page and returns "
                + "RETRY: set fileFault to waitsForUnlock, fillsAround or goesOnIfUnchanged"
        case .killedForever:
            "a killed wait returns RETRY, and retrySignals none tries again: set pageWait to uninterruptible, or "
                + "retrySignals to fatal"
        case .interruptedForever:
            "with faultRetry inUserMode an access of the kernel never gets past a pending signal: set pageWait to "
                + "uninterruptible"
        case .unansweredForever:
            "a call that waits for a program to bring its page, which may be the caller itself, must end when it is killed: "
                + "set pageWait to killable, or userfaults to none"
        case .signalledForever:
            "with userfaultSignal isRetried, a signal ends an access that waits for a program, and the task must return "
                + "to user mode to handle the signal: set retrySignals to anyInUserMode, or userfaultSignal to isDone"
        case .growthPastAreaLock:
            "areas with locks change only under the write lock: set stackGrowth to underWriteLock, or areaLocks to none"
        case .areaLockForever:
            "with faultRetry inUserMode a fault that needs the mmap lock never gets it: set areaLocks to none, or faultRetry "
                + "to anyNumber"
        case .areaLockForgotten:
            "fileFault goesOnIfUnchanged, mkwriteProtocol handlerRetries and userfaultSignal isDone take the mmap lock again, "
                + "whichever lock they have dropped: set areaLocks to none, or userfaultSignal to isRetried"
        case .areaLockWithoutRetry:
            "a fault that can't go on under an area's lock is tried again: set areaLocks to none, or faultRetry to anyNumber"
        case .areaLockReleasedTwice:
            "swap-ins and handlers under an area's lock drop it: set areaLockRelease to byCallee, or areaLocks to "
                + "anonymousMemory"
        case .areaAttemptCounts:
            "the attempt under an area's lock is not the only first one: set retryAccounting to retriedIsMajor, or areaLocks "
                + "to none"
        case .copyNeedsMmapLock:
            "under an area's lock a copy must be prepared before its page is waited for: set copyAllocation to beforeHandler, "
                + "or areaLocks to none"
        case .guardPageUnderReadLock:
            "stackGuard page makes stacks grow inside faults: set stackGrowth to underReadLock, or stackGuard to gap"
        }
    }
}

/// A kernel model whose rules contradict each other.
public struct IllegalKernelModel: Error, Equatable, Sendable, CustomStringConvertible {
    /// The model's name.
    public let name: StaticName
    /// All contradictions; never empty.
    public let problems: [KernelModelProblem]

    /// All contradictions, and what to change.
    public var description: String {
        "the kernel model \(name) contradicts itself: " + problems.map(\.description).joined(separator: "; ")
    }
}
