/// The file that a `file` operation makes.
public struct NewFile: Equatable, Sendable {
    /// Its id.
    public var id: String
    /// Its length in pages; may be 0.
    public var pages: Int
    /// The file system that it is on.
    public var fileSystem: FileSystem
    /// The pages that its page cache holds, ascending.
    public var resident: [ClosedRange<Int>]
    /// The disk that an ext4 file is on.
    public var device: Device

    /// Makes a description of a file; the arguments are the properties of the same names.
    public init(
        id: String, pages: Int, fileSystem: FileSystem, resident: [ClosedRange<Int>], device: Device = .device
    ) {
        self.id = id
        self.pages = pages
        self.fileSystem = fileSystem
        self.resident = resident
        self.device = device
    }
}

/// The area that an `mmap` operation maps.
public struct NewArea: Equatable, Sendable {
    /// Its id.
    public var id: String
    /// The file that it maps, and from which of the file's pages on; nil for an anonymous area.
    public var backing: Backing?
    /// Its length in pages.
    public var pages: Int
    /// Its protection.
    public var protection: Protection
    /// Whether all mappings of the file see a store, or only this process.
    public var sharing: Sharing
    /// The other flags.
    public var flags: MapFlags
    /// The page table entry of its first page, 0 to 511.
    public var slot: Int
    /// Its position next to another area; nil if it is far from every other area.
    public var nextTo: Neighbour?

    /// Another area, next to which an area is mapped.
    public struct Neighbour: Equatable, Sendable {
        /// The other area's id.
        public var area: String
        /// How many pages are between its end and the new area; if negative, between the new area's end and its first
        /// page.
        public var gap: Int

        /// Makes a neighbour; the arguments are the properties of the same names.
        public init(area: String, gap: Int) {
            self.area = area
            self.gap = gap
        }
    }

    /// What a mapping of a file maps.
    public struct Backing: Equatable, Sendable {
        /// The file's id.
        public var file: String
        /// The file's page at which the area begins.
        public var offset: Int

        /// Makes a backing; the arguments are the properties of the same names.
        public init(file: String, offset: Int = 0) {
            self.file = file
            self.offset = offset
        }
    }

    /// Makes a description of an area; the arguments are the properties of the same names.
    public init(
        id: String, backing: Backing? = nil, pages: Int, protection: Protection, sharing: Sharing,
        flags: MapFlags = [], slot: Int = 0, nextTo: Neighbour? = nil
    ) {
        self.id = id
        self.backing = backing
        self.pages = pages
        self.protection = protection
        self.sharing = sharing
        self.flags = flags
        self.slot = slot
        self.nextTo = nextTo
    }
}

/// A part of an area. It may reach past the area's end, and below its start where the area grows down.
public struct AreaPart: Equatable, Sendable {
    /// The area's id.
    public var area: String
    /// The first page.
    public var page: Int
    /// How many pages; at least 1.
    public var pages: Int

    /// Makes a part; the arguments are the properties of the same names.
    public init(area: String, page: Int, pages: Int) {
        self.area = area
        self.page = page
        self.pages = pages
    }
}

/// A part of a file. It may reach past the file's end.
public struct FilePart: Equatable, Sendable {
    /// The file's id.
    public var file: String
    /// The first page.
    public var page: Int
    /// How many pages; at least 1.
    public var pages: Int

    /// Makes a part; the arguments are the properties of the same names.
    public init(file: String, page: Int, pages: Int) {
        self.file = file
        self.page = page
        self.pages = pages
    }
}

/// Blocks of devices, in the operations `bad` and `mend`.
public enum Blocks: Equatable, Sendable {
    /// Those of a part of a file.
    case file(FilePart)
    /// Those that the pages of a part of an area are swapped to.
    case area(AreaPart)
    /// Slots of the first swap device, from this number on.
    case slots(Int, pages: Int)
}

/// The arguments of `copy_in` and `copy_out`: a part of a file, and as many pages of a mapped area.
public struct FileCopy: Equatable, Sendable {
    /// The part of the file.
    public var filePart: FilePart
    /// The area's id.
    public var area: String
    /// The area's first page: the field `to` of `copy_in`, `from` of `copy_out`.
    public var areaPage: Int

    /// Makes a copy; the arguments are the properties of the same names.
    public init(filePart: FilePart, area: String, areaPage: Int) {
        self.filePart = filePart
        self.area = area
        self.areaPage = areaPage
    }
}

/// The arguments of an `mremap` operation.
public struct Remapping: Equatable, Sendable {
    /// The area's id.
    public var area: String
    /// Its new length in pages.
    public var pages: Int
    /// The page table entry of its first page at a new address; nil if the area stays in place.
    public var movingToSlot: Int?
    /// How many pages are passed as the old size; nil for the area's own.
    public var oldPages: Int?

    /// Makes a remapping; the arguments are the properties of the same names.
    public init(area: String, pages: Int, movingToSlot: Int? = nil, oldPages: Int? = nil) {
        self.area = area
        self.pages = pages
        self.movingToSlot = movingToSlot
        self.oldPages = oldPages
    }
}

/// The touches of one `read`, `write` or `exec`: of `pages` pages, `stride` apart, from `page` on.
public struct Touches: Equatable, Sendable {
    /// The area's id.
    public var area: String
    /// The first page touched.
    public var page: Int
    /// How many touches.
    public var pages: Int
    /// The distance in pages from one touch to the next; negative descends; never 0.
    public var stride: Int

    /// Makes touches; the arguments are the properties of the same names.
    public init(area: String, page: Int, pages: Int = 1, stride: Int = 1) {
        self.area = area
        self.page = page
        self.pages = pages
        self.stride = stride
    }

    /// The pages touched, in their order.
    public var sequence: StrideThrough<Int> {
        Swift.stride(from: page, through: page + (pages - 1) * stride, by: stride)
    }
}
