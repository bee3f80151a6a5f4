/// Names one of the machine's sleeping locks.
@frozen
public struct LockName: RawRepresentable, Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The kinds of lock, in the order in which they nest (outer first).
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// No lock.
        case none = 0
        /// A file's `i_rwsem`.
        case inode = 1
        /// A memory map's `mmap_lock`.
        case mmap = 2
        /// A file's `invalidate_lock`.
        case invalidate = 3
        /// A userfaultfd's `map_changing_lock`.
        case mapChanging = 4
    }

    /// Kind and number.
    public var rawValue: UInt32

    /// Names the lock with this raw value.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    init(_ kind: Kind, _ number: Int32) {
        guard number < 1 << 28 else { Self.refuse(kind, number) }
        rawValue = UInt32(kind.rawValue) << 28 | UInt32(bitPattern: number)
    }

    @usableFromInline
    static func refuse(_ kind: Kind, _ number: Int32) -> Never {
        misuse("LockName: no \(kind) lock has the number \(number); a machine has at most 2^28 maps and files")
    }

    /// No lock.
    @inlinable
    public static var none: Self { Self(rawValue: 0) }
    /// The mmap lock of a memory map.
    @inlinable
    public static func mmap(_ map: MapID) -> Self { Self(.mmap, map.rawValue) }
    /// The inode lock of a file.
    @inlinable
    public static func inode(_ file: FileID) -> Self { Self(.inode, file.rawValue) }
    /// The invalidate lock of a file.
    @inlinable
    public static func invalidate(_ file: FileID) -> Self { Self(.invalidate, file.rawValue) }

    /// The lock of a userfaultfd that delays changes of registered memory while the descriptor fills it:
    /// `map_changing_lock`.
    @inlinable
    public static func mapChanging(_ descriptor: UserfaultID) -> Self { Self(.mapChanging, descriptor.rawValue) }

    /// The kind of lock.
    @inlinable
    public var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: rawValue >> 28)) ?? .none }
    /// The number of the map, file or descriptor.
    @inlinable
    public var number: Int { Int(rawValue & 0x0FFF_FFFF) }

    /// The lock, such as `mmap lock of map 0`.
    public var description: String {
        switch kind {
        case .none: "no lock"
        case .inode: "inode lock of file \(number)"
        case .mmap: "mmap lock of map \(number)"
        case .invalidate: "invalidate lock of file \(number)"
        case .mapChanging: "map-changing lock of \(UserfaultID(number))"
        }
    }
}

/// How a lock is held or wanted.
public enum LockMode: UInt8, BitwiseCopyable, Sendable {
    /// Shared with other readers.
    case read = 1
    /// Exclusive.
    case write = 2

    /// The mode with this number, as in the arguments of a call and the details of an event.
    @inline(__always)
    init(number: UInt64) {
        switch number {
        case 1: self = .read
        case 2: self = .write
        default: misuse("LockMode: no lock has the mode \(number)")
        }
    }
}

/// A lock that a task holds, and how.
@frozen
public struct HeldLock: Equatable, BitwiseCopyable, Sendable {
    /// Which lock; ``LockName/none`` in an empty slot.
    public var lock: LockName
    /// The mode.
    public var mode: LockMode
    /// Since when, in virtual nanoseconds; only statistics read it.
    @usableFromInline package var since: UInt64

    @inlinable
    init(_ lock: LockName, _ mode: LockMode, since: UInt64 = 0) {
        self.lock = lock
        self.mode = mode
        self.since = since
    }

    /// Whether lock and mode are the same.
    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.lock == b.lock && a.mode == b.mode }
}
