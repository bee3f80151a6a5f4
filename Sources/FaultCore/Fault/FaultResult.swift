/// What one attempt at a fault returned. Models `enum vm_fault_reason` (include/linux/mm_types.h, Linux 6.1).
///
/// The raw value has the bits of Linux 6.1. The bits alone decide which lock is held on return; see ``LockContract``.
@frozen
public struct FaultResult: OptionSet, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The bits, as Linux 6.1 numbers them.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `VM_FAULT_OOM`: an allocation failed.
    @inlinable
    public static var oom: Self { Self(rawValue: 0x0001) }
    /// `VM_FAULT_SIGBUS`: there is no data at that address.
    @inlinable
    public static var sigbus: Self { Self(rawValue: 0x0002) }
    /// `VM_FAULT_MAJOR`: the attempt had to read from a device.
    @inlinable
    public static var major: Self { Self(rawValue: 0x0004) }
    /// `VM_FAULT_WRITE`: a copy was made, or an entry made writable.
    @inlinable
    public static var write: Self { Self(rawValue: 0x0008) }
    /// `VM_FAULT_HWPOISON`: the page has a memory error.
    @inlinable
    public static var hwpoison: Self { Self(rawValue: 0x0010) }
    /// `VM_FAULT_HWPOISON_LARGE`: a large page has a memory error.
    @inlinable
    public static var hwpoisonLarge: Self { Self(rawValue: 0x0020) }
    /// `VM_FAULT_SIGSEGV`: the access was refused.
    @inlinable
    public static var sigsegv: Self { Self(rawValue: 0x0040) }
    /// `VM_FAULT_NOPAGE`: the entry is in place, or there is nothing to do.
    @inlinable
    public static var noPage: Self { Self(rawValue: 0x0100) }
    /// `VM_FAULT_LOCKED`: the handler returned its page locked.
    @inlinable
    public static var locked: Self { Self(rawValue: 0x0200) }
    /// `VM_FAULT_RETRY`: the attempt gave up because it would block; the fault lock is released, unless
    /// ``FaultFlags/retryNoWait`` was given.
    @inlinable
    public static var retry: Self { Self(rawValue: 0x0400) }
    /// `VM_FAULT_FALLBACK`: a huge-page handler declines.
    @inlinable
    public static var fallback: Self { Self(rawValue: 0x0800) }
    /// `VM_FAULT_DONE_COW`: the handler made the private copy itself.
    @inlinable
    public static var doneCow: Self { Self(rawValue: 0x1000) }
    /// `VM_FAULT_COMPLETED`: the fault is finished and the fault lock released.
    @inlinable
    public static var completed: Self { Self(rawValue: 0x4000) }

    /// With ``retry``: the next attempt needs the mmap lock. In no kernel yet; see ``KernelModel/AreaRetry/split``.
    @inlinable
    public static var retryMmap: Self { Self(rawValue: 0x8000) }
    /// `VM_FAULT_AROUND` (Shutemov's RFC, 2014): the handler has found the surrounding pages, too. Proposed, never
    /// merged: the bit is the simulator's choice.
    @inlinable
    public static var around: Self { Self(rawValue: 1 << 30) }

    /// `VM_FAULT_ERROR`: the bits that end a fault without an entry.
    @inlinable
    public static var error: Self { Self(rawValue: 0x0001 | 0x0002 | 0x0010 | 0x0020 | 0x0040 | 0x0800) }

    /// Whether an error bit is set.
    @inlinable
    public var isError: Bool { rawValue & Self.error.rawValue != 0 }

    /// The kernel's names of the bits, without the prefix, joined by bars; `0` for none.
    public var description: String {
        BitNames.join(
            rawValue, [30: "AROUND"],
            [
                "OOM", "SIGBUS", "MAJOR", "WRITE", "HWPOISON", "HWPOISON_LARGE", "SIGSEGV", "", "NOPAGE", "LOCKED",
                "RETRY", "FALLBACK", "DONE_COW", "NEEDDSYNC", "COMPLETED", "RETRY_MMAP",
            ])
    }
}

/// Prints option sets by the kernel's names.
enum BitNames {
    /// Joins the names of the bits that are set; `0` if none is.
    ///
    /// - Parameter more: The names of bits beyond the end of `names`.
    static func join(_ bits: UInt32, _ more: KeyValuePairs<Int, String> = [:], _ names: [String]) -> String {
        var parts: [String] = []
        for bit in 0..<32 where bits & (1 << UInt32(bit)) != 0 {
            let name = bit < names.count ? names[bit] : more.first { $0.key == bit }?.value ?? ""
            parts.append(name.isEmpty ? "bit\(bit)" : name)
        }
        return parts.isEmpty ? "0" : parts.joined(separator: "|")
    }
}
