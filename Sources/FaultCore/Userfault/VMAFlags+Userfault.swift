// The userfaultfd of an area, and the kinds of fault that it handles: `vm_userfaultfd_ctx` with `__VM_UFFD_FLAGS`.
//
// Both are in the area's flags, like its protection key: areas that differ in them do not merge, and one test tells a
// fault that the area has neither.
extension VMAFlags {
    /// `VM_UFFD_MISSING`: faults on pages that do not exist yet are handed over.
    @inlinable
    public static var userfaultMissing: Self { Self(rawValue: 1 << 13) }
    /// `VM_UFFD_WP`: stores to protected pages are handed over.
    @inlinable
    public static var userfaultProtect: Self { Self(rawValue: 1 << 14) }
    /// `VM_UFFD_MINOR`: faults on pages that are only in the page cache are handed over.
    @inlinable
    public static var userfaultMinor: Self { Self(rawValue: 1 << 15) }
    /// `__VM_UFFD_FLAGS`: all three.
    @inlinable
    package static var userfaultModes: Self { Self(rawValue: 7 << 13) }

    /// The descriptor that the area is registered with; none if it is not.
    @inlinable
    public var userfault: UserfaultID {
        get { UserfaultID(rawValue: Int32(truncatingIfNeeded: rawValue >> 16 & 0xFFF) - 1) }
        set {
            rawValue =
                rawValue & ~0x0FFF_0000 | UInt32(truncatingIfNeeded: Int(newValue.rawValue) + 1) << 16 & 0x0FFF_0000
        }
    }

    /// How many descriptors areas can name.
    static var mostUserfaults: Int { 0xFFF }

    /// Whether the area is registered with a descriptor: `userfaultfd_armed()`.
    @inlinable
    package var isRegistered: Bool { rawValue & (7 << 13) != 0 }

    /// The flags without the descriptor, but with the modes.
    var withoutDescriptor: Self { Self(rawValue: rawValue & ~(0x0FFF << 16)) }

    /// The flags of the area if it were not registered.
    @inlinable
    package var withoutUserfault: Self { Self(rawValue: rawValue & ~(0x0FFF << 16 | 7 << 13)) }
}
