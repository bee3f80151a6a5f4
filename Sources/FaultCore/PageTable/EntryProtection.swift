/// The protection of entries that follows from the flags of an area. Stages and shortcuts both use it.
extension VMAFlags {
    /// The base protection of the entries of private memory: `vm_get_page_prot()`.
    @inline(__always)
    var entryProtection: PTE.Bits {
        var bits: PTE.Bits = .present
        if !isDisjoint(with: .access) { bits.insert(.accessible) }
        if contains(.execute) { bits.insert(.executable) }
        bits.protectionKey = protectionKey
        return bits
    }

    /// The bits of a new entry of private memory: its protection, young, and for a write dirty, and writable if the
    /// area is.
    @inline(__always)
    func entryBits(forWrite: Bool) -> PTE.Bits {
        var bits = entryProtection.union(.young)
        if forWrite {
            bits.insert(.dirty)
            if contains(.write) { bits.insert(.writable) }
        }
        return bits
    }
}
