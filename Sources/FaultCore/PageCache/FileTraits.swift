/// The properties of a file that the core must know.
@frozen
public struct FileTraits: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// tmpfs or shared anonymous memory: its pages count as shmem, and exist only in memory.
    @inlinable
    public static var shmem: Self { Self(rawValue: 1) }
    /// Its dirty pages are written back, so a shared mapping must notice writes (`mapping_can_writeback()`).
    @inlinable
    public static var writeback: Self { Self(rawValue: 2) }
    /// It has a `page_mkwrite`.
    @inlinable
    public static var pageMkwrite: Self { Self(rawValue: 4) }
    /// mmap(2) made it for shared anonymous memory: it ends when the last area that maps it ends.
    @inlinable
    public static var unnamed: Self { Self(rawValue: 8) }
    /// Its file system writes every page to a new place and keeps no journal, as btrfs does: space must be reserved for
    /// a page before it becomes dirty.
    @inlinable
    public static var copyOnWrite: Self { Self(rawValue: 16) }
}
