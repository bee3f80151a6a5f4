/// Swap: slots, their counts, the swap cache. Every change of a slot goes through here.
extension Machine {
    /// Gives the machine a swap area on `device`: `swapon(2)`. There are at most `mostSwapAreas`.
    ///
    /// - Parameters:
    ///   - device: The device that it lies on.
    ///   - pages: How many pages it holds, 1 to 2^24.
    ///   - isSynchronous: Whether the device is done with a page when its driver returns, as compressed memory is. Then
    ///     no task ever waits for a page of it, and its requests can't be observed.
    ///   - isRotational: Whether the device says that it rotates. Then its slots are given out in order, and readahead
    ///     reads the neighbours of a slot. Otherwise slots are given out by clusters of 512, and private memory is read
    ///     ahead by address, if no other area is on a rotating device.
    ///   - priority: The area with the highest priority is filled first, and areas of the same priority take turns.
    ///     Without a priority, an area comes after all that were added before it.
    public mutating func addSwap(
        on device: DeviceID, pages: Int, isSynchronous: Bool = false, isRotational: Bool = true, priority: Int? = nil
    ) {
        _ = index(of: device, "Machine.addSwap")
        guard (1...(1 << 24)).contains(pages) else {
            misuse("Machine.addSwap: a swap area has 1 to 2^24 pages, not \(pages)")
        }
        guard swap.areas.count < SwapSpace.mostAreas else {
            misuse(
                "Machine.addSwap: there are \(SwapSpace.mostAreas) swap areas already: make fewer and larger ones")
        }
        noteWrite(.swap)
        swap.addArea(
            SwapArea(
                on: device, pages: pages, isSynchronous: isSynchronous, isRotational: isRotational,
                priority: priority ?? -2 - swap.areas.count, listsClusters: model.swapSlots == .clusterLists))
    }

    /// Resets swap readahead by slot to its state after a long idle time: no page that was read ahead was wanted, and
    /// the last swap-in was far away.
    public mutating func forgetSwapReadahead() {
        noteWrite(.swap)
        swap.readaheadHits = 0
        swap.previousWindow = 1
        swap.previousSlot = -2
    }

    /// How many swap areas a machine may have.
    package static var mostSwapAreas: Int { SwapSpace.mostAreas }

    /// How many swap areas there are, including those that `swapoff(2)` has removed.
    package var swapAreaCount: Int { swap.areas.count }

    /// How many pages all swap areas in use hold.
    public var swapPages: Int { swap.total }

    /// How many slots can be taken: `nr_swap_pages`. Slots that processors have in stock are not among them.
    public var freeSwapPages: Int { max(0, swap.free) }

    /// How many entries name a slot: its `swap_map` without the swap cache.
    ///
    /// - Precondition: `slot` is at least 0.
    public func swapCount(of slot: Int) -> Int {
        guard slot >= 0 else { misuse("Machine.swapCount: no slot has the number \(slot); slots begin with 1") }
        return Int(swap[slot].count)
    }

    /// The page of a slot, if it is in the swap cache: `swap_cache_get_folio()` without its reference.
    ///
    /// - Precondition: `slot` is at least 0.
    public func swapCachedFolio(of slot: Int) -> FrameNumber? {
        guard slot >= 0 else { misuse("Machine.swapCachedFolio: no slot has the number \(slot); slots begin with 1") }
        let frame = swap[slot].cached
        return frame == .none ? nil : frame
    }

    /// How many pages are in the swap cache.
    public var swapCachedPages: Int { swap.cachedPages }

    /// The slot that an entry names; `nil` if it is not a swap entry.
    public func swapSlot(of entry: PTE) -> Int? {
        entry.bits.contains(.swap) && !entry.isPresent ? entry.frame.index : nil
    }

    /// The slot with an offset in a swap area; the offset is from 1 to the area's length.
    public func swapSlot(at offset: Int, inArea area: Int) -> Int {
        guard swap.areas.indices.contains(area), 1...swap.areas[area].pages ~= offset else {
            misuse(
                "Machine.swapSlot: there is no slot \(offset) in a swap area \(area); this world has \(swap.areas.count) "
                    + "areas, numbered from 0, with the slots 1 to swapPages(ofArea:)")
        }
        return swap.areas[area].slot(at: offset)
    }

    /// How many slots a swap area has.
    public func swapPages(ofArea area: Int) -> Int { swap.areas.indices.contains(area) ? swap.areas[area].pages : 0 }

    /// The swap area of a slot, by the order in which they were added, and the slot's offset there, from 1.
    public func swapPlace(of slot: Int) -> (area: Int, offset: Int) {
        let number = swap.area(of: slot)
        return (number, swap.areas[number].offset(of: slot))
    }

    /// Makes the slots `first` to `last` neither readable nor writable from now on. A page that can't be written stays
    /// in the swap cache, dirty. Slots past the end of the area of the first one are left out.
    ///
    /// - Precondition: The first slot is one of a swap area.
    public mutating func breakSwapSlots(_ slots: ClosedRange<Int>) {
        noteWrite(.swap)
        swap.breakSlots(PageRun(slots.lowerBound, slots.upperBound))
    }

    /// Makes the slots `first` to `last` readable and writable again.
    public mutating func repairSwapSlots(_ slots: ClosedRange<Int>) {
        noteWrite(.swap)
        swap.repairSlots(PageRun(slots.lowerBound, slots.upperBound))
    }

    /// Makes all slots readable and writable again.
    public mutating func repairSwapSlots() {
        noteWrite(.swap)
        swap.repairSlots()
    }

    /// Whether a slot can't be read or written.
    func isBroken(_ slot: Int) -> Bool {
        swap.areas[swap.area(of: slot)].badSlots.contains { $0.first <= slot && slot <= $0.last }
    }

    /// `vm_swap_full()`: whether so few slots are free that pages in memory give up theirs.
    var isSwapNearlyFull: Bool { swap.free * 2 < swap.total }

    /// Changes a slot, and the fingerprint with it. A slot without references is then free.
    mutating func updateSlot(_ slot: Int, _ body: (inout SwapSlot) -> Void) {
        noteWrite(.swap)
        let wasInUse = swap[slot].isInUse
        structuralHash &+= swap.update(slot, body)
        if wasInUse, !swap[slot].isInUse { releaseSlot(slot) }
    }

    // MARK: Swap cache

    /// Gives an anonymous page a slot, and adds the page to the swap cache, dirty: `add_to_swap()`.
    ///
    /// - Returns: Whether a slot was free.
    mutating func addToSwap(_ folio: FrameNumber) -> Bool {
        guard let slot = takeSwapSlot(for: folio) else { return false }
        cache(folio, in: slot)
        setFlags(of: folio, adding: .dirty)
        return true
    }

    /// Adds a page to the swap cache: `add_to_swap_cache()`. The cache takes a reference.
    mutating func cache(_ folio: FrameNumber, in slot: Int) {
        updateSlot(slot) {
            $0.cached = folio
            $0.isReserved = false
        }
        let place = Mixing.swapPlace(slot)
        updateFrame(folio) {
            $0.flags.insert(.swapCache)
            $0.owner = UInt32(slot)
            $0.references &+= 1
            $0.places &+= place
        }
    }

    /// Moves a page of a file from its page cache into the swap cache: `add_to_swap_cache()` with
    /// `shmem_delete_from_page_cache()`. The reference of the page cache moves with it.
    mutating func cache(_ folio: FrameNumber, in slot: Int, takingFrom place: (file: FileID, index: PageIndex)) {
        noteWrite(.cachedPage(place.file, place.index))
        files[place.file.index].cache.set(.none, at: place.index)
        updateSlot(slot) {
            $0.cached = folio
            $0.isReserved = false
        }
        let change = Mixing.swapPlace(slot) &- Mixing.cachePlace(place.file, place.index)
        updateFrame(folio) {
            $0.flags.remove(.cached)
            $0.flags.insert(.swapCache)
            $0.owner = UInt32(slot)
            $0.places &+= change
        }
    }

    /// Removes a page from the swap cache: `delete_from_swap_cache()`. A slot that no entry names is then free.
    mutating func removeFromSwapCache(_ folio: FrameNumber, leaving shadow: Shadow = .none) {
        let slot = Int(frames[folio].owner)
        updateSlot(slot) {
            $0.cached = .none
            $0.shadow = shadow
        }
        let place = Mixing.swapPlace(slot)
        updateFrame(folio) {
            $0.flags.subtract([.swapCache, .readahead])
            $0.owner = 0
            $0.references &-= 1
            $0.places &-= place
        }
        freeIfUnused(folio)
    }

    /// Frees the slot of a page in memory, if no entry names it and it is not being written: `folio_free_swap()`.
    ///
    /// The page is dirty afterwards: nothing else has its content.
    ///
    /// - Returns: Whether the page has no slot now.
    @discardableResult
    mutating func freeSwap(of folio: FrameNumber) -> Bool {
        let flags = frames[folio].flags
        guard flags.contains(.swapCache), !flags.contains(.writeback) else { return false }
        guard swap[Int(frames[folio].owner)].count == 0 else { return false }
        setFlags(of: folio, adding: .dirty)
        removeFromSwapCache(folio)
        return true
    }

    // MARK: Swap entries

    /// Counts one more entry that names a slot: `swap_duplicate()`.
    mutating func duplicateSwap(_ slot: Int) { updateSlot(slot) { $0.count += 1 } }

    /// Counts one entry less that names a slot: `swap_free()`.
    mutating func freeSwap(slot: Int) { updateSlot(slot) { $0.count -= 1 } }

    /// Drops a swap entry of `map` that has just been removed: `free_swap_and_cache()`. A page in the swap cache
    /// without other users is dropped with the last entry.
    ///
    /// - Parameter freesSlot: Whether the slot, which only this entry names, is free at once; see ``SwapRun``.
    mutating func dropSwapEntry(_ entry: PTE, of map: MapID, freesSlot: Bool = false) {
        let slot = entry.frame.index
        maps[map.index].rss.swapEntries -= 1
        if freesSlot, !mistaken(.unmappingKeepsSlot) {
            noteWrite(.swap)
            structuralHash &+= swap.update(slot) { $0.count -= 1 }
            return giveBack(slot)
        }
        if !mistaken(.unmappingKeepsSlot) { freeSwap(slot: slot) }
        if !mistaken(.droppedEntryKeepsPage) { giveUpSwapCache(of: slot) }
    }

    /// Drops the page in the swap cache of a slot that no entry names, if no entry maps the page, or if slots are
    /// short: `__try_to_reclaim_swap()` with `TTRS_UNMAPPED` and `TTRS_FULL`.
    mutating func giveUpSwapCache(of slot: Int) {
        let folio = swap[slot].cached
        guard folio != .none, swap[slot].count == 0, !frames[folio].flags.contains(.locked) else { return }
        if frames[folio].mappings == 0 || isSwapNearlyFull { freeSwap(of: folio) }
    }

    /// Frees the slot of a page that no entry maps: `free_swap_cache()`.
    mutating func freeUnmappedSwapCache(_ folio: FrameNumber) {
        let frame = frames[folio]
        guard frame.mappings == 0, frame.flags.contains(.swapCache), !frame.flags.contains(.locked) else { return }
        freeSwap(of: folio)
    }

    /// Replaces an entry that maps an anonymous page of the swap cache by one that names its slot: the middle of
    /// `try_to_unmap_one()`. The entry's reference is dropped.
    mutating func replaceBySwapEntry(_ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        let folio = old.frame
        let slot = Int(frames[folio].owner)
        var bits: PTE.Bits = .swap
        if frames[folio].flags.contains(.anonExclusive), !mistaken(.swapForgetsExclusive) {
            bits.insert(.swapExclusive)
        }
        bits.formUnion(old.bits.intersection(.userfaultProtected))
        let place = Mixing.entryPlace(map, page, old.bits.rawValue)
        updateFrame(folio) {
            $0.mappings &-= 1
            $0.references &-= 1
            $0.places &-= place
            $0.flags.remove(.anonExclusive)
            if old.isDirty { $0.flags.insert(.dirty) }
        }
        maps[map.index].rss.add(-1, .anonymous)
        maps[map.index].rss.swapEntries += 1
        noteSwappedMap(map)
        duplicateSwap(slot)
        let new = PTE(FrameNumber(slot), bits)
        setEntry(new, at: page, in: map, leaf: leaf)
        structuralHash &+= Mixing.entryPlace(map, page, new.rawValue)
    }

    /// Removes a swap entry for good, so that a page can be mapped in its place. Its slot keeps the count.
    mutating func clearSwapEntry(_ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        setEntry(.none, at: page, in: map, leaf: leaf)
        structuralHash &-= Mixing.entryPlace(map, page, old.rawValue)
        maps[map.index].rss.swapEntries -= 1
    }

    /// Notes that a map has had pages swapped out: it is added to `mmlist`, at the front, or after its parent.
    mutating func noteSwappedMap(_ map: MapID, after parent: MapID? = nil) {
        guard !swap.maps.contains(map) else { return }
        noteWrite(.swap)
        let place = parent.flatMap { swap.maps.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        swap.maps.insert(map, at: place)
    }

    /// Notes that a map is gone.
    mutating func forgetSwappedMap(_ map: MapID) {
        guard let place = swap.maps.firstIndex(of: map), !mistaken(.deadMapStaysSwapped) else { return }
        noteWrite(.swap)
        swap.maps.remove(at: place)
    }
}
