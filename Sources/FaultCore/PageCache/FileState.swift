/// How far readahead has come in an open file. Models `struct file_ra_state`.
@frozen
package struct ReadaheadState: Equatable, BitwiseCopyable, Sendable {
    /// The first page of the current window.
    package var start: PageIndex = 0
    /// How many pages the window has.
    package var size: Int = 0
    /// The next window is begun when this many pages of the window are left.
    package var asyncSize: Int = 0
    /// How many mapped misses there were, less the hits: `mmap_miss`.
    package var mmapMiss: Int = 0
    /// How far read(2) has come, by ``KernelModel/ReadPositionNote``, in bytes: `prev_pos`; -1 at first.
    package var previousPosition: Int64 = -1
    /// The largest window: `ra_pages`.
    package var maximum: Int

    /// A freshly opened file on a device with this window.
    package init(maximum: Int) { self.maximum = maximum }
}

/// An inclusive run of pages of a file.
public struct PageRun: Equatable, BitwiseCopyable, Sendable {
    /// Its first page.
    public var first: Int
    /// Its last page.
    public var last: Int

    /// Makes a run.
    ///
    /// - Precondition: `first` is at most `last`.
    public init(_ first: Int, _ last: Int) {
        guard first <= last else { misuse("PageRun: the first page is \(first), and the last is \(last)") }
        self.first = first
        self.last = last
    }

    /// The parts of the run that are not in another run.
    func without(_ other: PageRun) -> [PageRun] {
        var rest: [PageRun] = []
        if first < other.first { rest.append(PageRun(first, min(last, other.first - 1))) }
        if last > other.last { rest.append(PageRun(max(first, other.last + 1), last)) }
        return rest
    }

    /// Whether the runs have a page in common.
    func overlaps(_ other: PageRun) -> Bool { first <= other.last && other.first <= last }
}

/// Where an error is kept until it is reported: a write of a file's pages has failed.
@frozen
package struct WriteErrors: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    package var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The open file: the next fsync(2) or msync(2) on it fails. Models `mapping->wb_err` ahead of `f_wb_err`.
    @inlinable
    package static var openFile: Self { Self(rawValue: 1) }
    /// Callers without a file: the next such call fails. Models `AS_EIO`.
    @inlinable
    package static var mapping: Self { Self(rawValue: 2) }
}

/// A file and its page cache. Models an inode with its `address_space`, and the one open file of it.
struct FileState: Sendable {
    /// The number of its ``FileOperations``.
    var operations: UInt16
    /// The number of the ``VMOperations`` that its mappings get.
    var vmOperations: UInt16
    /// The device it lies on; none for tmpfs.
    var device: DeviceID
    /// `i_size` in pages, the partial one included.
    var pages: Int
    /// How many bytes of the last page lie past `i_size`: 0 if the file ends with a whole page.
    var bytesBehindEnd = 0
    /// Its traits.
    var traits: FileTraits
    /// The pages that have a block on the device, in order; the others are holes.
    var blocks: [PageRun]
    /// The pages that can be neither read nor written: an injected media error.
    var badBlocks: [PageRun] = []
    /// Whether the program has said that it reads the open file at random: `FMODE_RANDOM`.
    var isReadRandomly = false
    /// Where a failed write has not been reported yet.
    var writeErrors: WriteErrors = []
    /// The cached pages.
    var cache = PageCache()
    /// The slots of the pages that are swapped out, in the place of frames; only for tmpfs.
    var swapEntries = PageCache()
    var readahead: ReadaheadState
    var inodeLock = ReadWriteSemaphore()
    var invalidateLock = ReadWriteSemaphore()
    /// How many pins keep it across a dropped lock: `get_file()`.
    var pins: Int32 = 0
    /// How many areas map it.
    var mappings: Int32 = 0
    /// What its ``FileOperations`` remember of it.
    var state: StateBytes
    /// The stamps of written-back contents that differ from the initial ones, by page, in order.
    var storedStamps: PageRows<StoredStamp> = []
    /// The pages that were reclaimed, by page, in order.
    var shadows: PageRows<FileShadow> = []
}

extension FileState {
    /// How large a file can become, in pages: `s_maxbytes` of ext4, whose block numbers have 32 bits. The simulator
    /// uses it for all file systems.
    static var mostPages: Int { 0xFFFF_FFFF }
}

extension Machine {
    /// How large a file can become, in pages. Growing a file further fails with `EFBIG`. Models `s_maxbytes`.
    package static var mostPagesOfFile: Int { FileState.mostPages }
}

/// What the device holds for a page that was written.
struct StoredStamp: PageRow {
    var page: UInt32
    var stamp: UInt32
}

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

/// The slots of one page cache: chunks of 512 frame numbers, made when first used. Models `i_pages`.
struct PageCache: Sendable {
    private(set) var chunks: [[UInt32]] = []
    private(set) var count = 0

    /// The frame at `index`, ``FrameNumber/none`` if there is none.
    @inline(__always)
    subscript(_ index: PageIndex) -> FrameNumber {
        let chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return .none }
        return FrameNumber(rawValue: chunks[chunk][Int(index.rawValue & 511)])
    }

    mutating func set(_ frame: FrameNumber, at index: PageIndex) {
        let chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        while chunks.count <= chunk { chunks.append([]) }
        if chunks[chunk].isEmpty {
            if frame == .none { return }
            chunks[chunk] = [UInt32](repeating: 0, count: 512)
        }
        let slot = Int(index.rawValue & 511)
        count += (frame == .none ? 0 : 1) - (chunks[chunk][slot] == 0 ? 0 : 1)
        chunks[chunk][slot] = frame.rawValue
    }

    /// The first cached page at or after `index`, and its frame.
    func first(from index: PageIndex) -> (PageIndex, FrameNumber)? {
        var chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        var slot = Int(index.rawValue & 511)
        while chunk < chunks.count {
            if !chunks[chunk].isEmpty {
                while slot < 512 {
                    if chunks[chunk][slot] != 0 {
                        return (PageIndex(chunk << 9 + slot), FrameNumber(rawValue: chunks[chunk][slot]))
                    }
                    slot += 1
                }
            }
            chunk += 1
            slot = 0
        }
        return nil
    }
}

extension [PageRun] {
    /// Whether one of the runs, which are sorted and apart, has the page.
    package func covers(_ page: Int) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].last < page { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].first <= page
    }
}
