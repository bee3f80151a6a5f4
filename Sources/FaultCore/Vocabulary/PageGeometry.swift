/// The shape of an architecture's address space: page size, page-table levels, limits.
@frozen
public struct PageGeometry: Equatable, BitwiseCopyable, Sendable {
    /// The binary logarithm of the page size in bytes: `PAGE_SHIFT`.
    public var pageShift: UInt8
    /// How many levels of page tables a walk passes.
    public var levels: UInt8
    /// The binary logarithm of the number of entries in a table.
    public var bitsPerLevel: UInt8
    /// The first page that user memory can't have: `TASK_SIZE` in pages.
    public var userLimit: PageNumber
    /// The lowest page that a growing stack may reach: `mmap_min_addr` in pages.
    public var lowestUserPage: PageNumber
    /// Whether the processor can read through any accessible entry, so that write-only and execute-only memory is
    /// readable.
    public var accessImpliesRead: Bool

    /// Makes a geometry.
    ///
    /// - Precondition: `levels` is 1 to 6, `bitsPerLevel` 1 to 12, `pageShift` 4 to 20, and the tables cover
    ///   `userLimit`.
    public init(
        pageShift: UInt8, levels: UInt8, bitsPerLevel: UInt8, userLimit: PageNumber,
        lowestUserPage: PageNumber = PageNumber(16), accessImpliesRead: Bool = true
    ) {
        guard (1...6).contains(levels) else { misuse("PageGeometry: levels must be 1 to 6") }
        guard (1...12).contains(bitsPerLevel) else { misuse("PageGeometry: bitsPerLevel must be 1 to 12") }
        guard (4...20).contains(pageShift) else { misuse("PageGeometry: pageShift must be 4 to 20") }
        let covered = UInt64(levels) * UInt64(bitsPerLevel)
        guard covered >= 52 || userLimit.rawValue <= 1 << covered else {
            misuse("PageGeometry: the tables must cover userLimit; use more levels or a lower limit")
        }
        self.pageShift = pageShift
        self.levels = levels
        self.bitsPerLevel = bitsPerLevel
        self.userLimit = userLimit
        self.lowestUserPage = lowestUserPage
        self.accessImpliesRead = accessImpliesRead
    }

    /// The page size in bytes.
    @inlinable
    public var pageSize: UInt64 { 1 << UInt64(pageShift) }

    /// How many entries a page table has: `PTRS_PER_PTE`.
    @inlinable
    @inline(__always)
    package var entriesPerTable: Int { 1 << Int(bitsPerLevel) }

    /// The position of `page` in its lowest page table.
    @inlinable
    @inline(__always)
    package func slot(of page: PageNumber) -> Int { Int(page.rawValue & (1 << UInt64(bitsPerLevel) - 1)) }
}
