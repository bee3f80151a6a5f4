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
