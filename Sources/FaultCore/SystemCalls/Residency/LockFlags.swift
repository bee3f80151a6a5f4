/// The flags of `mlock2(2)`. Models `MLOCK_*`, with its values.
@frozen
public struct LockFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt32

    /// Makes a set of the given bits. With bits that the kernel does not know, the call fails with `EINVAL`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `MLOCK_ONFAULT`: pages are locked when they are faulted in, and the call itself faults in none.
    @inlinable
    public static var onFault: Self { Self(rawValue: 1) }
}

/// The flags of `mlockall(2)`. Models `MCL_*`, with its values.
@frozen
public struct LockAllFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `MCL_CURRENT`: what is mapped now.
    @inlinable
    public static var current: Self { Self(rawValue: 1) }
    /// `MCL_FUTURE`: what will be mapped.
    @inlinable
    public static var future: Self { Self(rawValue: 2) }
    /// `MCL_ONFAULT`: pages are locked when they are faulted in; alone it is an error.
    @inlinable
    public static var onFault: Self { Self(rawValue: 4) }
}
