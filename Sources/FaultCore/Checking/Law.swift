/// The laws that a machine obeys, whatever happens.
///
/// A broken law is a bug of a handler, of an entry or of the simulator. It is reported with the events that led to it.
/// ``number`` is the number of the invariant in `Documentation/Laws.md`.
public enum Law: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// 1: the fault lock is released exactly once, by the party that ``LockContract`` names.
    case faultLockReleasedOnce
    /// 2, 3: an error never comes with `RETRY` or `COMPLETED`, and `COMPLETED` never comes under `RETRY_NOWAIT`. A
    /// result that maps a page comes with one.
    case legalResult
    /// 4, 5: a handler drops the fault lock only on a first attempt, and once.
    case voluntaryDrop
    /// 6: `page_mkwrite` sees no `ALLOW_RETRY` and drops nothing.
    case mkwriteKeepsLock
    /// 7, 12: after a drop nothing is read through the area; an area that a task reads under its lock does not change.
    case staleArea
    /// 8, 11: locks are taken in order; no task waits for an mmap lock while it holds a page lock or an invalidate
    /// lock.
    case lockOrder
    /// 9: on a first attempt, no task sleeps for file data with the mmap lock held.
    case sleepsWithLock
    /// 10: a waiting writer is not overtaken by later readers.
    case lockFairness
    /// 13, 14: an attempt leaves nothing behind: no page lock, no reference, no invalidate lock, no pin. A task without
    /// an operation holds nothing at all.
    case leftovers
    /// 15: the counts of references and mappings of a page are right.
    case referenceBalance
    /// 16: rss equals what the page tables map.
    case residentPages
    /// 17: file pins return to their earlier number.
    case filePins
    /// 18: a cached page is at its index, and an entry maps no page that has left its cache.
    case cachePosition
    /// 19: no entry maps a file page past the end of the file.
    case beyondEndOfFile
    /// 20: a locked page has one owner, or a read under way; `LOCKED` says whether a handler has locked its page.
    case pageLockOwner
    /// 21: a page that is mapped is uptodate.
    case mappedUptodate
    /// 22: an exclusive anonymous page has one mapping; a writable private entry maps an exclusive page.
    case anonymousExclusive
    /// 53: an anonymous page that is pinned is exclusive: a write of the program reaches the page that the pin holds.
    case pinnedExclusive
    /// 23: a writable entry of a shared mapping with write notification maps a dirty page.
    case writableIsDirty
    /// 24: at most one page of a submission carries the readahead mark.
    case readaheadMark
    /// 25, 26, 27: a fault counts once, and only if it ends well.
    case accountedOnce
    /// 28, 29, 30: `pgfault` counts attempts, and `MAJOR` comes with `pgmajfault`.
    case eventCounts
    /// 31: `TRIED` never goes away within an exception, and comes with `ALLOW_RETRY`.
    case triedIsMonotone
    /// 32, 33, 34: a fault that succeeded lets the access through, after at most two attempts (more with an area's
    /// lock), unless another task interferes. A fault whose entry already suits returns 0.
    case progress
    /// 36: a refused access changes no entry.
    case refusalChangesNothing
    /// A read sees the last write.
    case contents
    /// 54: a page that may be dropped has the content that is read back in its place.
    case lostStore
    /// No task sleeps for something that is over: when a wait is over, its task runs.
    case lostWakeup
    /// An entry lies in an area, unless the area is just being unmapped.
    case strayEntry
    /// Tasks and locks agree on which task holds which lock; a free lock has no queue.
    case lockHolders
    /// Counts that are kept in addition to the state equal a recount.
    case bookkeeping
    /// The incremental part of the fingerprint equals a recount: every change went through a setter.
    case fingerprint

    /// Whether every kernel obeys it in the same form, whatever its rules.
    ///
    /// For the other laws, the rules of ``KernelModel`` say what is required: when a lock may be dropped, how a fault
    /// counts, which task is woken first.
    public var isEraIndependent: Bool {
        switch self {
        case .voluntaryDrop, .mkwriteKeepsLock, .sleepsWithLock, .lockFairness, .accountedOnce, .eventCounts,
            .triedIsMonotone, .progress, .pinnedExclusive:
            false
        case .faultLockReleasedOnce, .legalResult, .staleArea, .lockOrder, .leftovers, .referenceBalance,
            .residentPages,
            .filePins, .cachePosition, .beyondEndOfFile, .pageLockOwner, .mappedUptodate, .anonymousExclusive,
            .writableIsDirty, .readaheadMark, .refusalChangesNothing, .contents, .lostStore, .lostWakeup, .strayEntry,
            .lockHolders,
            .bookkeeping, .fingerprint:
            true
        }
    }

    /// The number of the (first) invariant in `Documentation/Laws.md`.
    public var number: Int {
        switch self {
        case .faultLockReleasedOnce: 1
        case .legalResult: 2
        case .voluntaryDrop: 4
        case .mkwriteKeepsLock: 6
        case .staleArea: 7
        case .lockOrder: 8
        case .sleepsWithLock: 9
        case .lockFairness: 10
        case .leftovers: 13
        case .referenceBalance: 15
        case .residentPages: 16
        case .filePins: 17
        case .cachePosition: 18
        case .beyondEndOfFile: 19
        case .pageLockOwner: 20
        case .mappedUptodate: 21
        case .anonymousExclusive: 22
        case .pinnedExclusive: 53
        case .writableIsDirty: 23
        case .readaheadMark: 24
        case .accountedOnce: 25
        case .eventCounts: 28
        case .triedIsMonotone: 31
        case .progress: 32
        case .refusalChangesNothing: 36
        case .contents: 47
        case .lostStore: 54
        case .lostWakeup: 48
        case .strayEntry: 49
        case .lockHolders: 50
        case .bookkeeping: 51
        case .fingerprint: 52
        }
    }
}
