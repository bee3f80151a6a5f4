/// A range of memory that a task has mapped, as returned by ``World/map(_:pages:offset:_:_:named:in:)``.
///
/// It stands for a range of addresses, not for a VMA: it stays the same if parts of it are unmapped or protected.
public struct Area: Equatable, BitwiseCopyable, Sendable {
    /// The memory map.
    public let map: MapID
    /// The first page.
    public let start: PageNumber
    /// How many pages were mapped.
    public let pages: Int

    /// Makes an area of a range of pages.
    public init(map: MapID, start: PageNumber, pages: Int) {
        self.map = map
        self.start = start
        self.pages = pages
    }

    /// The page number of a page of the area, counted from its start. It may lie outside of the area.
    public subscript(page: Int) -> PageNumber { start + page }
}
