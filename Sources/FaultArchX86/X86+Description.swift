import FaultCore

extension X86FaultEntry: CustomStringConvertible {
    /// Such as `x86, fourLevel, vsyscall executeOnly, SMAP`.
    public var description: String {
        var text = "x86, \(paging), vsyscall \(vsyscall)"
        if hasSMAP { text += ", SMAP" }
        if hasSMEP { text += ", SMEP" }
        return hasProtectionKeys ? text + ", protection keys" : text
    }
}

extension X86Registers: CustomStringConvertible {
    /// Such as `user mode` or `kernel mode, fixup, faults disabled`.
    public var description: String {
        var text = isUserMode ? "user mode" : "kernel mode"
        if hasFixup { text += ", fixup" }
        if faultsDisabled { text += ", faults disabled" }
        return alignmentCheck ? text + ", alignment check" : text
    }
}

extension X86KeyRights: CustomStringConvertible {
    /// The register, such as `0x55555554`.
    public var description: String { FieldText.hex(UInt64(rawValue)) }
}

extension X86FaultEntry.VsyscallAnswer: CustomStringConvertible {
    /// Such as `declined` or `done, getCPU`.
    public var description: String {
        switch self {
        case .declined: "declined"
        case .badEntryPoint: "bad entry point"
        case .done(let call): "done, \(call)"
        }
    }
}
