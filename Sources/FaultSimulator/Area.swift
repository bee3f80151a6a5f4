/// Memory that a task has mapped: where it begins and how long it is. What ``World/map(_:pages:offset:_:_:in:)`` gives.
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

extension TaskOperation {
    /// Reads one byte of each of `pages` pages of `area`, from its page `page` on.
    public static func read(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .read(area[page], pages: pages, stride: stride)
    }

    /// Writes one byte of each of `pages` pages of `area`, from its page `page` on.
    public static func write(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .write(area[page], pages: pages, stride: stride)
    }

    /// Jumps to each of `pages` pages of `area`, from its page `page` on.
    public static func execute(_ area: Area, page: Int = 0, pages: Int = 1, stride: Int = 1) -> Self {
        .execute(area[page], pages: pages, stride: stride)
    }

    /// Unmaps `area`, or `pages` pages of it from its page `page` on: `munmap(2)`.
    public static func munmap(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .munmap(area[page], pages: pages ?? area.pages - page)
    }

    /// Protects `area`, or `pages` pages of it from its page `page` on: `mprotect(2)`.
    public static func mprotect(_ area: Area, _ access: VMAFlags, page: Int = 0, pages: Int? = nil) -> Self {
        .mprotect(area[page], pages: pages ?? area.pages - page, access)
    }

    /// Gives advice about `area`, or `pages` pages of it from its page `page` on: `madvise(2)`.
    public static func madvise(_ area: Area, _ advice: Advice, page: Int = 0, pages: Int? = nil) -> Self {
        .madvise(area[page], pages: pages ?? area.pages - page, advice)
    }

    /// Locks `area`, or `pages` pages of it from its page `page` on, into memory: `mlock(2)`.
    public static func mlock(_ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .mlock(area[page], pages: pages ?? area.pages - page)
    }

    /// Locks `area`, or `pages` pages of it from its page `page` on, into memory as `flags` say: `mlock2(2)`.
    public static func mlock2(_ area: Area, _ flags: LockFlags, page: Int = 0, pages: Int? = nil) -> Self {
        .mlock2(area[page], pages: pages ?? area.pages - page, flags)
    }

    /// Reads from a file into `area`: one `pread(2)` whose copy faults on the area.
    public static func read(_ file: FileID, page: Int = 0, pages: Int = 1, into area: Area, at areaPage: Int = 0)
        -> Self
    {
        .read(file, PageIndex(page), pages: pages, into: area[areaPage])
    }

    /// Reads from a file into a buffer that never faults: `pread(2)`.
    public static func read(_ file: FileID, page: Int = 0, pages: Int = 1) -> Self {
        .read(file, PageIndex(page), pages: pages, into: nil)
    }

    /// Reads from a file into `area` past the page cache: one `pread(2)` of a file opened with `O_DIRECT`.
    public static func directRead(
        _ file: FileID, page: Int = 0, pages: Int = 1, into area: Area, at areaPage: Int = 0
    ) -> Self {
        .directRead(file, PageIndex(page), pages: pages, into: area[areaPage])
    }

    /// Writes to a file from a buffer that never faults: `pwrite(2)`.
    public static func write(_ file: FileID, page: Int = 0, pages: Int = 1) -> Self {
        .write(file, PageIndex(page), pages: pages, from: nil)
    }

    /// Writes to a file from `area`: one `pwrite(2)` whose copy faults on the area.
    public static func write(_ file: FileID, page: Int = 0, pages: Int = 1, from area: Area, at areaPage: Int = 0)
        -> Self
    {
        .write(file, PageIndex(page), pages: pages, from: area[areaPage])
    }
}
