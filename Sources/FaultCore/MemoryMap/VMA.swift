/// A virtual memory area: a range of pages that are backed and protected alike. Models `vm_area_struct`.
///
/// An area is plain data. It is valid only while the lock under which it was looked up is held.
@frozen
public struct VMA: Equatable, BitwiseCopyable, Sendable {
    /// The first page.
    public var start: PageNumber
    /// The page after the last one.
    public var end: PageNumber
    /// The page of the file at `start`; for private anonymous memory the page number of `start` when it was mapped.
    /// Models `vm_pgoff`.
    public var startIndex: PageIndex
    /// What the area allows.
    public var flags: VMAFlags
    /// The file that backs it; none for private anonymous memory, and for a handler that needs no file.
    public var file: FileID
    /// The number of the area's ``VMOperations`` in its machine; 0 is anonymous memory without any.
    public var operations: UInt16
    /// How many `anon_vma` chain links the area has; 65,535 stands for more. The kernel only asks whether there is more
    /// than one. Models the length of `anon_vma_chain`.
    @usableFromInline package var anonLinks: UInt16
    /// The area's `anon_vma`; 0 while it has none.
    @usableFromInline package var anonVMA: UInt32
    /// What the area's handler remembers of it, as bytes: its ``VMOperationTable/AreaState``.
    @usableFromInline
    var stateWord: UInt64 = 0
    /// How far swap readahead has come in the area: `swap_readahead_info`; 0 before the first swap-in.
    @usableFromInline
    var swapReadahead: UInt64 = 0

    /// Makes an area of private anonymous memory, or of `file`.
    @inlinable
    package init(
        start: PageNumber, end: PageNumber, startIndex: PageIndex, flags: VMAFlags, file: FileID = .none,
        operations: UInt16 = 0, anonVMA: UInt32 = 0, anonLinks: UInt16 = 0
    ) {
        self.start = start
        self.end = end
        self.startIndex = startIndex
        self.flags = flags
        self.file = file
        self.operations = operations
        self.anonLinks = anonLinks
        self.anonVMA = anonVMA
    }

    /// How many pages the area has.
    @inlinable
    public var pages: Int { end - start }

    /// Whether `page` lies in the area.
    @inlinable
    public func contains(_ page: PageNumber) -> Bool { start <= page && page < end }

    /// The page of the file that backs `page`. Models `linear_page_index()`.
    @inlinable
    public func fileIndex(of page: PageNumber) -> PageIndex { startIndex + (page - start) }

    /// Whether the area has no ``VMOperations``. Models `vma_is_anonymous()`.
    @inlinable
    public var isAnonymous: Bool { operations == 0 }

    /// Whether two areas agree in every field. What their handlers remember of them does not count, nor how far swap
    /// was read ahead.
    @inlinable
    public static func == (a: Self, b: Self) -> Bool {
        a.start == b.start && a.end == b.end && a.startIndex == b.startIndex && a.flags == b.flags
            && a.file == b.file && a.operations == b.operations && a.anonLinks == b.anonLinks
            && a.anonVMA == b.anonVMA
    }
}
