/// Swap: slots, their counts, the swap cache. Every change of a slot goes through here.
extension Machine {
    /// Gives the machine a swap area on `device`: `swapon(2)`. Areas are filled in the order in which they are added;
    /// there are at most ``mostSwapAreas``.
    ///
    /// - Parameters:
    ///   - pages: How many pages it holds, 1 to 2^24.
    ///   - isSynchronous: Whether the device is done with a page when its driver returns, as compressed memory is: then
    ///     nobody ever waits for a page of it, and its requests are not seen.
    public mutating func addSwap(on device: DeviceID, pages: Int, isSynchronous: Bool = false) {
        _ = index(of: device, "Machine.addSwap")
        guard (1...(1 << 24)).contains(pages) else {
            misuse("Machine.addSwap: a swap area has 1 to 2^24 pages, not \(pages)")
        }
        guard swap.areas.count < SwapSpace.mostAreas else {
            misuse(
                "Machine.addSwap: there are \(SwapSpace.mostAreas) swap areas already: make fewer and larger ones")
        }
        noteWrite(.swap)
        swap.addArea(on: device, pages: pages, isSynchronous: isSynchronous)
    }

    /// How many swap areas a machine may have.
    public static var mostSwapAreas: Int { SwapSpace.mostAreas }

    /// How many swap areas there are.
    public var swapAreaCount: Int { swap.areas.count }

    /// How many pages all swap areas hold.
    public var swapPages: Int { swap.total }

    /// How many slots are free.
    public var freeSwapPages: Int { swap.total - swap.slotsInUse }

    /// How many entries name a slot: its `swap_map` without the swap cache.
    public func swapCount(of slot: Int) -> Int { Int(swap.slots[slot].count) }

    /// The page of a slot, if it is in the swap cache: `swap_cache_get_folio()` without its reference.
    public func swapCachedFolio(of slot: Int) -> FrameNumber? {
        let frame = swap.slots[slot].cached
        return frame == .none ? nil : frame
    }

    /// How many pages are in the swap cache.
    public var swapCachedPages: Int { swap.slots.count { $0.cached != .none } }

    /// The slot that an entry names; `nil` if it is no swap entry.
    public func swapSlot(of entry: PTE) -> Int? {
        entry.bits.contains(.swap) && !entry.isPresent ? entry.frame.index : nil
    }

    /// From now on the slots `first` to `last` can't be read: reads of them fail.
    public mutating func breakSwapSlots(_ slots: ClosedRange<Int>) {
        noteWrite(.swap)
        swap.breakSlots(PageRun(slots.lowerBound, slots.upperBound))
    }

    /// Whether a slot's page is lost.
    func isBroken(_ slot: Int) -> Bool {
        swap.areas[swap.area(of: slot)].badSlots.contains { $0.first <= slot && slot <= $0.last }
    }

    /// `vm_swap_full()`: so little is free that slots of pages in memory are given up.
    var isSwapNearlyFull: Bool { freeSwapPages * 2 < swap.total }

    /// Changes a slot, and the fingerprint with it.
    mutating func updateSlot(_ slot: Int, _ body: (inout SwapSlot) -> Void) {
        noteWrite(.swap)
        structuralHash &+= swap.update(slot, body)
    }

    // MARK: Swap cache

    /// Gives an anonymous page a slot, and puts it into the swap cache, dirty: `add_to_swap()`.
    ///
    /// - Returns: Whether a slot was free.
    mutating func addToSwap(_ folio: FrameNumber) -> Bool {
        guard let slot = swap.takeSlot() else { return false }
        cache(folio, in: slot)
        setFlags(of: folio, adding: .dirty)
        return true
    }

    /// Puts a page into the swap cache: `add_to_swap_cache()`. The cache takes a reference.
    mutating func cache(_ folio: FrameNumber, in slot: Int) {
        updateSlot(slot) { $0.cached = folio }
        let place = Mixing.swapPlace(slot)
        updateFrame(folio) {
            $0.flags.insert(.swapCache)
            $0.owner = UInt32(slot)
            $0.references &+= 1
            $0.places &+= place
        }
    }

    /// Takes a page out of the swap cache: `delete_from_swap_cache()`. A slot that no entry names is free then.
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
    /// The page is dirty then: nothing else has its content.
    ///
    /// - Returns: Whether the page has no slot now.
    @discardableResult
    mutating func freeSwap(of folio: FrameNumber) -> Bool {
        let flags = frames[folio].flags
        guard flags.contains(.swapCache), !flags.contains(.writeback) else { return false }
        guard swap.slots[Int(frames[folio].owner)].count == 0 else { return false }
        setFlags(of: folio, adding: .dirty)
        removeFromSwapCache(folio)
        return true
    }

    // MARK: Swap entries

    /// One more entry names a slot: `swap_duplicate()`.
    mutating func duplicateSwap(_ slot: Int) { updateSlot(slot) { $0.count += 1 } }

    /// One entry less names a slot: `swap_free()`.
    mutating func freeSwap(slot: Int) { updateSlot(slot) { $0.count -= 1 } }

    /// Gives up a swap entry of `map` that has just been taken away: `free_swap_and_cache()`. A page in the swap cache
    /// that nobody else wants goes with the last one.
    mutating func dropSwapEntry(_ entry: PTE, of map: MapID) {
        let slot = entry.frame.index
        maps[map.index].rss.swapEntries -= 1
        freeSwap(slot: slot)
        let folio = swap.slots[slot].cached
        guard folio != .none, swap.slots[slot].count == 0 else { return }
        freeUnmappedSwapCache(folio)
    }

    /// Gives up the slot of a page that no entry maps any more: `free_swap_cache()`.
    mutating func freeUnmappedSwapCache(_ folio: FrameNumber) {
        let frame = frames[folio]
        guard frame.mappings == 0, frame.flags.contains(.swapCache), !frame.flags.contains(.locked) else { return }
        freeSwap(of: folio)
    }

    /// Turns an entry that maps an anonymous page of the swap cache into one that names its slot: the middle of
    /// `try_to_unmap_one()`. The entry's reference is given back.
    mutating func replaceBySwapEntry(_ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        let folio = old.frame
        let slot = Int(frames[folio].owner)
        var bits: PTE.Bits = .swap
        if frames[folio].flags.contains(.anonExclusive) { bits.insert(.swapExclusive) }
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
        duplicateSwap(slot)
        let new = PTE(FrameNumber(slot), bits)
        setEntry(new, at: page, in: map, leaf: leaf)
        structuralHash &+= Mixing.entryPlace(map, page, new.rawValue)
    }

    /// Takes a swap entry away for good, so that a page can be mapped in its place. Its slot keeps the count.
    mutating func clearSwapEntry(_ old: PTE, at page: PageNumber, in map: MapID, leaf: UInt32) {
        setEntry(.none, at: page, in: map, leaf: leaf)
        structuralHash &-= Mixing.entryPlace(map, page, old.rawValue)
        maps[map.index].rss.swapEntries -= 1
    }
}
