/// Which lock guards a fault.
public enum FaultLock: UInt8, BitwiseCopyable, Sendable {
    /// None: not taken yet, or dropped.
    case none
    /// The memory map's mmap lock, for reading or (under `mprotect` of a locked area) for writing.
    case mmap
    /// The area lock, for reading.
    case area
}

/// Names an area that was looked up under a lock, until that lock is dropped.
public struct VMAHandle: BitwiseCopyable, Sendable {
    /// The map.
    public package(set) var map: MapID
    /// Where the area began.
    public package(set) var start: PageNumber
    var position: AreaTree.Position
    /// ``AreaTree/sequence`` when the area was looked up; the handle is stale once the tree's number differs.
    var sequence: UInt32
}

/// One fault under way. Models `struct vm_fault`, and what the entry keeps besides.
///
/// A task handles one fault at a time, so it has one of these. Handlers get it `inout`.
public struct VMFault: BitwiseCopyable, Sendable {
    /// The task that faults (`current`).
    public package(set) var task: TaskID
    /// The memory map that is faulted in.
    public package(set) var map: MapID
    /// The page.
    public package(set) var page: PageNumber
    /// The access that the processor could not do.
    public package(set) var exception: FaultException
    /// What the caller allows: `vmf->flags`.
    public var flags: FaultFlags
    /// The flags before `page_mkwrite` was called with others.
    package var savedFlags: FaultFlags
    /// Which lock guards the fault. An entry says so by ``Machine/setFaultLock(_:of:)``; a handler can only drop it.
    public package(set) var lock: FaultLock
    /// Whether the handler has dropped the lock (`fpin != NULL`); ``file`` is pinned then.
    public package(set) var lockDropped: Bool
    /// Whether this is a real exception (`regs != NULL`), not GUP.
    public package(set) var isException: Bool
    /// Whether ``folio`` is locked by this fault.
    public var folioLocked: Bool
    /// Whether this fault holds the file's invalidate lock for reading.
    package var invalidateLocked: Bool
    /// The bits of the result so far.
    public var result: FaultResult
    /// The area, known from the look-up on, until the lock is dropped.
    public package(set) var area: VMAHandle
    /// The area's file; known as long as ``area``, and while ``lockDropped``.
    public package(set) var file: FileID
    /// The page of the file, or the linear index in anonymous memory: `vmf->pgoff`.
    public package(set) var index: PageIndex
    /// The entry as it was first read: `vmf->orig_pte`.
    package var originalEntry: PTE
    /// The page that the handler found, referenced: `vmf->page`.
    public package(set) var folio: FrameNumber
    /// The new page of a private copy, referenced: `vmf->cow_page`.
    public package(set) var copy: FrameNumber
    /// The page of the previous attempt, referenced, if the kernel keeps it: `vmf->cached_page` (2018).
    package var keptFolio: FrameNumber
    /// The size of the file when ``keptFolio`` was prepared for writing, in pages: `vmf->cached_size` (2018).
    package var keptPages: UInt32
    /// ``MemoryMap/writeLockCount`` when the lock was dropped, where the kernel counts it.
    var mapWriteLockCount: UInt32
    /// Whether the attempt has dropped the lock, taken it again, and gone on. It drops the lock only once.
    package var hasGoneOn: Bool
    /// Whether an attempt of this fault has returned `MAJOR`.
    var wasMajor: Bool
    /// Whether ``folio`` was read past the swap cache, and its slot is reserved until the attempt ends: `need_clear_cache`.
    var bypassesSwapCache: Bool

    /// An empty fault: every field says "none". The caller fills it in.
    package init() {
        task = .none
        map = .none
        page = PageNumber(0)
        exception = FaultException(.read, .user, translationPresent: false)
        flags = []
        savedFlags = []
        lock = .none
        lockDropped = false
        isException = false
        folioLocked = false
        invalidateLocked = false
        result = []
        area = VMAHandle(map: .none, start: PageNumber(0), position: AreaTree.Position(0, 0), sequence: 0)
        file = .none
        index = 0
        originalEntry = .none
        folio = .none
        copy = .none
        keptFolio = .none
        keptPages = 0
        mapWriteLockCount = 0
        hasGoneOn = false
        wasMajor = false
        bypassesSwapCache = false
    }

    /// Whether a wait of this attempt may drop the fault lock: the flags allow it, and it has not been dropped yet.
    public var mayDropLock: Bool { flags.mayDropLock && !lockDropped }

    /// Whether the access was a store.
    public var isWrite: Bool { flags.contains(.write) }
}
