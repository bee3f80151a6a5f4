/// Write protection that a program asks for: the bit in entries, and markers where there is no entry.
extension Machine {
    /// Sets or clears the write-protect bit of the entries in `range`, which lies in `area`: `uffd_wp_range()` with
    /// `change_protection()` (mm/userfaultfd.c, mm/mprotect.c, Linux 6.1 and 6.12).
    ///
    /// A protected entry that would be empty becomes a marker: always in memory of files, in private memory only with
    /// ``UserfaultFeatures/wpUnpopulated``. The pages of one table are done before the next table.
    ///
    /// - Returns: Whether there was memory for the tables of markers. Pages before a table that could not be made are
    ///   protected. By ``KernelModel/ProtectedRange/oneArea``, the pages of such a table are skipped without an error.
    @discardableResult
    package mutating func protectEntries(
        in range: Range<PageNumber>, of area: VMA, in map: MapID, protects: Bool
    ) -> Bool {
        guard protects, usesMarkers(area) else {
            changeProtected(in: range, of: area, in: map, protects: protects)
            return true
        }
        var page = range.lowerBound
        while page < range.upperBound {
            let room = geometry.entriesPerTable - geometry.slot(of: page)
            let part = page..<page + min(room, range.upperBound - page)
            if putMarkers(in: part, in: map) {
                changeProtected(in: part, of: area, in: map, protects: true)
            } else if model.protectedRange == .severalAreas {
                return false
            }
            page = part.upperBound
        }
        return true
    }

    /// Changes the entries that are not empty.
    private mutating func changeProtected(
        in range: Range<PageNumber>, of area: VMA, in map: MapID, protects: Bool
    ) {
        let base = protection(of: area)
        let lifted: PTE.Bits =
            model.liftedProtection == .asUntracked && area.flags.contains([.shared, .write]) ? .writable : []
        forEachEntry(in: range, of: map) { machine, page, leaf, entry in
            guard entry.isPresent else {
                return machine.protect(entry, at: page, in: map, leaf: leaf, protects: protects)
            }
            var bits = base.union(entry.bits.intersection([.dirty, .young, .special]))
            if protects {
                bits.remove(.writable)
                bits.insert(.userfaultProtected)
            } else {
                bits.formUnion(lifted)
                if machine.isWritableWhenLifted(entry, in: area) { bits.insert(.writable) }
            }
            machine.changeEntry(entry, to: bits, at: page, in: map, leaf: leaf)
        }
    }

    /// Whether a store to a page whose protection is lifted would only make its entry writable.
    private func isWritableWhenLifted(_ entry: PTE, in area: VMA) -> Bool {
        guard model.liftedProtection == .writableWhereSafe, area.flags.contains(.write) else { return false }
        // vma_wants_writenotify() returns false for shared memory whose entries are read-only because of the write
        // protection.
        guard !area.flags.contains(.shared) || hasMkwrite(area) else { return false }
        return mayBecomeWritable(entry, in: area)
    }

    /// Changes an entry that is not present: swap entries have the bit, too; a marker has only that bit.
    private mutating func protect(
        _ entry: PTE, at page: PageNumber, in map: MapID, leaf: UInt32, protects: Bool
    ) {
        if entry.bits.contains(.lost) { return }
        if entry.isMarker {
            if !protects { removeMarker(at: page, in: map, leaf: leaf) }
            return
        }
        var bits = entry.bits
        if protects { bits.insert(.userfaultProtected) } else { bits.remove(.userfaultProtected) }
        changeEntry(entry, to: bits, at: page, in: map, leaf: leaf)
    }

    /// Whether empty entries of an area are protected by markers: `userfaultfd_wp_use_markers()`.
    private func usesMarkers(_ area: VMA) -> Bool {
        if !area.isAnonymous { return true }
        let descriptor = area.flags.userfault
        return descriptor != .none && userfaults[descriptor.index].features.contains(.wpUnpopulated)
    }

    /// Puts markers into the empty entries of one table in `range`. Returns whether there was memory for the table.
    private mutating func putMarkers(in range: Range<PageNumber>, in map: MapID) -> Bool {
        guard let leaf = makeLeafTable(map, range.lowerBound, for: scheduler.current) else { return false }
        for offset in 0..<(range.upperBound - range.lowerBound) {
            let page = range.lowerBound + offset
            if tables.entry(leaf, page).isNone { setSpecialEntry(.marker, at: page, in: map, leaf: leaf) }
        }
        return true
    }

    /// Whether stores to an area's protected pages lift the protection without a message: `userfaultfd_wp_async()`.
    func liftsProtectionItself(_ area: VMA) -> Bool {
        let descriptor = area.flags.userfault
        return descriptor != .none && userfaults[descriptor.index].features.contains(.wpAsync)
    }

    /// Lifts the protection of the entry of a fault, in an area that does so by itself.
    mutating func liftProtection(_ entry: PTE, of fault: inout VMFault, _ leaf: UInt32) -> PTE {
        let bits = entry.bits.subtracting(.userfaultProtected)
        changeEntry(entry, to: bits, at: fault.page, in: fault.map, leaf: leaf)
        fault.originalEntry = tables.entry(leaf, fault.page)
        return fault.originalEntry
    }

    /// What remains of an entry of `area` when the entry, or its page, is removed. It is a marker if the entry was
    /// protected and the memory belongs to a file (`pte_install_uffd_wp_if_needed()`).
    @inline(__always)
    func leavesMarker(_ entry: PTE, in area: VMA) -> Bool {
        !mistaken(.protectionForgottenByUnmapping) && entry.bits.contains(.userfaultProtected)
            && area.flags.contains(.userfaultProtect) && !area.isAnonymous
    }
}
