public import FaultCore

extension Machine {
    /// The entries that the processor reads to translate an address in `page`, in its own format, from the root table
    /// down. The walk ends with the first entry that is not present.
    ///
    /// The simulator keeps page tables outside of memory. They are shown as if table number n were in physical page
    /// 2^32 + *n*, above all frames; frames are shown at their own numbers.
    public func hardwareWalk(of page: PageNumber, in map: MapID) -> [UInt64] {
        guard map != .none, page < geometry.userLimit else { return [] }
        let tables = tablesOnWalk(to: page, in: map)
        var walk = tables.dropFirst().map { X86PTE.table(at: 1 << 32 + UInt64($0)).rawValue }
        if tables.count == Int(geometry.levels) {
            walk.append(X86PTE(entry(of: page, in: map)).rawValue)
        } else if !tables.isEmpty {
            walk.append(0)
        }
        return walk
    }
}

extension X86PTE {
    /// `_PAGE_TABLE`: an entry of an upper level, for the table in physical page `frame`.
    static func table(at frame: UInt64) -> Self {
        Self(rawValue: frame << 12 | 0x67)  // present, writable, user, accessed, dirty
    }
}
