/// Moving mapped pages to other addresses: `move_vma()` and below (mm/mremap.c, Linux 6.1).
extension Machine {
    /// Moves the part `range` of one area to `target`, where it gets `newPages` pages: `move_vma()`.
    ///
    /// Needs the mmap lock for writing, and nothing may be mapped at the target. The entries keep all their bits, so no
    /// count of entries changes.
    ///
    /// - Parameters:
    ///   - toldPages: How many pages the userfaultfd event reports: the length that the caller gave, even if it was cut
    ///     off.
    ///   - leaves: Whether the old pages stay mapped, empty: `MREMAP_DONTUNMAP`.
    /// - Returns: `false` (`ENOMEM`) if areas or page tables ran short; then everything is where it was.
    mutating func move(
        _ range: Range<PageNumber>, of area: VMA, to target: PageNumber, newPages: Int, toldPages: Int, leaves: Bool,
        in map: MapID, by task: TaskID
    ) -> Bool {
        defer { endTelling(by: task) }
        // Unmapping may split: fail now rather than halfway.
        guard maps[map.index].areas.count < settings.mapCountLimit - 3 else { return false }
        guard insertCopy(of: area, from: range.lowerBound, to: target, pages: newPages, in: map, by: task) else {
            return false
        }
        let dropsProtection = losesRegistration(area)
        let moved = moveEntries(in: range, to: target, of: map, by: task, dropsProtection: dropsProtection)
        guard moved == range.upperBound - range.lowerBound else {
            _ = moveEntries(in: target..<target + moved, to: range.lowerBound, of: map, by: task)
            _ = unmap(target..<target + newPages, of: map, by: task)
            return false
        }
        noteMoved(range.lowerBound, pages: toldPages, to: target, in: map, by: task)
        if leaves {
            leave(range, in: map)
        } else {
            // An error leaves the old area behind, without entries.
            _ = unmap(range, of: map, by: task)
        }
        return true
    }

    /// Keeps the area whose pages of `range` were moved away. It is no longer locked. If none of its pages is left, it also
    /// loses its `anon_vma` (`unlink_anon_vmas()`), and gets the linear index of a new area.
    private mutating func leave(_ range: Range<PageNumber>, in map: MapID) {
        guard let position = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound) else { return }
        var area = maps[map.index].areas[position]
        area.flags.subtract([.locked, .lockOnFault])
        if area.start == range.lowerBound, area.end == range.upperBound {
            area.anonVMA = 0
            area.anonLinks = 0
            if area.isAnonymous { area.startIndex = PageIndex(rawValue: area.start.rawValue) }
        }
        replaceArea(at: position, in: map, with: area)
    }

    /// Makes the new area, or grows a neighbour of the target: `copy_vma()`.
    ///
    /// Private memory that has no `anon_vma` yet is renumbered for its new address, so that it can merge there; it may
    /// even merge with the area it comes from.
    private mutating func insertCopy(
        of area: VMA, from page: PageNumber, to target: PageNumber, pages: Int, in map: MapID, by task: TaskID
    ) -> Bool {
        let copy = Self.copy(of: area, from: page, to: target, pages: pages)
        if merge(copy, in: map) != nil { return true }
        guard !allocationFails(.area, for: task) else { return false }
        insertArea(copy, in: map)
        return true
    }

    private static func copy(of area: VMA, from page: PageNumber, to target: PageNumber, pages: Int) -> VMA {
        var copy = area
        copy.startIndex = area.fileIndex(of: page)
        copy.start = target
        copy.end = target + pages
        if area.isAnonymous, area.anonVMA == 0 { copy.startIndex = PageIndex(rawValue: target.rawValue) }
        return copy
    }

    /// Write-locks what ``move(_:of:to:newPages:toldPages:leaves:in:by:)`` is about to change: the area, and the
    /// neighbours of the target that its copy will join.
    mutating func waitToMove(
        _ area: VMA, from page: PageNumber, to target: PageNumber, pages: Int, in map: MapID
    ) -> TaskWait? {
        guard model.areaLocks != .none else { return nil }
        if let wait = waitToWrite(area, in: map) { return wait }
        return waitToWrite(
            partnersOf: Self.copy(of: area, from: page, to: target, pages: pages), isNew: false, in: map)
    }

    /// Keeps the moved area registered and reports the move, or ends the registration: `mremap_userfaultfd_prep()`.
    private mutating func noteMoved(
        _ page: PageNumber, pages: Int, to target: PageNumber, in map: MapID, by task: TaskID
    ) {
        guard !hasNoUserfaults, let position = maps[map.index].areas.firstPosition(endingAfter: target) else { return }
        var area = maps[map.index].areas[position]
        let flags = noteMove(of: page, pages: pages, to: target, with: area.flags, by: task)
        guard flags != area.flags else { return }
        area.flags = flags
        replaceArea(at: position, in: map, with: area)
    }

    /// Removes the write protection of an entry that has moved to where no userfaultfd handles it.
    private mutating func dropProtection(at page: PageNumber, in map: MapID, leaf: UInt32) {
        let entry = tables.entry(leaf, page)
        guard entry.bits.contains(.userfaultProtected) else { return }
        if entry.isMarker { return removeMarker(at: page, in: map, leaf: leaf) }
        changeEntry(entry, to: entry.bits.subtracting(.userfaultProtected), at: page, in: map, leaf: leaf)
    }

    /// Moves the entries in `range` to `target`: `move_page_tables()`.
    ///
    /// - Returns: How many pages it got through; fewer than the range has if a page table could not be made.
    private mutating func moveEntries(
        in range: Range<PageNumber>, to target: PageNumber, of map: MapID, by task: TaskID,
        dropsProtection: Bool = false
    ) -> Int {
        var page = range.lowerBound
        let entries = geometry.entriesPerTable
        while page < range.upperBound {
            let new = target + (page - range.lowerBound)
            // Up to the end of the old table or of the new one, whichever comes first.
            let room = min(entries - geometry.slot(of: page), entries - geometry.slot(of: new))
            let extent = min(room, range.upperBound - page)
            let oldLeaf = leafTable(map, page)
            if oldLeaf != 0 {
                guard let newLeaf = makeLeafTable(map, new, for: task) else { break }
                for offset in 0..<extent {
                    let entry = tables.entry(oldLeaf, page + offset)
                    if !entry.isNone {
                        moveEntry(entry, from: page + offset, oldLeaf, to: new + offset, newLeaf, in: map)
                        if dropsProtection { dropProtection(at: new + offset, in: map, leaf: newLeaf) }
                    }
                }
            }
            page = page + extent
        }
        return page - range.lowerBound
    }
}
