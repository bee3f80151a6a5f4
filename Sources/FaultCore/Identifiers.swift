/// A page frame of simulated memory; 0 names none. Models a page frame number.
///
/// Frame numbers say where the simulator keeps a page, never what a program can observe: two machines that differ
/// only in them are equal.
@frozen
public struct FrameNumber: RawRepresentable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number behind the name.
    public var rawValue: UInt32

    /// Names what has this number.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Names what has this number.
    @inlinable
    public init(_ index: Int) { rawValue = UInt32(truncatingIfNeeded: index) }

    /// Names nothing.
    @inlinable
    public static var none: Self { Self(rawValue: 0) }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `frame 3`.
    public var description: String { self == .none ? "no frame" : "frame \(rawValue)" }
}

/// A task of a machine. Models `task_struct`; negative names none.
@frozen
public struct TaskID: RawRepresentable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number behind the name.
    public var rawValue: Int32

    /// Names what has this number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Names what has this number.
    @inlinable
    public init(_ index: Int) { rawValue = Int32(truncatingIfNeeded: index) }

    /// Names nothing.
    @inlinable
    public static var none: Self { Self(rawValue: -1) }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `task 3`.
    public var description: String { self == .none ? "no task" : "task \(rawValue)" }
}

/// A memory map of a machine. Models `mm_struct`; negative names none.
@frozen
public struct MapID: RawRepresentable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number behind the name.
    public var rawValue: Int32

    /// Names what has this number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Names what has this number.
    @inlinable
    public init(_ index: Int) { rawValue = Int32(truncatingIfNeeded: index) }

    /// Names nothing.
    @inlinable
    public static var none: Self { Self(rawValue: -1) }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `map 3`.
    public var description: String { self == .none ? "no map" : "map \(rawValue)" }
}

/// An open file of a machine, with its page cache. Models an `inode` with its `address_space`; negative names none.
@frozen
public struct FileID: RawRepresentable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number behind the name.
    public var rawValue: Int32

    /// Names what has this number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Names what has this number.
    @inlinable
    public init(_ index: Int) { rawValue = Int32(truncatingIfNeeded: index) }

    /// Names nothing.
    @inlinable
    public static var none: Self { Self(rawValue: -1) }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `file 3`.
    public var description: String { self == .none ? "no file" : "file \(rawValue)" }
}

/// A block device of a machine; negative names none.
@frozen
public struct DeviceID: RawRepresentable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number behind the name.
    public var rawValue: Int32

    /// Names what has this number.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Names what has this number.
    @inlinable
    public init(_ index: Int) { rawValue = Int32(truncatingIfNeeded: index) }

    /// Names nothing.
    @inlinable
    public static var none: Self { Self(rawValue: -1) }

    /// Orders by number.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number as an index.
    @inlinable
    public var index: Int { Int(rawValue) }

    /// The kind and the number, such as `device 3`.
    public var description: String { self == .none ? "no device" : "device \(rawValue)" }
}
