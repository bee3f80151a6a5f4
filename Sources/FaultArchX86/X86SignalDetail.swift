public import FaultCore

/// The details of the exception for which a signal was forced: `thread.error_code`, `thread.cr2` and `thread.trap_nr`.
extension SignalDetail {
    /// The number of the page-fault exception: `X86_TRAP_PF`.
    public static var pageFaultTrap: UInt8 { 14 }

    /// The error code that is reported: `thread.error_code`.
    public var errorCode: X86ErrorCode { X86ErrorCode(rawValue: code) }

    /// The address of the page that faulted: the value of CR2 without the offset in the page.
    public var cr2: UInt64 { page.rawValue << 12 }

    /// The details that `set_signal_archinfo()` stores: with `USER`, and for addresses beyond user memory with `PROT`
    /// (`sanitize_error_code()`), so that programs can't find out what the kernel has mapped.
    init(_ code: X86ErrorCode, at page: PageNumber, userLimit: PageNumber, key: UInt8) {
        var reported = code.union(.user)
        if page >= userLimit { reported.insert(.protection) }
        self.init(page: page, code: reported.rawValue, trap: Self.pageFaultTrap, protectionKey: key)
    }
}
