/// A virtual page: an address divided by the machine's page size.
///
/// Models `addr >> PAGE_SHIFT`. It counts pages of a memory map, never pages of a file (that is ``PageIndex``).
@frozen
public struct PageNumber: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number of the page, counted from address 0.
    public var rawValue: UInt64

    /// Names the page with this number.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Names the page with this number.
    @inlinable
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Orders pages by address.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The page `pages` above.
    @inlinable
    public static func + (page: Self, pages: Int) -> Self { Self(page.rawValue &+ UInt64(bitPattern: Int64(pages))) }

    /// The page `pages` below.
    @inlinable
    public static func - (page: Self, pages: Int) -> Self { Self(page.rawValue &- UInt64(bitPattern: Int64(pages))) }

    /// How many pages `page` lies above `base`; negative if it lies below.
    @inlinable
    public static func - (page: Self, base: Self) -> Int { Int(Int64(bitPattern: page.rawValue &- base.rawValue)) }

    /// The number in hexadecimal.
    public var description: String { "page 0x" + String(rawValue, radix: 16) }
}

/// A page of a file, counted from its first page. Models `pgoff_t`.
@frozen
public struct PageIndex: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    /// The number of the page in its file.
    public var rawValue: UInt64

    /// Names the page with this number.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Names the page with this number.
    @inlinable
    public init(_ rawValue: Int) { self.rawValue = UInt64(bitPattern: Int64(rawValue)) }

    /// Names the page with this number.
    @inlinable
    public init(integerLiteral value: UInt64) { rawValue = value }

    /// Orders pages by their place in the file.
    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The page `pages` further on.
    @inlinable
    public static func + (page: Self, pages: Int) -> Self {
        Self(rawValue: page.rawValue &+ UInt64(bitPattern: Int64(pages)))
    }

    /// The page `pages` before.
    @inlinable
    public static func - (page: Self, pages: Int) -> Self {
        Self(rawValue: page.rawValue &- UInt64(bitPattern: Int64(pages)))
    }

    /// How many pages `page` lies after `base`.
    @inlinable
    public static func - (page: Self, base: Self) -> Int { Int(Int64(bitPattern: page.rawValue &- base.rawValue)) }

    /// The number as an `Int`.
    @inlinable
    public var value: Int { Int(truncatingIfNeeded: rawValue) }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// A page frame of simulated memory; 0 names none. Models a page frame number.
///
/// Frame numbers say where the simulator keeps a page, never what a program can observe: two machines that differ only
/// in frame numbers are equal.
@frozen
public struct FrameNumber: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The number.
    public var rawValue: UInt32

    /// Makes a frame number.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes a frame number.
    ///
    /// - Precondition: The number is from 0 to 2^32 - 1; 0 names none.
    @inlinable
    public init(_ index: Int) {
        guard let number = UInt32(exactly: index) else { Self.refuse(index) }
        rawValue = number
    }

    /// The frame number that names no frame.
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

    @usableFromInline
    static func refuse(_ index: Int) -> Never {
        fatalError("FrameNumber: no frame has the number \(index): take one from 0 to \(UInt32.max)")
    }
}
