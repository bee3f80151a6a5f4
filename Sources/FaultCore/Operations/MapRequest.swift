/// The arguments of `mmap(2)`.
public struct MapRequest: Equatable, BitwiseCopyable, Sendable {
    /// How the address is chosen.
    public enum Placement: Equatable, BitwiseCopyable, Sendable {
        /// By the kernel: the highest gap.
        case anywhere
        /// At this page if that range is free, else by the kernel.
        case hint(PageNumber)
        /// At this page, replacing what is mapped there: `MAP_FIXED`.
        case fixed(PageNumber)
        /// At this page, or `EEXIST`: `MAP_FIXED_NOREPLACE`.
        case fixedNoReplace(PageNumber)
    }

    /// How many pages, at least 1.
    public var pages: Int
    /// What the memory may be used for: `PROT_READ` and its siblings.
    public var access: Protection
    /// What else is asked for: `MAP_SHARED` and its siblings.
    public var flags: MapFlags
    /// The file; none for anonymous memory.
    public var file: FileID
    /// The first page of the file.
    public var offset: PageIndex
    /// How the address is chosen.
    public var placement: Placement
    /// `MAP_POPULATE`.
    public var populate: Bool
    /// The number of the ``VMOperations`` that back the area; 0 for the default of the file.
    public var operations: UInt16

    /// Makes a request for anonymous memory, or for pages of `file`.
    public init(
        pages: Int, access: Protection, flags: MapFlags = [], file: FileID = .none, offset: PageIndex = 0,
        placement: Placement = .anywhere, populate: Bool = false, operations: UInt16 = 0
    ) {
        self.pages = pages
        self.access = access
        self.flags = flags
        self.file = file
        self.offset = offset
        self.placement = placement
        self.populate = populate
        self.operations = operations
    }
}
