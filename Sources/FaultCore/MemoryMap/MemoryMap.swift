/// A process's memory: its areas, its page tables, its lock. Models `mm_struct`.
struct MemoryMap: Sendable {
    /// Its number.
    let id: MapID
    /// The areas, in address order.
    var areas = AreaTree()
    /// The root of its page tables: `pgd`.
    var root: UInt32
    /// The mmap lock.
    var lock = ReadWriteSemaphore()
    /// The locks of its areas.
    var areaLocks = AreaLocks()
    /// Pages mapped, by ``PageKind``.
    var rss = ResidentPages()
    /// `mm->total_vm`, in pages.
    var totalPages = 0
    /// `mm->locked_vm`, in pages.
    var lockedPages = 0
    /// How many tasks and calls use it: `mm_users`.
    var users = 0
    /// Whether memory of it was ever pinned: `MMF_HAS_PINNED`.
    var hasPinned = false
    /// Whether private memory of it was taken away although it is still used: `MMF_UNSTABLE`.
    var isReaped = false
    /// How many tasks have the open files of the process: `files->count`.
    var fileUsers = 0
    /// Flags that new areas get: `mm->def_flags`, after mlockall(MCL_FUTURE).
    var defaultFlags: VMAFlags = []
    /// The heap: `start_brk` and `brk`.
    var heapStart: PageNumber
    var heapEnd: PageNumber
    /// Below this, the kernel chooses addresses from the top down: `mmap_base`.
    var mmapBase: PageNumber
    /// How often the mmap lock was taken for writing (Morton, 2006). It counts as state only where a fault compares it.
    var writeLockCount: UInt32 = 0
    /// Statistics of the lock; nothing in the simulated kernel reads them.
    var lockStatistics = LockStatistics()
}

// MARK: - Areas and what is counted of them

extension MemoryMap {
    /// Adds an area before the one at `next`, the first that ends above it.
    @inline(__always)
    mutating func insert(_ area: VMA, before next: AreaTree.Position?) {
        count(area, 1)
        areas.insert(area, before: next)
    }

    /// Adds an area.
    @inline(__always)
    @discardableResult
    mutating func insert(_ area: VMA) -> AreaTree.Position {
        count(area, 1)
        return areas.insert(area)
    }

    /// Removes `area`, which is at `position`.
    ///
    /// - Returns: The new position of the area that followed; `nil` if it was the last.
    @inline(__always)
    mutating func remove(_ area: VMA, at position: AreaTree.Position) -> AreaTree.Position? {
        count(area, -1)
        return areas.remove(at: position)
    }

    /// Replaces `old`, which is at `position`, by an area in the same place in the order.
    @inline(__always)
    mutating func replace(_ old: VMA, at position: AreaTree.Position, with area: VMA) {
        count(area, 1)
        count(old, -1)
        areas.replace(at: position, with: area)
    }

    /// The highest place for `pages` pages below ``mmapBase``; `nil` if there is none.
    @inline(__always)
    mutating func highestGap(pages: Int, above lowest: PageNumber, guardPages: Int) -> PageNumber? {
        guard lowest < mmapBase else { return nil }
        return areas.highestGap(pages: pages, in: lowest..<mmapBase, guardPages: guardPages)
    }

    @inline(__always)
    private mutating func count(_ area: VMA, _ sign: Int) {
        totalPages &+= sign &* area.pages
        if area.flags.contains(.locked) { lockedPages &+= sign &* area.pages }
    }
}

/// How many pages of each kind a memory map maps. Models `mm_rss_stat`.
public struct ResidentPages: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// `MM_ANONPAGES`.
    public var anonymous = 0
    /// `MM_FILEPAGES`.
    public var file = 0
    /// `MM_SHMEMPAGES`.
    public var shmem = 0
    /// `MM_SWAPENTS`; not part of rss.
    public var swapEntries = 0

    /// No pages.
    public init() {}

    /// Counts pages of one kind.
    @inline(__always)
    mutating func add(_ pages: Int, _ kind: PageKind) {
        switch kind {
        case .anonymous: anonymous &+= pages
        case .file: file &+= pages
        case .shmem: shmem &+= pages
        }
    }

    /// The difference of two counts.
    public static func - (now: Self, before: Self) -> Self {
        var result = now
        result.anonymous -= before.anonymous
        result.file -= before.file
        result.shmem -= before.shmem
        result.swapEntries -= before.swapEntries
        return result
    }

    /// The counts, such as `1 anon, 16 file, 0 shmem`.
    public var description: String { "\(anonymous) anon, \(file) file, \(shmem) shmem" }
}
