public import FaultCore

/// The saved registers and the context of the task that the fault path reads. Models the uses of `struct
/// pt_regs` in arch/x86/mm/fault.c.
@frozen
public struct X86Registers: Equatable, BitwiseCopyable, Sendable {
    /// `user_mode(regs)`: the exception came from user mode.
    public var isUserMode: Bool
    /// `search_exception_tables(regs->ip)`: the instruction has an exception-table entry.
    public var hasFixup: Bool
    /// `faulthandler_disabled()`: page faults are disabled, or this is an interrupt.
    public var faultsDisabled: Bool
    /// `regs->flags & X86_EFLAGS_AC`: the kernel has opened the window to user memory (`stac`).
    public var alignmentCheck: Bool

    /// Makes a set of registers.
    @inlinable
    public init(isUserMode: Bool, hasFixup: Bool = false, faultsDisabled: Bool = false, alignmentCheck: Bool = false) {
        self.isUserMode = isUserMode
        self.hasFixup = hasFixup
        self.faultsDisabled = faultsDisabled
        self.alignmentCheck = alignmentCheck
    }

    /// The registers of an access in a given context.
    ///
    /// Instructions that may touch user memory have a fixup and run with the window open. An instruction without a
    /// fixup is a stray access, with the window closed.
    @inlinable
    public init(_ mode: FaultException.Mode) {
        switch mode {
        case .user: self.init(isUserMode: true)
        case .kernelWithFixup: self.init(isUserMode: false, hasFixup: true, alignmentCheck: true)
        case .kernelAtomic:
            self.init(isUserMode: false, hasFixup: true, faultsDisabled: true, alignmentCheck: true)
        case .kernelWithoutFixup: self.init(isUserMode: false)
        case .kernelUnopened: self.init(isUserMode: false, hasFixup: true)
        }
    }
}
