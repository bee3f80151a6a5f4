/// The access that a mapping is asked to allow. Models `PROT_*`, with its values.
///
/// It is part of an area's ``VMAFlags``. It has a type of its own so that a flag that is not an access, such as
/// ``VMAFlags/shared``, can't be passed for one.
@frozen
public struct Protection: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `PROT_READ`.
    @inlinable
    public static var read: Self { Self(rawValue: 1) }
    /// `PROT_WRITE`.
    @inlinable
    public static var write: Self { Self(rawValue: 2) }
    /// `PROT_EXEC`.
    @inlinable
    public static var execute: Self { Self(rawValue: 4) }

    /// Reading and writing.
    @inlinable
    public static var readWrite: Self { [.read, .write] }
    /// Reading and executing.
    @inlinable
    public static var readExecute: Self { [.read, .execute] }
    /// Reading, writing and executing.
    @inlinable
    public static var all: Self { [.read, .write, .execute] }
    /// No access: `PROT_NONE`.
    @inlinable
    public static var noAccess: Self { [] }
}

extension VMAFlags {
    /// The flags of an area that allows this access, and nothing else.
    @inlinable
    public init(_ protection: Protection) {
        self.init(rawValue: UInt32(protection.intersection(.all).rawValue))
    }

    /// The access that the area allows.
    @inlinable
    public var protection: Protection { Protection(rawValue: UInt8(intersection(.access).rawValue)) }
}
