/// The properties asked of a mapping besides its access. Models the flags of `mmap(2)` that have no further arguments.
public struct MapFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The flags as bits, those of ``VMAFlags``.
    public var rawValue: UInt16

    /// Makes flags from bits.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `MAP_SHARED`: stores reach what is mapped. Without it, `MAP_PRIVATE`.
    @inlinable
    public static var shared: Self { Self(rawValue: 1 << 3) }
    /// `MAP_LOCKED`.
    @inlinable
    public static var locked: Self { Self(rawValue: 1 << 4) }
    /// `MAP_GROWSDOWN`: a stack.
    @inlinable
    public static var growsDown: Self { Self(rawValue: 1 << 5) }
    /// `MAP_NORESERVE`.
    @inlinable
    public static var noReserve: Self { Self(rawValue: 1 << 6) }

    /// The flags of an area that a mapping can be asked for.
    package init(_ flags: VMAFlags) { self.init(rawValue: UInt16(truncatingIfNeeded: flags.rawValue) & Self.all) }

    static var all: UInt16 { 15 << 3 }
}

extension VMAFlags {
    /// The flags of an area that a request asks for.
    @inline(__always)
    init(_ request: MapRequest) {
        self.init(rawValue: VMAFlags(request.access).rawValue | UInt32(request.flags.rawValue & MapFlags.all))
    }
}
