/// What a VMA allows and how it behaves. Models `vm_flags`.
@frozen
public struct VMAFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `VM_READ`.
    @inlinable
    public static var read: Self { Self(rawValue: 1 << 0) }
    /// `VM_WRITE`.
    @inlinable
    public static var write: Self { Self(rawValue: 1 << 1) }
    /// `VM_EXEC`.
    @inlinable
    public static var execute: Self { Self(rawValue: 1 << 2) }
    /// `VM_SHARED`: stores reach the file, and other mappings of it.
    @inlinable
    public static var shared: Self { Self(rawValue: 1 << 3) }
    /// `VM_LOCKED`: mlock(2) or `MAP_LOCKED`.
    @inlinable
    public static var locked: Self { Self(rawValue: 1 << 4) }
    /// `VM_GROWSDOWN`: a stack.
    @inlinable
    public static var growsDown: Self { Self(rawValue: 1 << 5) }
    /// `VM_NORESERVE`.
    @inlinable
    public static var noReserve: Self { Self(rawValue: 1 << 6) }
    /// `VM_RAND_READ`: madvise(MADV_RANDOM).
    @inlinable
    public static var randomRead: Self { Self(rawValue: 1 << 7) }
    /// `VM_SEQ_READ`: madvise(MADV_SEQUENTIAL).
    @inlinable
    public static var sequentialRead: Self { Self(rawValue: 1 << 8) }
    /// `VM_DONTCOPY`: madvise(MADV_DONTFORK).
    @inlinable
    public static var dontCopy: Self { Self(rawValue: 1 << 9) }
    /// `VM_WIPEONFORK`.
    @inlinable
    public static var wipeOnFork: Self { Self(rawValue: 1 << 10) }
    /// `VM_ACCOUNT`: its pages are charged to the commit limit.
    @inlinable
    public static var account: Self { Self(rawValue: 1 << 11) }
    /// `VM_LOCKONFAULT`: mlock2(MLOCK_ONFAULT).
    @inlinable
    public static var lockOnFault: Self { Self(rawValue: 1 << 12) }

    /// `VM_PKEY_BIT0` to `VM_PKEY_BIT3`: the area's protection key, 0 to 15; 0 if no key was set.
    @inlinable
    public var protectionKey: UInt8 {
        get { UInt8(truncatingIfNeeded: rawValue >> 28) }
        set {
            guard newValue < 16 else { PTE.Bits.refuse(key: newValue) }
            rawValue = rawValue & 0x0FFF_FFFF | UInt32(newValue) << 28
        }
    }

    /// `VM_ACCESS_FLAGS`: read, write and execute.
    @inlinable
    public static var access: Self { Self(rawValue: 7) }
}
