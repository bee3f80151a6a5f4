public import FaultCore

/// The error code that the processor pushes with a page fault. Models `enum x86_pf_error_code`
/// (arch/x86/include/asm/trap_pf.h, Linux 6.1).
@frozen
public struct X86ErrorCode: OptionSet, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The bits, as the processor numbers them.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `X86_PF_PROT`: there is a translation, which refuses the access. If clear, there is none.
    @inlinable
    public static var protection: Self { Self(rawValue: 1 << 0) }
    /// `X86_PF_WRITE`: the access was a store.
    @inlinable
    public static var write: Self { Self(rawValue: 1 << 1) }
    /// `X86_PF_USER`: the access had user privilege. This differs from registers in user mode: the processor's own
    /// accesses to descriptor tables have it clear.
    @inlinable
    public static var user: Self { Self(rawValue: 1 << 2) }
    /// `X86_PF_RSVD`: an entry had a reserved bit set.
    @inlinable
    public static var reserved: Self { Self(rawValue: 1 << 3) }
    /// `X86_PF_INSTR`: the access was an instruction fetch.
    @inlinable
    public static var instruction: Self { Self(rawValue: 1 << 4) }
    /// `X86_PF_PK`: a protection key refused.
    @inlinable
    public static var protectionKey: Self { Self(rawValue: 1 << 5) }
    /// `X86_PF_SGX`: the enclave page cache map refused.
    @inlinable
    public static var sgx: Self { Self(rawValue: 1 << 15) }

    /// The code that the processor pushes for an access.
    @inlinable
    public init(_ exception: FaultException) {
        self = []
        if exception.translationPresent { insert(.protection) }
        if exception.entryIsDamaged { insert(.reserved) }
        if exception.keyRefuses { insert(.protectionKey) }
        if exception.mode == .user { insert(.user) }
        switch exception.access {
        case .read: break
        case .write: insert(.write)
        case .execute: insert(.instruction)
        }
    }

    /// The kernel's names of the bits, without the prefix, joined by bars; `0` for none.
    public var description: String {
        let names = [
            (Self.protection, "PROT"), (.write, "WRITE"), (.user, "USER"), (.reserved, "RSVD"), (.instruction, "INSTR"),
            (.protectionKey, "PK"), (.sgx, "SGX"),
        ]
        var parts = names.filter { contains($0.0) }.map(\.1)
        let unknown = names.reduce(rawValue) { $0 & ~$1.0.rawValue }
        if unknown != 0 { parts.append("0x" + String(unknown, radix: 16)) }
        return parts.isEmpty ? "0" : parts.joined(separator: "|")
    }
}
