/// Giving entries the current protection of their area: `change_protection()` (mm/mprotect.c, Linux 6.1).
extension Machine {
    /// Changes the present entries in `range`, which lies in `area`, to the area's protection; dirty and young stay.
    ///
    /// If a shared area need not notice writes, its entries become writable at once. Any other entry becomes writable
    /// only where the write fault would do nothing more than that: see ``mayBecomeWritable(_:in:)``. Swap entries carry
    /// no protection.
    mutating func changeProtection(of range: Range<PageNumber>, to area: VMA, in map: MapID) {
        let base = protection(of: area)
        // The kernel asks vma_wants_writenotify() while the old protection, which differs, is still in place. So of the
        // shared areas only those get this far whose handler has page_mkwrite.
        let triesWritable = area.flags.contains(.write) && (!area.flags.contains(.shared) || hasMkwrite(area))
        forEachEntry(in: range, of: map) { machine, page, leaf, entry in
            guard entry.isPresent else { return }
            var bits = base.union(entry.bits.intersection([.dirty, .young, .special, .userfaultProtected]))
            let isProtected = entry.bits.contains(.userfaultProtected) && area.flags.contains(.userfaultProtect)
            if triesWritable, !isProtected, machine.mayBecomeWritable(entry, in: area) { bits.insert(.writable) }
            machine.changeEntry(entry, to: bits, at: page, in: map, leaf: leaf)
        }
    }

    /// `can_change_pte_writable()`: the page of a shared area is known to be dirty. The page of a private area belongs
    /// to this map alone and, by ``KernelModel/WritableEntries``, may have to be dirty, too.
    func mayBecomeWritable(_ entry: PTE, in area: VMA) -> Bool {
        if area.flags.contains(.shared) { return entry.isDirty }
        guard model.writableEntries != .none, entry.isDirty || model.writableEntries == .exclusive else { return false }
        return entry.mapsCountedFrame && frames[entry.frame].flags.contains([.anonymous, .anonExclusive])
    }
}
