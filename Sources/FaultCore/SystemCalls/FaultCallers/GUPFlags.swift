/// The flags of `get_user_pages()`. Models `FOLL_*` (include/linux/mm.h, Linux 6.1), with its values.
@frozen
public struct GUPFlags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `FOLL_WRITE`.
    @inlinable
    public static var write: Self { Self(rawValue: 0x01) }
    /// `FOLL_TOUCH`: mark the pages found as accessed, and as dirty for a write.
    @inlinable
    public static var touch: Self { Self(rawValue: 0x02) }
    /// `FOLL_GET`: each page is kept, referenced, in the task's folio batch.
    @inlinable
    public static var get: Self { Self(rawValue: 0x04) }
    /// `FOLL_FORCE`: ignore the protection.
    @inlinable
    public static var force: Self { Self(rawValue: 0x10) }
    /// `FOLL_NOWAIT`.
    @inlinable
    public static var noWait: Self { Self(rawValue: 0x20) }
    /// `FOLL_TRIED`.
    @inlinable
    public static var tried: Self { Self(rawValue: 0x800) }
    /// `FOLL_REMOTE`.
    @inlinable
    public static var remote: Self { Self(rawValue: 0x2000) }
    /// The caller gave a `locked` pointer: the lock may be dropped. Models `FOLL_UNLOCKABLE` (Linux 6.3 and later).
    @inlinable
    public static var unlockable: Self { Self(rawValue: 1 << 21) }
}

extension GUPFlags {
    /// `FOLL_NOFAULT`: only pages that are present already; any other page is `EFAULT`.
    @inlinable
    public static var noFault: Self { Self(rawValue: 0x80) }
    /// `FOLL_HWPOISON`: a page with a memory error is `EHWPOISON`, not `EFAULT`.
    @inlinable
    public static var hwpoison: Self { Self(rawValue: 0x100) }
    /// `FOLL_INTERRUPTIBLE` (Linux 6.2 and later): any signal ends the call between two pages, and user fault handlers
    /// may let a signal end their wait. The value is not the kernel's, whose newer numbers clash with the old ones.
    @inlinable
    public static var interruptible: Self { Self(rawValue: 1 << 30) }
}

extension GUPFlags {
    /// `FOLL_PIN`: each page is kept, pinned, in the task's folio batch. A page that is shared since a fork is copied
    /// first, even if it is only to be read.
    @inlinable
    public static var pin: Self { Self(rawValue: 0x40000) }
    /// `FOLL_LONGTERM`, only together with ``pin``: the pages are kept for as long as a program likes, so they must
    /// stay the program's pages. ``KernelModel/LongTermFilePins`` and ``KernelModel/LongTermReadPins`` say what a
    /// kernel does for that. Not modelled: pages are first moved out of movable memory and CMA, and files without a
    /// page cache (fs-dax) are refused.
    @inlinable
    public static var longTerm: Self { Self(rawValue: 0x10000) }
    /// `FOLL_MADV_POPULATE` (Linux 6.9): errors distinguish a hole from memory that may not be accessed. The value is
    /// not the kernel's.
    @inlinable
    public static var advice: Self { Self(rawValue: 1 << 23) }
}
