/// Page-table entries. Every change of an entry goes through here, together with the counts that depend on it.
extension Machine {
    /// The entry of `page` in `map`; none if there is no table.
    public func entry(of page: PageNumber, in map: MapID) -> PTE {
        let leaf = tables.leaf(maps[index(of: map)].root, page)
        return leaf == 0 ? .none : tables.entry(leaf, page)
    }

    /// The number of the lowest table that covers `page`; 0 if there is none.
    @inline(__always)
    func leafTable(_ map: MapID, _ page: PageNumber) -> UInt32 { tables.leaf(maps[map.index].root, page) }

    /// Whether there is a lowest table for `page`: `!pmd_none()`.
    package func hasTable(for page: PageNumber, in map: MapID) -> Bool { leafTable(map, page) != 0 }

    /// Makes the lowest table for `page` if it is missing: `pte_alloc()`; `nil` if there is no memory.
    @inline(__always)
    mutating func makeLeafTable(_ map: MapID, _ page: PageNumber, for task: TaskID) -> UInt32? {
        let leaf = tables.leaf(maps[map.index].root, page)
        return leaf != 0 ? leaf : allocateLeafTable(map, page, for: task)
    }

    @inline(never)
    private mutating func allocateLeafTable(_ map: MapID, _ page: PageNumber, for task: TaskID) -> UInt32? {
        guard !allocationFails(.pageTable, for: task) else { return nil }
        noteWrite(.entries(map))
        let leaf = tables.makeLeaf(maps[map.index].root, page)
        structuralHash &+= tablePlace(map, page)
        return leaf
    }

    /// The place "lowest page table of `page` in map `map`".
    func tablePlace(_ map: MapID, _ page: PageNumber) -> UInt64 {
        Mixing.entryPlace(map, PageNumber(page.rawValue >> UInt64(geometry.bitsPerLevel)), 0xFFFF_0001)
    }

    /// Frees the page tables that lie wholly in `range`, whose entries must be none: `free_pgtables()`.
    mutating func freeTables(_ map: MapID, in range: Range<PageNumber>) {
        var freed: [PageNumber] = []
        let nodes = tables.nodesInUse
        tables.freeTables(maps[map.index].root, in: range) { freed.append($0) }
        if tables.nodesInUse != nodes { noteWrite(.entries(map)) }
        for page in freed { structuralHash &-= tablePlace(map, page) }
    }

    /// Writes an entry, without updating anything that depends on it.
    @inline(__always)
    mutating func setEntry(_ entry: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        noteWrite(.entry(map, page))
        tables.setEntry(leaf, page, entry)
    }

    /// Sets an entry that maps no counted page, where there was none: the zero page, a swap slot, a marker, or a lost
    /// page.
    mutating func setSpecialEntry(_ entry: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        structuralHash &+= Mixing.entryPlace(map, page, entry.rawValue)
        setEntry(entry, at: page, in: map, leaf: leaf)
    }

    /// Maps a page that the caller holds in `slot`, where there was no entry: the caller's reference becomes the
    /// entry's.
    @inline(__always)
    mutating func mapHeld(
        _ frame: FrameNumber, _ bits: PTE.Bits, at page: PageNumber, in map: MapID, leaf: UInt32, heldBy task: TaskID,
        in slot: HoldSlot, adding flags: FrameFlags = []
    ) {
        let place = Mixing.entryPlace(map, page, bits.rawValue) &- Mixing.stackPlace(task, UInt64(slot.rawValue))
        updateFrame(frame) {
            $0.mappings &+= 1
            $0.places &+= place
            $0.flags.formUnion(flags)
        }
        setEntry(PTE(frame, bits), at: page, in: map, leaf: leaf)
        let kind = frames[frame].flags.kind
        maps[map.index].rss.add(1, mistaken(.tmpfsCountsAsFile) && kind == .shmem ? .file : kind)
    }

    /// Maps a page where there was no entry, with a reference of its own.
    @inline(__always)
    mutating func mapFrame(
        _ frame: FrameNumber, _ bits: PTE.Bits, at page: PageNumber, in map: MapID, leaf: UInt32
    ) {
        let place = Mixing.entryPlace(map, page, bits.rawValue)
        updateFrame(frame) {
            $0.mappings &+= 1
            $0.references &+= 1
            $0.places &+= place
        }
        setEntry(PTE(frame, bits), at: page, in: map, leaf: leaf)
        maps[map.index].rss.add(1, frames[frame].flags.kind)
    }

    /// Changes the bits of an entry; the page stays the same.
    @inline(__always)
    mutating func changeEntry(_ old: PTE, to bits: PTE.Bits, at page: PageNumber, in map: MapID, leaf: UInt32) {
        var new = old
        new.bits = bits
        guard new != old else { return }
        if old.mapsCountedFrame {
            let place =
                Mixing.entryPlace(map, page, bits.rawValue) &- Mixing.entryPlace(map, page, old.bits.rawValue)
            updateFrame(old.frame) { $0.places &+= place }
        } else {
            structuralHash &+=
                Mixing.entryPlace(map, page, new.rawValue) &- Mixing.entryPlace(map, page, old.rawValue)
        }
        setEntry(new, at: page, in: map, leaf: leaf)
    }

    /// Changes the bits of the entry of `page`.
    package mutating func changeEntry(of page: PageNumber, in map: MapID, to bits: PTE.Bits) {
        let leaf = leafTable(map, page)
        guard leaf != 0 else { return }
        changeEntry(tables.entry(leaf, page), to: bits, at: page, in: map, leaf: leaf)
    }

    /// Moves an entry with all its bits to another page of the map, which has no entry: one entry of `move_ptes()`.
    mutating func moveEntry(
        _ entry: PTE, from old: PageNumber, _ oldLeaf: UInt32, to new: PageNumber, _ newLeaf: UInt32, in map: MapID
    ) {
        if entry.mapsCountedFrame {
            let bits = entry.bits.rawValue
            let place = Mixing.entryPlace(map, new, bits) &- Mixing.entryPlace(map, old, bits)
            updateFrame(entry.frame) { $0.places &+= place }
        } else {
            structuralHash &+=
                Mixing.entryPlace(map, new, entry.rawValue) &- Mixing.entryPlace(map, old, entry.rawValue)
        }
        setEntry(.none, at: old, in: map, leaf: oldLeaf)
        setEntry(entry, at: new, in: map, leaf: newLeaf)
    }

    /// Removes an entry and drops its page: one entry of `zap_pte_range()`.
    ///
    /// A dirty entry of a file page makes the page dirty.
    ///
    /// - Parameter marksAccessed: Whether a young entry marks the page accessed. True in zapping, unless the area is
    ///   read sequentially; false in reclaim, and when a copy replaces the page.
    /// - Parameter freesSlot: Whether a slot of swap is free at once; see ``SwapRun``.
    mutating func zapEntry(
        _ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32, marksAccessed: Bool, freesSlot: Bool = false,
        by task: TaskID
    ) {
        setEntry(.none, at: page, in: map, leaf: leaf)
        guard old.mapsCountedFrame else {
            structuralHash &-= Mixing.entryPlace(map, page, old.rawValue)
            if swapSlot(of: old) != nil { dropSwapEntry(old, of: map, freesSlot: freesSlot) }
            return
        }
        let frame = old.frame
        let kind = frames[frame].flags.kind
        let isKept = keepsLists && (configuration.limitsFrames || isCharged(frame))
        if kind != .anonymous, old.isDirty, !mistaken(.unmappingForgetsDirty) { _ = markDirty(frame, by: task) }
        let place = Mixing.entryPlace(map, page, old.bits.rawValue)
        let isAccessed = marksAccessed && kind != .anonymous && old.bits.contains(.young)
        updateFrame(frame) {
            $0.mappings &-= 1
            $0.references &-= 1
            $0.places &-= place
            if isAccessed, !isKept { $0.flags.insert(.referenced) }
        }
        maps[map.index].rss.add(-1, kind)
        if isAccessed, isKept { markAccessed(frame) }
        if isKept, hasGroup { unlockInGroup(frame) }
        // The swap cache has a reference of its own, which may be dropped with the last entry.
        guard !frames[frame].flags.contains(.swapCache) else { return freeUnmappedSwapCache(frame) }
        freeIfUnused(frame)
    }

    /// Calls `body` with each entry in `range` that is not none, in address order.
    ///
    /// Entries may be changed by `body`; tables must not be freed.
    mutating func forEachEntry(
        in range: Range<PageNumber>, of map: MapID, _ body: (inout Machine, PageNumber, UInt32, PTE) -> Void
    ) {
        var leaves: [(PageNumber, UInt32)] = []
        tables.forEachLeaf(maps[map.index].root, in: range) { leaves.append(($0, $1)) }
        let entries = geometry.entriesPerTable
        for (base, leaf) in leaves {
            let first = max(0, range.lowerBound - base)
            let last = min(entries, range.upperBound - base)
            guard first < last else { continue }
            for slot in first..<last {
                let entry = PTE(rawValue: tables.nodes[Int(leaf), slot])
                if !entry.isNone { body(&self, base + slot, leaf, entry) }
            }
        }
    }

    /// Removes all entries in `range`: `unmap_page_range()`.
    ///
    /// - Parameter isSequential: Whether the areas are read sequentially: then no page is expected to be used again.
    package mutating func zap(
        _ range: Range<PageNumber>, of map: MapID, isSequential: Bool = false, by task: TaskID
    ) {
        var run = SwapRun()
        forEachEntry(in: range, of: map) { machine, page, leaf, entry in
            run.goOn(entry, at: page, in: leaf, below: range.upperBound, machine)
            machine.zapEntry(
                entry, at: page, in: map, leaf: leaf, marksAccessed: !isSequential, freesSlot: run.freesAtOnce(page),
                by: task)
        }
    }

    /// Removes an entry of `area`, which stays. If stores to the page are handed over, a marker remembers that.
    mutating func zapEntry(
        _ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32, of area: VMA, marksAccessed: Bool,
        freesSlot: Bool = false, by task: TaskID
    ) {
        let leavesMarker = leavesMarker(old, in: area)
        if leavesMarker, old.isMarker { return }
        zapEntry(
            old, at: page, in: map, leaf: leaf, marksAccessed: marksAccessed, freesSlot: freesSlot, by: task)
        if leavesMarker { setSpecialEntry(.marker, at: page, in: map, leaf: leaf) }
    }

    /// How many pages a map maps, by kind.
    public func rss(of map: MapID) -> ResidentPages {
        map == .none ? ResidentPages() : maps[index(of: map)].rss
    }
}
