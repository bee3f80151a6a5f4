/// A page-table entry in the simulator's own format, the same on every architecture. Models `pte_t`.
///
/// An architecture module can show an entry in its hardware format. All zero is "none".
@frozen
public struct PTE: RawRepresentable, Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The bits; the frame number begins at bit 16.
    public var rawValue: UInt64

    /// Makes an entry from its bits.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// An entry that holds nothing: `pte_none()`.
    @inlinable
    public static var none: Self { Self(rawValue: 0) }

    /// An entry that maps nothing, but says that its page is write-protected.
    @inlinable
    public static var marker: Self { Self(.none, .userfaultProtected) }

    /// What an entry says about its page.
    @frozen
    public struct Bits: OptionSet, BitwiseCopyable, Sendable {
        /// The bits.
        public var rawValue: UInt64

        /// Makes a set of the given bits.
        @inlinable
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// `pte_present()`; also true of an entry with the protection of `PROT_NONE`.
        @inlinable
        public static var present: Self { Self(rawValue: 1 << 0) }
        /// `pte_write()`.
        @inlinable
        public static var writable: Self { Self(rawValue: 1 << 1) }
        /// `pte_dirty()`.
        @inlinable
        public static var dirty: Self { Self(rawValue: 1 << 2) }
        /// `pte_young()`: accessed.
        @inlinable
        public static var young: Self { Self(rawValue: 1 << 3) }
        /// The processor may fetch instructions through the entry.
        @inlinable
        public static var executable: Self { Self(rawValue: 1 << 4) }
        /// The processor may use the entry; clear in an entry with the protection of `PROT_NONE`.
        @inlinable
        public static var accessible: Self { Self(rawValue: 1 << 5) }
        /// `pte_special()`: the zero page, whose uses are not counted.
        @inlinable
        public static var special: Self { Self(rawValue: 1 << 6) }
        /// The entry names a swap slot; never together with ``present``.
        @inlinable
        public static var swap: Self { Self(rawValue: 1 << 7) }
        /// The page in the swap slot belonged only to this entry: `pte_swp_exclusive()`.
        @inlinable
        public static var swapExclusive: Self { Self(rawValue: 1 << 8) }
        /// The entry was overwritten with an invalid value: its first use raises an exception that says so.
        @inlinable
        public static var damaged: Self { Self(rawValue: 1 << 9) }

        /// The page is lost: its swap slot could not be read when `swapoff(2)` gave it up. Never together with ``present``.
        @inlinable
        public static var lost: Self { Self(rawValue: 1 << 10) }

        /// `pte_uffd_wp()`: a store is handed over to a program; also in swap entries. Alone, it is a marker: the page
        /// was protected before it was present, or is still protected though its entry was removed
        /// (`PTE_MARKER_UFFD_WP`).
        @inlinable
        public static var userfaultProtected: Self { Self(rawValue: 1 << 11) }

        /// The protection key of the page, 0 to 15, which the processor checks against what the task may do with that
        /// key.
        @inlinable
        public var protectionKey: UInt8 {
            get { UInt8(truncatingIfNeeded: rawValue >> 12) & 0xF }
            set {
                guard newValue < 16 else { Self.refuse(key: newValue) }
                rawValue = rawValue & ~0xF000 | UInt64(newValue) << 12
            }
        }

        @usableFromInline
        static func refuse(key: UInt8) -> Never {
            fatalError("there is no protection key \(key): take one from 0 to 15")
        }
    }

    /// Makes an entry for `frame`.
    @inlinable
    package init(_ frame: FrameNumber, _ bits: Bits) { rawValue = UInt64(frame.rawValue) << 16 | bits.rawValue }

    /// What the entry says about its page.
    @inlinable
    public var bits: Bits {
        get { Bits(rawValue: rawValue & 0xFFFF) }
        set { rawValue = (rawValue & ~0xFFFF) | newValue.rawValue }
    }

    /// The frame that the entry maps; for a swap entry, the number of the slot.
    @inlinable
    public var frame: FrameNumber { FrameNumber(rawValue: UInt32(truncatingIfNeeded: rawValue >> 16)) }

    /// Whether the entry holds nothing.
    @inlinable
    public var isNone: Bool { rawValue == 0 }
    /// Whether the entry maps nothing, and says that its page is write-protected: `pte_marker_uffd_wp()`.
    @inlinable
    public var isMarker: Bool { rawValue == Self.marker.rawValue }
    /// Whether the entry maps a page, accessible or not.
    @inlinable
    public var isPresent: Bool { rawValue & 1 != 0 }
    /// Whether stores may go through the entry.
    @inlinable
    public var isWritable: Bool { rawValue & 2 != 0 }
    /// Whether a store has gone through the entry.
    @inlinable
    public var isDirty: Bool { rawValue & 4 != 0 }
    /// Whether the processor may translate through the entry, whatever the access.
    @inlinable
    var translates: Bool { rawValue & 0x221 == 0x21 }
    /// Whether the entry maps the zero page.
    @inlinable
    public var isZeroPage: Bool { rawValue & 0x41 == 0x41 }
    /// Whether the entry maps a page whose uses are counted.
    @inlinable
    package var mapsCountedFrame: Bool { rawValue & 0x41 == 1 }

    /// The letters of the bits and the frame.
    public var description: String {
        if isNone { return "none" }
        var letters = ""
        for (bit, letter) in [(0, "P"), (1, "W"), (2, "D"), (3, "A"), (4, "X"), (5, "U"), (6, "Z"), (7, "S"), (8, "E")]
        {
            letters += rawValue & (1 << UInt64(bit)) != 0 ? letter : "-"
        }
        return isZeroPage ? letters : "\(letters) \(frame)"
    }
}
