/// What a page is, and what is being done with it. Models `enum pageflags`.
@frozen
public struct FrameFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The frame is allocated.
    @inlinable
    package static var inUse: Self { Self(rawValue: 1 << 0) }
    /// `PG_locked`.
    @inlinable
    public static var locked: Self { Self(rawValue: 1 << 1) }
    /// `PG_uptodate`.
    @inlinable
    public static var uptodate: Self { Self(rawValue: 1 << 2) }
    /// `PG_dirty`.
    @inlinable
    public static var dirty: Self { Self(rawValue: 1 << 3) }
    /// `PG_writeback`.
    @inlinable
    public static var writeback: Self { Self(rawValue: 1 << 4) }
    /// `PG_readahead`: reaching this page triggers the next readahead.
    @inlinable
    public static var readahead: Self { Self(rawValue: 1 << 5) }
    /// `PG_error`.
    @inlinable
    public static var error: Self { Self(rawValue: 1 << 6) }
    /// `PG_waiters`: a task sleeps on the lock or the writeback.
    @inlinable
    public static var waiters: Self { Self(rawValue: 1 << 7) }
    /// Anonymous memory: `PageAnon()`.
    @inlinable
    public static var anonymous: Self { Self(rawValue: 1 << 8) }
    /// `PG_anon_exclusive`: only one memory map uses the page and may write to it.
    @inlinable
    public static var anonExclusive: Self { Self(rawValue: 1 << 9) }
    /// A page of tmpfs or shared anonymous memory, which rss counts as shmem.
    @inlinable
    public static var shmem: Self { Self(rawValue: 1 << 10) }
    /// In the page cache of `PageFrame.owner` at `PageFrame.index`.
    @inlinable
    public static var cached: Self { Self(rawValue: 1 << 11) }
    /// `PG_referenced`.
    @inlinable
    public static var referenced: Self { Self(rawValue: 1 << 12) }
    /// `PG_active`.
    @inlinable
    public static var active: Self { Self(rawValue: 1 << 13) }
    /// madvise(MADV_FREE) allowed the kernel to take it: anonymous, without `PG_swapbacked`.
    @inlinable
    public static var lazyFree: Self { Self(rawValue: 1 << 14) }
    /// `PG_hwpoison`.
    @inlinable
    public static var poisoned: Self { Self(rawValue: 1 << 15) }
    /// `PG_workingset`.
    @inlinable
    public static var workingset: Self { Self(rawValue: 1 << 16) }
    /// `PG_swapcache`.
    @inlinable
    public static var swapCache: Self { Self(rawValue: 1 << 17) }
    /// A page that a handler gave from its own stock: in no page cache, referenced only by the entries that map it.
    @inlinable
    package static var handlerOwned: Self { Self(rawValue: 1 << 19) }
    /// The page is newer than what its device has, and is not going to be written for that: its last write has failed
    /// (`BH_Write_EIO`), or a device has written to it through a pin.
    @inlinable
    public static var unsaved: Self { Self(rawValue: 1 << 20) }
    /// A device is reading into the page and holds ``locked``.
    @inlinable
    package static var underRead: Self { Self(rawValue: 1 << 18) }
}

extension FrameFlags {
    /// The kind of page that rss counts a mapping of it as.
    @inline(__always)
    var kind: PageKind {
        if contains(.anonymous) { return .anonymous }
        return contains(.shmem) ? .shmem : .file
    }
}
