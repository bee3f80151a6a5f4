/// Memory that a task has mapped: where it begins and how long it is. What ``World/map(_:pages:offset:_:_:named:in:)`` gives.
///
/// It is a name for a range of addresses, not for a VMA: it stays the same if parts of it are unmapped or protected.
public struct Area: Equatable, BitwiseCopyable, Sendable {
    /// The memory map.
    public let map: MapID
    /// The first page.
    public let start: PageNumber
    /// How many pages it was mapped with.
    public let pages: Int

    /// Names a range.
    public init(map: MapID, start: PageNumber, pages: Int) {
        self.map = map
        self.start = start
        self.pages = pages
    }

    /// The page with this number in the area; beyond its ends it goes on.
    public subscript(page: Int) -> PageNumber { start + page }
}
