/// The descriptor that a `uffd` operation makes.
public struct NewDescriptor: Equatable, Sendable {
    /// Its id.
    public var id: String
    /// The features that UFFDIO_API asks for.
    public var features: UserfaultFeatures
    /// Whether it is made with UFFD_USER_MODE_ONLY.
    public var isUserModeOnly: Bool
    /// Whether reading it sleeps for a message: it is made without O_NONBLOCK.
    public var isBlocking: Bool

    /// Makes a description of a descriptor; the arguments are the properties of the same names.
    public init(id: String, features: UserfaultFeatures = [], isUserModeOnly: Bool = false, isBlocking: Bool = false) {
        self.id = id
        self.features = features
        self.isUserModeOnly = isUserModeOnly
        self.isBlocking = isBlocking
    }
}

/// A part of an area of the process whose memory a descriptor handles.
public struct HandledPart: Equatable, Sendable {
    /// The descriptor's id.
    public var descriptor: String
    /// The part of the area.
    public var part: AreaPart

    /// Makes a part; the arguments are the properties of the same names.
    public init(descriptor: String, part: AreaPart) {
        self.descriptor = descriptor
        self.part = part
    }
}

/// A page of an area.
public struct AreaPage: Equatable, Sendable {
    /// The area's id.
    public var area: String
    /// The page.
    public var page: Int

    /// Makes a page; the arguments are the properties of the same names.
    public init(area: String, page: Int) {
        self.area = area
        self.page = page
    }
}

/// The arguments of one read(2) of a descriptor.
public struct MessageRead: Equatable, Sendable {
    /// The descriptor's id.
    public var descriptor: String
    /// The largest number of messages.
    public var most: Int
    /// The id for the descriptor that comes with a fork event; nil if it gets none.
    public var childDescriptor: String?

    /// Makes a read; the arguments are the properties of the same names.
    public init(descriptor: String, most: Int = 16, childDescriptor: String? = nil) {
        self.descriptor = descriptor
        self.most = most
        self.childDescriptor = childDescriptor
    }
}

/// The `mode` of `uffd_register`: which faults go to the descriptor.
public struct RegisterModes: NamedFlags {
    /// One bit for each mode.
    public let rawValue: UInt32

    /// Makes modes of the bits of `rawValue`.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `UFFDIO_REGISTER_MODE_MISSING`.
    public static let missing = RegisterModes(rawValue: 1)
    /// `UFFDIO_REGISTER_MODE_WP`.
    public static let writeProtect = RegisterModes(rawValue: 2)
    /// `UFFDIO_REGISTER_MODE_MINOR`.
    public static let minor = RegisterModes(rawValue: 4)

    static var names: [(name: String, flag: RegisterModes)] {
        [("missing", .missing), ("wp", .writeProtect), ("minor", .minor)]
    }
}

/// The `mode` of the operations that fill pages or change their protection; each has some of them.
public struct FillModes: NamedFlags {
    /// One bit for each mode.
    public let rawValue: UInt32

    /// Makes modes of the bits of `rawValue`.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `dontwake`: wakes no thread.
    public static let dontWake = FillModes(rawValue: 1)
    /// `wp`, of `uffd_copy` and `uffd_continue`: the page is write-protected.
    public static let writeProtect = FillModes(rawValue: 2)
    /// `protect`, of `uffd_wp`: protects; without it the protection is lifted.
    public static let protect = FillModes(rawValue: 4)
    /// `allow_src_holes`, of `uffd_move`: missing pages are skipped.
    public static let allowSourceHoles = FillModes(rawValue: 8)

    static var names: [(name: String, flag: FillModes)] {
        [
            ("dontwake", .dontWake), ("wp", .writeProtect), ("protect", .protect),
            ("allow_src_holes", .allowSourceHoles),
        ]
    }
}

/// Features of a descriptor, `UFFD_FEATURE_` of the kernel.
public struct UserfaultFeatures: NamedFlags {
    /// One bit for each, as the kernel has them.
    public let rawValue: UInt32

    /// Makes features of the bits of `rawValue`.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `PAGEFAULT_FLAG_WP`: messages report write protection.
    public static let pagefaultFlagWriteProtect = UserfaultFeatures(rawValue: 1 << 0)
    /// `EVENT_FORK`: fork sends an event, and the child's memory gets a descriptor of its own.
    public static let eventFork = UserfaultFeatures(rawValue: 1 << 1)
    /// `EVENT_REMAP`: mremap sends an event.
    public static let eventRemap = UserfaultFeatures(rawValue: 1 << 2)
    /// `EVENT_REMOVE`: madvise that frees memory sends an event.
    public static let eventRemove = UserfaultFeatures(rawValue: 1 << 3)
    /// `MISSING_HUGETLBFS`.
    public static let missingHugetlbfs = UserfaultFeatures(rawValue: 1 << 4)
    /// `MISSING_SHMEM`.
    public static let missingShmem = UserfaultFeatures(rawValue: 1 << 5)
    /// `EVENT_UNMAP`: calls that unmap memory send an event.
    public static let eventUnmap = UserfaultFeatures(rawValue: 1 << 6)
    /// `SIGBUS`: instead of waiting, a fault raises the signal.
    public static let sigbus = UserfaultFeatures(rawValue: 1 << 7)
    /// `THREAD_ID`: messages say which thread faulted.
    public static let threadID = UserfaultFeatures(rawValue: 1 << 8)
    /// `MINOR_HUGETLBFS`.
    public static let minorHugetlbfs = UserfaultFeatures(rawValue: 1 << 9)
    /// `MINOR_SHMEM`.
    public static let minorShmem = UserfaultFeatures(rawValue: 1 << 10)
    /// `EXACT_ADDRESS`: messages say the address, not only its page.
    public static let exactAddress = UserfaultFeatures(rawValue: 1 << 11)
    /// `WP_HUGETLBFS_SHMEM`.
    public static let writeProtectHugetlbfsShmem = UserfaultFeatures(rawValue: 1 << 12)
    /// `WP_UNPOPULATED`: empty anonymous memory can be protected, too.
    public static let writeProtectUnpopulated = UserfaultFeatures(rawValue: 1 << 13)
    /// `POISON`.
    public static let poison = UserfaultFeatures(rawValue: 1 << 14)
    /// `WP_ASYNC`: a write to a protected page lifts the protection by itself.
    public static let writeProtectAsync = UserfaultFeatures(rawValue: 1 << 15)
    /// `MOVE`.
    public static let move = UserfaultFeatures(rawValue: 1 << 16)

    static var names: [(name: String, flag: UserfaultFeatures)] {
        [
            ("pagefault_flag_wp", .pagefaultFlagWriteProtect), ("event_fork", .eventFork),
            ("event_remap", .eventRemap), ("event_remove", .eventRemove), ("missing_hugetlbfs", .missingHugetlbfs),
            ("missing_shmem", .missingShmem), ("event_unmap", .eventUnmap), ("sigbus", .sigbus),
            ("thread_id", .threadID), ("minor_hugetlbfs", .minorHugetlbfs), ("minor_shmem", .minorShmem),
            ("exact_address", .exactAddress), ("wp_hugetlbfs_shmem", .writeProtectHugetlbfsShmem),
            ("wp_unpopulated", .writeProtectUnpopulated), ("poison", .poison), ("wp_async", .writeProtectAsync),
            ("move", .move),
        ]
    }
}

/// Flags that the format lists by name.
protocol NamedFlags: OptionSet, Sendable, Hashable where Element == Self {
    /// The flags by their names in the format, in the order in which errors list them.
    static var names: [(name: String, flag: Self)] { get }
}
