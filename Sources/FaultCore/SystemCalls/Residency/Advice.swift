/// The advice of `madvise(2)`. Huge pages are not modelled, so there is no `MADV_HUGEPAGE`, `MADV_NOHUGEPAGE` or
/// `MADV_COLLAPSE`.
public enum Advice: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `MADV_NORMAL`.
    case normal
    /// `MADV_RANDOM`.
    case random
    /// `MADV_SEQUENTIAL`.
    case sequential
    /// `MADV_WILLNEED`.
    case willNeed
    /// `MADV_DONTNEED`.
    case dontNeed
    /// `MADV_DONTNEED_LOCKED`.
    case dontNeedLocked
    /// `MADV_FREE`.
    case free
    /// `MADV_POPULATE_READ`.
    case populateRead
    /// `MADV_POPULATE_WRITE`.
    case populateWrite
    /// `MADV_DONTFORK`.
    case dontFork
    /// `MADV_DOFORK`.
    case doFork
    /// `MADV_WIPEONFORK`.
    case wipeOnFork
    /// `MADV_KEEPONFORK`.
    case keepOnFork
    /// `MADV_COLD`.
    case cold
    /// `MADV_PAGEOUT`.
    case pageOut
    /// `MADV_REMOVE`: punches a hole in the file.
    case remove
}

extension Advice {
    /// Whether the advice changes flags of areas, which needs the lock for writing: `madvise_need_mmap_write()`.
    var changesFlags: Bool {
        switch self {
        case .normal, .random, .sequential, .dontFork, .doFork, .wipeOnFork, .keepOnFork: true
        case .willNeed, .dontNeed, .dontNeedLocked, .free, .populateRead, .populateWrite, .cold, .pageOut, .remove:
            false
        }
    }

    /// Whether the advice tries the area lock first: `get_lock_mode()`.
    func takesAreaLock(_ model: KernelModel) -> Bool {
        model.adviceLock == .area && (self == .dontNeed || self == .dontNeedLocked || self == .free)
    }

    /// Whether the advice asks for pages to be faulted in.
    var populates: Bool { self == .populateRead || self == .populateWrite }

    /// The flags that an area with `old` has after the advice.
    func flags(from old: VMAFlags) -> VMAFlags {
        switch self {
        case .normal: old.subtracting([.randomRead, .sequentialRead])
        case .random: old.subtracting(.sequentialRead).union(.randomRead)
        case .sequential: old.subtracting(.randomRead).union(.sequentialRead)
        case .dontFork: old.union(.dontCopy)
        case .doFork: old.subtracting(.dontCopy)
        case .wipeOnFork: old.union(.wipeOnFork)
        case .keepOnFork: old.subtracting(.wipeOnFork)
        case .willNeed, .dontNeed, .dontNeedLocked, .free, .populateRead, .populateWrite, .cold, .pageOut, .remove: old
        }
    }
}
