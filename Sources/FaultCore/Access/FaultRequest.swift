/// Kernel code that faults pages in without an exception. Each caller has its own flags and its own protocol for the
/// mmap lock.
///
/// `get_user_pages()`, populate and mlock are operations of their own; see ``TaskOperation/getUserPages(_:pages:_:)``.
public enum FaultCaller: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `fixup_user_fault()` (mm/gup.c) without `unlocked`: the lock stays held during every wait.
    case fixup
    /// `fixup_user_fault()` with `unlocked`, as KVM and vfio call it: the lock may be dropped, and is taken again
    /// before it returns, even if the fault was completed.
    case fixupUnlockable
    /// A futex (kernel/futex): first an access with page faults disabled, which fails at once where there is no entry.
    /// Then, for a store, `fault_in_user_writeable()` (a fixup that drops nothing), or, for a load, an ordinary user
    /// copy. Then the access again.
    case futex
    /// `hmm_range_fault()` (mm/hmm.c): a device that mirrors the memory map. Allows no retry. Every error of a fault is
    /// `EFAULT`.
    case hmm
    /// `break_ksm()` (mm/ksm.c): unshares merged pages, by faults that allow no retry. Merging is not modelled: an
    /// anonymous page that other processes share stands for a merged one.
    case breakKSM
    /// `copro_handle_mm_fault()` (arch/powerpc/mm/copro_fault.c): a coprocessor that walks the page tables itself.
    /// Passes `WRITE` or nothing, so that its test for `COMPLETED` never holds.
    case coprocessor

    /// The flags that a fault of this caller begins with.
    ///
    /// - Parameter isRemote: Whether the memory map is not the caller's own.
    package func flags(for access: FaultException.Access, isRemote: Bool) -> FaultFlags {
        var flags: FaultFlags = access == .write ? .write : []
        switch self {
        case .fixup, .futex: if isRemote { flags.insert(.remote) }
        case .fixupUnlockable:
            flags.formUnion([.allowRetry, .killable])
            if isRemote { flags.insert(.remote) }
        case .hmm: flags.insert(.remote)
        case .breakKSM: flags.formUnion([.write, .remote])
        case .coprocessor: break
        }
        return flags
    }
}

/// A request to a ``FaultCaller``: some pages of a memory map, one after the other.
public struct FaultRequest: Equatable, BitwiseCopyable, Sendable {
    /// The kernel code that calls the fault path.
    public var caller: FaultCaller
    /// What the pages are wanted for; `execute` counts as `read`.
    public var access: FaultException.Access
    /// The first page.
    public var page: PageNumber
    /// How many pages.
    public var pages: Int
    /// The memory map; none for the task's own.
    public var map: MapID

    /// Asks for pages.
    public init(
        _ caller: FaultCaller, _ access: FaultException.Access, _ page: PageNumber, pages: Int = 1,
        in map: MapID = .none
    ) {
        self.caller = caller
        self.access = access
        self.page = page
        self.pages = pages
        self.map = map
    }
}
