/// `MADV_PAGEOUT` and `MADV_COLD`: `madvise_cold_or_pageout_pte_range()` (mm/madvise.c, Linux 6.1).
enum PageOut {
    /// Reclaims the next page of `range` that can be reclaimed. Returns the page to go on at: the end of the range if
    /// there was no such page.
    ///
    /// Pages that another process maps, too, are skipped, whatever their kind.
    static func reclaimNext(
        _ range: Range<PageNumber>, of map: MapID, by task: TaskID, _ machine: inout Machine
    ) -> PageNumber {
        guard let (page, entry) = machine.firstOwnPage(in: range, of: map) else { return range.upperBound }
        let ignoresUse = machine.model.pageOutReferences == .ignored
        machine.forgetUse(of: entry, at: page, in: map, keepsEntry: ignoresUse)
        let isOfGroup = machine.isCharged(entry.frame)
        if isOfGroup {
            guard machine.isolate(entry.frame) else { return page + 1 }
            machine.setFlags(of: entry.frame, removing: .active)
        }
        let outcome = machine.reclaimPage(entry.frame, by: task, ignoringReferences: ignoresUse)
        if isOfGroup {
            guard outcome != .freed else { return page + 1 }
            if outcome == .activated { machine.setFlags(of: entry.frame, adding: .active) }
            machine.addToGroup(entry.frame, isReclaiming: true)
        } else if outcome == .activated {
            machine.activate(entry.frame)
        }
        return page + 1
    }

    /// Makes the pages of `range` look unused, so that reclaim takes them early.
    static func makeCold(_ range: Range<PageNumber>, of map: MapID, _ machine: inout Machine) {
        var next = range.lowerBound
        while let (page, entry) = machine.firstOwnPage(in: next..<range.upperBound, of: map) {
            machine.forgetUse(of: entry, at: page, in: map, keepsEntry: false)
            machine.deactivate(entry.frame)
            next = page + 1
        }
    }
}

extension Machine {
    /// The first page of `range` with an entry whose page nothing else maps.
    fileprivate func firstOwnPage(in range: Range<PageNumber>, of map: MapID) -> (PageNumber, PTE)? {
        firstEntry(in: range, of: map) { $0.mapsCountedFrame && frames[$0.frame].mappings == 1 }
    }

    /// The first page of `range` with an entry that names a swap slot of an area, and the slot.
    func firstSwapEntry(
        in range: Range<PageNumber>, of map: MapID, naming area: Int
    ) -> (PageNumber, entry: PTE)? {
        firstEntry(in: range, of: map) { swapSlot(of: $0).map { swap.area(of: $0) == area } ?? false }
    }

    /// The first page of `range` with an entry that names a swap slot whose page is not in memory, and the slot.
    func firstSwappedOut(in range: Range<PageNumber>, of map: MapID) -> (PageNumber, slot: Int)? {
        firstEntry(in: range, of: map) {
            swapSlot(of: $0).map { swapCachedFolio(of: $0) == nil && swapCount(of: $0) > 0 } ?? false
        }
        .map { ($0, slot: $1.frame.index) }
    }

    /// The first page of `range` with an entry for which the closure returns true.
    private func firstEntry(
        in range: Range<PageNumber>, of map: MapID, where isMeant: (PTE) -> Bool
    ) -> (PageNumber, PTE)? {
        guard range.lowerBound < range.upperBound else { return nil }
        let entries = geometry.entriesPerTable
        return tables.firstInLeaves(maps[map.index].root, in: range) { base, leaf in
            let first = max(0, range.lowerBound - base)
            let last = min(entries, range.upperBound - base)
            guard first < last else { return nil }
            for slot in first..<last {
                let entry = PTE(rawValue: tables.nodes[Int(leaf), slot])
                if !entry.isNone, isMeant(entry) { return (base + slot, entry) }
            }
            return nil
        }
    }

    /// Clears the accessed bit of an entry, unless the entry is to be kept, and the mark of its page.
    fileprivate mutating func forgetUse(of entry: PTE, at page: PageNumber, in map: MapID, keepsEntry: Bool) {
        if !keepsEntry { changeEntry(of: page, in: map, to: entry.bits.subtracting(.young)) }
        if frames[entry.frame].flags.contains(.referenced) { setFlags(of: entry.frame, removing: .referenced) }
    }
}
