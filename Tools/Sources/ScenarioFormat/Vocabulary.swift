/// The file system that a file is on.
public enum FileSystem: String, CaseIterable, Sendable {
    /// A file on a disk.
    case ext4
    /// A file in memory.
    case tmpfs
}

/// A disk.
public enum Device: String, CaseIterable, Sendable {
    /// The first disk.
    case device
    /// The second disk.
    case device2
    /// The swap devices.
    case swap
}

/// The requests of a device that `hold` holds.
public enum Transfer: String, CaseIterable, Sendable {
    /// Its reads.
    case reads
    /// Its writes.
    case writes
}

/// Whether an area is shared or private.
public enum Sharing: String, CaseIterable, Sendable {
    /// `MAP_SHARED`.
    case shared
    /// `MAP_PRIVATE`.
    case `private`
}

/// The advice of `madvise`.
public enum Advice: String, CaseIterable, Sendable {
    /// `MADV_NORMAL`.
    case normal
    /// `MADV_RANDOM`.
    case random
    /// `MADV_SEQUENTIAL`.
    case sequential
    /// `MADV_WILLNEED`.
    case willNeed = "willneed"
    /// `MADV_DONTNEED`.
    case dontNeed = "dontneed"
    /// `MADV_DONTNEED_LOCKED`.
    case dontNeedLocked = "dontneed_locked"
    /// `MADV_FREE`.
    case free
    /// `MADV_POPULATE_READ`.
    case populateRead = "populate_read"
    /// `MADV_POPULATE_WRITE`.
    case populateWrite = "populate_write"
    /// `MADV_DONTFORK`.
    case dontFork = "dontfork"
    /// `MADV_WIPEONFORK`.
    case wipeOnFork = "wipeonfork"
    /// `MADV_REMOVE`.
    case remove
    /// `MADV_COLD`.
    case cold
    /// `MADV_PAGEOUT`.
    case pageOut = "pageout"
}

/// How `kill` touches its page.
public enum KillingTouch: String, CaseIterable, Sendable {
    /// It reads a byte.
    case read
    /// It writes a byte.
    case write
}

/// A signal that a scenario sends.
public enum SentSignal: String, CaseIterable, Sendable {
    /// Ends the process.
    case kill = "SIGKILL"
    /// Has a handler that returns, installed without SA_RESTART.
    case user1 = "SIGUSR1"
}

/// The protection of an area: any of `r`, `w`, `x`, or none.
public struct Protection: OptionSet, Sendable, Hashable {
    /// One bit for each right.
    public let rawValue: UInt8

    /// Makes a protection of the bits of `rawValue`.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `PROT_READ`.
    public static let read = Protection(rawValue: 1)
    /// `PROT_WRITE`.
    public static let write = Protection(rawValue: 2)
    /// `PROT_EXEC`.
    public static let execute = Protection(rawValue: 4)
}

/// The flags of `mmap` besides `shared` and `private`.
public struct MapFlags: OptionSet, Sendable, Hashable {
    /// One bit for each flag.
    public let rawValue: UInt8

    /// Makes flags of the bits of `rawValue`.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `MAP_POPULATE`.
    public static let populate = MapFlags(rawValue: 1)
    /// `MAP_LOCKED`.
    public static let locked = MapFlags(rawValue: 2)
    /// `MAP_GROWSDOWN`.
    public static let growsDown = MapFlags(rawValue: 4)
    /// `MAP_NORESERVE`.
    public static let noReserve = MapFlags(rawValue: 8)
}
