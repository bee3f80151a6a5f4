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
