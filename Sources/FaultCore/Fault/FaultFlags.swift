/// What the caller of the fault path tells it. Models `enum fault_flag` (include/linux/mm_types.h, Linux 6.1).
///
/// The raw value has the bits of Linux 6.1.
@frozen
public struct FaultFlags: OptionSet, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The bits, as Linux 6.1 numbers them.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `FAULT_FLAG_WRITE`: the access was a store.
    @inlinable
    public static var write: Self { Self(rawValue: 1 << 0) }
    /// `FAULT_FLAG_MKWRITE`: the entry exists and is to become writable.
    @inlinable
    public static var mkwrite: Self { Self(rawValue: 1 << 1) }
    /// `FAULT_FLAG_ALLOW_RETRY`: the fault lock may be dropped, and `RETRY` returned.
    @inlinable
    public static var allowRetry: Self { Self(rawValue: 1 << 2) }
    /// `FAULT_FLAG_RETRY_NOWAIT`: never sleep for a page; return `RETRY` with the lock held.
    @inlinable
    public static var retryNoWait: Self { Self(rawValue: 1 << 3) }
    /// `FAULT_FLAG_KILLABLE`: waits for a page end on a fatal signal.
    @inlinable
    public static var killable: Self { Self(rawValue: 1 << 4) }
    /// `FAULT_FLAG_TRIED`: an attempt before this one was retried.
    @inlinable
    public static var tried: Self { Self(rawValue: 1 << 5) }
    /// `FAULT_FLAG_USER`: the access was made in user mode.
    @inlinable
    public static var user: Self { Self(rawValue: 1 << 6) }
    /// `FAULT_FLAG_REMOTE`: for another task's memory map.
    @inlinable
    public static var remote: Self { Self(rawValue: 1 << 7) }
    /// `FAULT_FLAG_INSTRUCTION`: the access was an instruction fetch.
    @inlinable
    public static var instruction: Self { Self(rawValue: 1 << 8) }
    /// `FAULT_FLAG_INTERRUPTIBLE`: the sleep may end on any signal; only user fault handlers look at it.
    @inlinable
    public static var interruptible: Self { Self(rawValue: 1 << 9) }
    /// `FAULT_FLAG_UNSHARE`: copy a shared anonymous page, but leave the entry read-only.
    @inlinable
    public static var unshare: Self { Self(rawValue: 1 << 10) }
    /// `FAULT_FLAG_ORIG_PTE_VALID`: `VMFault.originalEntry` may be compared.
    @inlinable
    public static var originalEntryValid: Self { Self(rawValue: 1 << 11) }

    /// `FAULT_FLAG_VMA_LOCK`: the fault lock is the area's own (Linux 6.4).
    @inlinable
    public static var vmaLock: Self { Self(rawValue: 1 << 12) }

    /// An attempt under the area's lock was retried, and the next is to be under that lock again. In no kernel yet; see
    /// ``KernelModel/AreaRetry/areaLock``.
    @inlinable
    public static var areaTried: Self { Self(rawValue: 1 << 13) }
    /// `FAULT_FLAG_AROUND` (Shutemov's RFC, 2014): the handler is to find the surrounding pages, too. Proposed, never
    /// merged: the bit is the simulator's choice.
    @inlinable
    public static var around: Self { Self(rawValue: 1 << 30) }
    /// `FAULT_FLAG_USED_CACHED` (Bacik, 2018): the page is the one that the previous attempt has kept. Proposed, never
    /// merged: the bit is the simulator's choice.
    @inlinable
    public static var usedCached: Self { Self(rawValue: 1 << 31) }

    /// `FAULT_FLAG_DEFAULT`: what every user fault starts with from Linux 5.7 on.
    @inlinable
    public static var `default`: Self { [.allowRetry, .killable, .interruptible] }

    /// Whether this is a first attempt that may drop the lock: `fault_flag_allow_retry_first()`.
    @inlinable
    public var isFirstAttempt: Bool { rawValue & ((1 << 2) | (1 << 5)) == 1 << 2 }

    /// Whether a wait may drop the fault lock: the test of `maybe_unlock_mmap_for_io()` (mm/internal.h).
    @inlinable
    public var mayDropLock: Bool { rawValue & ((1 << 2) | (1 << 3) | (1 << 5)) == 1 << 2 }

    /// The kernel's names of the bits, without the prefix, joined by bars; `0` for none.
    public var description: String {
        BitNames.join(
            rawValue, [30: "AROUND", 31: "USED_CACHED"],
            [
                "WRITE", "MKWRITE", "ALLOW_RETRY", "RETRY_NOWAIT", "KILLABLE", "TRIED", "USER", "REMOTE",
                "INSTRUCTION", "INTERRUPTIBLE", "UNSHARE", "ORIG_PTE_VALID", "VMA_LOCK", "AREA_TRIED",
            ])
    }
}
