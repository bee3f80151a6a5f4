/// Moving a page of private memory to another place: `move_pages_pte()` (mm/userfaultfd.c, Linux 6.12).
extension Machine {
    /// What a move finds at a page.
    package enum Movable: Equatable, Sendable {
        /// A page, the zero page, or a swapped-out page.
        case entry
        /// An empty entry.
        case hole
        /// A page that must be locked first.
        case mustLock(FrameNumber)
        /// A page that can't be moved.
        case refused(Errno)
    }

    /// Looks at the entries of both pages, in the kernel's order.
    ///
    /// - Parameter locked: The page whose lock the caller holds.
    package func movable(
        from source: PageNumber, to page: PageNumber, in map: MapID, locked: FrameNumber
    ) -> Movable {
        guard entry(of: page, in: map).isNone else { return .refused(.exists) }
        let entry = entry(of: source, in: map)
        if entry.isNone { return .hole }
        if entry.isPresent {
            guard entry.mapsCountedFrame else { return .entry }
            guard frames[entry.frame].flags.contains([.anonymous, .anonExclusive]) else { return .refused(.busy) }
            guard entry.frame == locked else { return .mustLock(entry.frame) }
            return isMaybePinned(entry.frame) ? .refused(.busy) : .entry
        }
        guard let slot = swapSlot(of: entry) else { return .refused(.badAddress) }
        guard entry.bits.contains(.swapExclusive) else { return .refused(.busy) }
        guard let cached = swapCachedFolio(of: slot), cached != locked else { return .entry }
        return .mustLock(cached)
    }

    /// Moves what ``movable(from:to:in:locked:)`` has found. A page keeps its content and becomes writable.
    ///
    /// - Returns: Whether there was memory for the table.
    package mutating func movePage(
        from source: PageNumber, to page: PageNumber, of area: VMA, in map: MapID, by task: TaskID
    ) -> Bool {
        guard let leaf = makeLeafTable(map, page, for: task) else { return false }
        let sourceLeaf = leafTable(map, source)
        let entry = tables.entry(sourceLeaf, source)
        moveEntry(entry, from: source, sourceLeaf, to: page, leaf, in: map)
        let folio = entry.mapsCountedFrame ? entry.frame : swapSlot(of: entry).flatMap { swapCachedFolio(of: $0) }
        if let folio { setAnonymousIndex(of: folio, area.fileIndex(of: page)) }
        guard entry.isPresent else { return true }
        var bits = protection(of: area).union(.young).union(entry.bits.intersection([.dirty, .special]))
        if entry.mapsCountedFrame { bits.insert(.writable) }
        changeEntry(tables.entry(leaf, page), to: bits, at: page, in: map, leaf: leaf)
        return true
    }
}
