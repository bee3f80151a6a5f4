/// The kind of object that an ``ID`` numbers.
public protocol IDKind: Sendable {
    /// The word for one object of this kind in print.
    static var noun: String { get }
}

/// The number of an object of a machine. Each kind is numbered from 0, in the order in which the objects were made.
///
/// Negative numbers are of no object. IDs of different kinds have different types, so they can't be mixed up.
@frozen
public struct ID<Kind: IDKind>: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable,
    CustomStringConvertible
{
    /// The number.
    public var rawValue: Int32

    /// Makes an ID from a number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Makes an ID from a number.
    ///
    /// - Precondition: The number is from 0 to 2^31 - 1, or -1, which is of no object.
    @inlinable
    public init(_ index: Int) {
        guard let number = Int32(exactly: index), number >= -1 else { Self.refuse(index) }
        rawValue = number
    }

    /// The ID of no object.
    @inlinable
    public static var none: Self { Self(rawValue: -1) }

    /// Whether both are of the same object.
    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.rawValue == b.rawValue }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// Hashes the number.
    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `task 3`.
    public var description: String { self == .none ? "no \(Kind.noun)" : "\(Kind.noun) \(rawValue)" }

    /// Makes the ID of the next object of a machine that has `count` of them. Ends the process at ``most``: names of
    /// locks and of choices have no room for larger numbers.
    init(next count: Int) {
        guard count < Self.most else {
            fatalError("Machine: there are \(count) \(Kind.noun)s already, as many as a machine may have: make fewer")
        }
        self.init(count)
    }

    /// How many objects of a kind a machine may have: 2^28.
    static var most: Int { 1 << 28 }

    @usableFromInline
    static func refuse(_ index: Int) -> Never {
        fatalError("ID: no \(Kind.noun) has the number \(index): take one from 0 to \(Int32.max), or .none")
    }
}

/// A task of a machine. Models `task_struct`.
public typealias TaskID = ID<TaskKind>

/// A memory map of a machine. Models `mm_struct`.
public typealias MapID = ID<MapKind>

/// An open file of a machine, with its page cache. Models an `inode` with its `address_space`.
public typealias FileID = ID<FileKind>

/// A block device of a machine.
public typealias DeviceID = ID<DeviceKind>

/// A userfaultfd. Models `userfaultfd_ctx`, which all holders of the descriptor share.
public typealias UserfaultID = ID<UserfaultKind>

/// The kind of a ``TaskID``.
@frozen
public enum TaskKind: IDKind {
    /// `task`.
    public static var noun: String { "task" }
}

/// The kind of a ``MapID``.
@frozen
public enum MapKind: IDKind {
    /// `map`.
    public static var noun: String { "map" }
}

/// The kind of a ``FileID``.
@frozen
public enum FileKind: IDKind {
    /// `file`.
    public static var noun: String { "file" }
}

/// The kind of a ``DeviceID``.
@frozen
public enum DeviceKind: IDKind {
    /// `device`.
    public static var noun: String { "device" }
}

/// The kind of a ``UserfaultID``.
@frozen
public enum UserfaultKind: IDKind {
    /// `userfaultfd`.
    public static var noun: String { "userfaultfd" }
}
