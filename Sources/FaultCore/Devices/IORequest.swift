/// The ID of a request that was handed to a device.
@frozen
public struct RequestID: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    /// The number, in the order of submission.
    public var rawValue: UInt64

    /// Names the request with this number.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A request to a block device. Models a `struct bio`.
public struct IORequest: BitwiseCopyable, Sendable {
    /// What the device is to do.
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// Read pages into the page cache; they stay locked until it is done.
        case read
        /// Write pages from the page cache; they are under writeback until it is done.
        case write
        /// A request that a routine makes for itself and sleeps on: ``TaskWait/request(_:_:)``.
        case direct
        /// Write the journal of a file system; the file is one of those that wait for it.
        case commit
    }

    /// Its ID.
    public internal(set) var id: RequestID
    /// The device.
    public package(set) var device: DeviceID
    /// What to do.
    public package(set) var kind: Kind
    /// The file; none for a direct request without one.
    public package(set) var file: FileID
    /// The first page.
    public package(set) var index: PageIndex
    /// How many pages.
    public package(set) var pages: Int
    /// The task that submitted it.
    public package(set) var task: TaskID
    /// Whether no task has asked for exactly these pages: `REQ_RAHEAD`. A device may refuse it.
    public package(set) var isReadahead: Bool
    /// When it was submitted.
    public internal(set) var submitted: UInt64
    /// When it is done; `UInt64.max` while it is held.
    public internal(set) var completes: UInt64

    /// Makes a request.
    public init(
        _ kind: Kind, on device: DeviceID, file: FileID = .none, index: PageIndex = 0, pages: Int = 1,
        isReadahead: Bool = false, by task: TaskID
    ) {
        id = RequestID(rawValue: 0)
        self.device = device
        self.kind = kind
        self.file = file
        self.index = index
        self.pages = pages
        self.task = task
        self.isReadahead = isReadahead
        submitted = 0
        completes = 0
    }

    /// Whether it makes the device read.
    public var isRead: Bool { kind == .read || kind == .direct }
}
