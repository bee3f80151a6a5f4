public import FaultCore

/// The page-fault entry of x86-64: `exc_page_fault()` and the functions that it calls (arch/x86/mm/fault.c, Linux 6.1).
///
/// The stages are in `X86FaultEntry+Stages.swift`. Their decisions are pure functions in
/// `X86FaultEntry+Decisions.swift`.
///
/// Differs from the kernel: the kernel's own page tables are not modelled, so no fault on a kernel address is spurious.
/// All protection keys count as allocated, and execute-only memory gets no key by itself. The arguments and the return
/// address of a vsyscall can always be accessed. A task that oopses releases the locks that it held. Debuggers, KVM and
/// workarounds for errata are not modelled.
public struct X86FaultEntry: FaultEntry {
    /// How many levels the page tables have.
    public enum Paging: UInt8, BitwiseCopyable, Sendable {
        /// 48-bit addresses; user memory ends at 2^47 - 4096.
        case fourLevel = 4
        /// 57-bit addresses (LA57); user memory ends at 2^56 - 4096.
        case fiveLevel = 5
    }

    /// How many levels the page tables have.
    public var paging: Paging
    /// Whether supervisor-mode access prevention is on (`X86_FEATURE_SMAP`).
    public var hasSMAP: Bool
    /// Whether supervisor-mode execution prevention is on (`X86_FEATURE_SMEP`).
    public var hasSMEP: Bool
    /// Whether protection keys are on (`X86_FEATURE_OSPKE`).
    public var hasProtectionKeys: Bool
    /// The mode of the vsyscall page.
    public var vsyscall: VsyscallMode

    /// Makes an entry. It has no state, and the processor's features are constant.
    public init(
        paging: Paging = .fourLevel, hasSMAP: Bool = false, hasSMEP: Bool = false, hasProtectionKeys: Bool = false,
        vsyscall: VsyscallMode = .executeOnly
    ) {
        self.paging = paging
        self.hasSMAP = hasSMAP
        self.hasSMEP = hasSMEP
        self.hasProtectionKeys = hasProtectionKeys
        self.vsyscall = vsyscall
    }

    /// `x86`.
    public var name: StaticName { StaticName("x86") }

    /// Pages of 4096 bytes, tables of 512 entries; user memory ends at `TASK_SIZE_MAX`.
    public var geometry: PageGeometry {
        switch paging {
        case .fourLevel:
            PageGeometry(pageShift: 12, levels: 4, bitsPerLevel: 9, userLimit: PageNumber(1 << 35 - 1))
        case .fiveLevel:
            PageGeometry(pageShift: 12, levels: 5, bitsPerLevel: 9, userLimit: PageNumber(1 << 44 - 1))
        }
    }

    /// The vsyscall page (`VSYSCALL_ADDR`), which counts as user memory although it lies above it.
    public static var vsyscallPage: PageNumber { PageNumber(0xF_FFFF_FFFF_F600) }

    /// How often a user copy tries the page at which it fails. That is twice if the tail of the kernel's copy routine
    /// begins again at the byte at which `rep movsb` has faulted (`.Lcopy_user_handle_tail`,
    /// arch/x86/lib/copy_user_64.S), and otherwise once.
    public func userCopyAttempts(in model: KernelModel) -> Int { model.userCopyTail == .triesAgain ? 2 : 1 }

    /// The protection that `access_error()` requires of an area. With protection keys there are no shortcuts.
    public func uncontendedAccess(_ access: FaultException.Access) -> Protection {
        if hasProtectionKeys { return [] }
        return Self.wanted(X86ErrorCode(FaultException(access, .user, translationPresent: false))).protection
    }
}
