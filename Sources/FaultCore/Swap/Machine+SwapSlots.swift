/// Which slot a page gets, and what happens to a slot that is no longer used (mm/swap_slots.c, mm/swapfile.c).
extension Machine {
    /// Takes a slot: `folio_alloc_swap()`. The slot is reserved until ``cache(_:in:)``.
    ///
    /// - Returns: The slot; `nil` if all are in use.
    mutating func takeSwapSlot(for folio: FrameNumber) -> Int? {
        guard let slot = takeSwapSlot() else { return nil }
        guard chargeSlot(slot, for: folio) else {
            structuralHash &+= swap.update(slot) { $0.isReserved = false }
            releaseSlot(slot)
            return nil
        }
        return slot
    }

    private mutating func takeSwapSlot() -> Int? {
        noteWrite(.swap)
        if slotCacheIsActive() {
            if swap.slotCache.stock.isEmpty {
                swap.slotCache.stock = takeSwapSlots(SwapSlotCache.size).reversed().map { UInt32($0) }
            }
            if let slot = swap.slotCache.stock.popLast() { return Int(slot) }
        }
        return takeSwapSlots(1).first
    }

    /// Whether processors keep slots in stock now: `check_cache_active()`.
    private mutating func slotCacheIsActive() -> Bool {
        guard swap.slotCache.isEnabled else { return false }
        let free = swap.free
        if !swap.slotCache.isActive {
            if free > settings.processors * 5 * SwapSlotCache.size { swap.slotCache.isActive = true }
        } else if free < settings.processors * 2 * SwapSlotCache.size {
            swap.slotCache.isActive = false
            drainSlotCache()
        }
        return swap.slotCache.isActive
    }

    /// Returns all slots that processors have in stock: `__drain_swap_slots_cache()`.
    mutating func drainSlotCache() {
        noteWrite(.swap)
        let slots = swap.slotCache.stock.reversed() + swap.slotCache.returned
        swap.slotCache.stock = []
        swap.slotCache.returned = []
        for slot in slots { giveBack(Int(slot)) }
    }

    /// Takes up to `goal` slots from the first area that has free ones: `get_swap_pages()`.
    private mutating func takeSwapSlots(_ goal: Int) -> [Int] {
        let goal = min(goal, SwapSlotCache.size, swap.free)
        guard goal > 0 else { return [] }
        swap.promised = goal
        defer { swap.promised = 0 }
        for number in swap.available {
            // Areas of the same priority take turns.
            swap.available.removeAll { $0 == number }
            guard swap.areas[number].hasFreeSlots, swap.areas[number].isWritable else { continue }
            swap.makeAvailable(number)
            let taken =
                model.swapSlots == .clusterLists && swap.areas[number].clusters.exist
                ? takeFromClusterLists(of: number, goal) : scanSwapMap(of: number, goal)
            if !taken.isEmpty { return taken.map { swap.areas[number].slot(at: $0) } }
        }
        return []
    }

    /// Marks the slot at `offset` of an area as in use, and reserved.
    mutating func reserve(_ offset: Int, of number: Int) {
        swap.promised = max(0, swap.promised - 1)
        if swap.updateArea(number, { $0.take(offset) }) { swap.available.removeAll { $0 == number } }
        let slot = swap.areas[number].slot(at: offset)
        structuralHash &+= swap.update(slot) { $0.isReserved = true }
    }

    /// Releases a slot that is no longer used: `free_swap_slot()`. A processor keeps such slots. When it has many, it
    /// first frees all of them.
    mutating func releaseSlot(_ slot: Int) {
        guard swap.slotCache.isInUse else { return giveBack(slot) }
        if swap.slotCache.returned.count >= SwapSlotCache.size {
            let slots = swap.slotCache.returned
            swap.slotCache.returned = []
            for slot in slots { giveBack(Int(slot)) }
        }
        swap.slotCache.returned.append(UInt32(slot))
        structuralHash &+= swap.update(slot) { $0.isReserved = true }
    }

    /// Frees a slot: `swap_entry_free()`.
    mutating func giveBack(_ slot: Int) {
        structuralHash &+= swap.update(slot) { $0.isReserved = false }
        unchargeSlot(slot)
        let number = swap.area(of: slot)
        let offset = swap.areas[number].offset(of: slot)
        let wasFull = swap.updateArea(number) { area in
            if area.clusters.exist {
                let cluster = offset / SwapClusters.size
                area.clusters.count(cluster, -1)
                if area.clusters.count(cluster) == 0 {
                    area.clusters.move(cluster, to: .free)
                } else if area.clusters.kinds[cluster] == .full || area.clusters.kinds[cluster] == .fragmented {
                    area.clusters.move(cluster, to: .partlyUsed)
                }
            }
            return area.giveBack(offset)
        }
        if wasFull, swap.areas[number].isWritable { swap.makeAvailable(number) }
    }

    /// Whether the slot at `offset` is in use only by its page in the swap cache, or reserved.
    func isOnlyCached(_ offset: Int, of number: Int) -> Bool {
        guard offset > 0, swap.areas[number].isUsed(offset), offset <= swap.areas[number].pages else { return false }
        return swap[swap.areas[number].slot(at: offset)].count == 0
    }

    /// Drops a page in the swap cache whose slot no entry names: `__try_to_reclaim_swap()`. Returns whether it could.
    ///
    /// - Parameter isDirect: Whether the slot is free at once, and does not go to a processor's stock.
    mutating func reclaimSwapCache(_ offset: Int, of number: Int, isDirect: Bool) -> Bool {
        let slot = swap.areas[number].slot(at: offset)
        guard let folio = swapCachedFolio(of: slot), !frames[folio].flags.contains(.locked) else { return false }
        let wasInUse = swap.slotCache.isEnabled
        if isDirect { swap.slotCache.isEnabled = false }
        defer { swap.slotCache.isEnabled = wasInUse }
        return freeSwap(of: folio)
    }
}

// MARK: - Looking through the map

extension Machine {
    private enum ScanStep {
        case check
        case scan
        case done
        case noPage
    }

    /// Searches for free slots of an area: `scan_swap_map_slots()` (Linux 6.1; in 6.12, for rotating devices).
    private mutating func scanSwapMap(of number: Int, _ goal: Int) -> [Int] {
        let usesClusters = swap.areas[number].clusters.exist
        var taken: [Int] = []
        var ration = Self.scanRation
        var scannedMany = false
        var base = swap.areas[number].searchStart
        var offset = base
        var step = ScanStep.check
        if usesClusters {
            if let next = nextInCluster(of: number) {
                offset = next
                base = next
            } else {
                step = .scan
            }
        } else if swap.areas[number].leftInRun == 0 {
            (base, offset) = beginRun(of: number, &ration)
        } else {
            swap.updateArea(number) { $0.leftInRun -= 1 }
        }
        while true {
            switch step {
            case .check:
                step = checkSlot(&offset, &base, of: number, goal, &taken, &ration, scannedMany)
            case .scan:
                guard let next = scanOn(from: offset, base, of: number, &ration, &scannedMany) else {
                    step = .noPage
                    continue
                }
                offset = next
                step = .check
            case .done:
                setSearchStart(offset + 1, of: number)
                return taken
            case .noPage: return taken
            }
        }
    }

    /// `LATENCY_LIMIT`.
    private static var scanRation: Int { 256 }

    /// Searches for the first run of free slots that is as long as a cluster: the first part of
    /// `scan_swap_map_slots()`.
    private mutating func beginRun(of number: Int, _ ration: inout Int) -> (base: Int, offset: Int) {
        let area = swap.areas[number]
        let length = SwapClusters.size
        swap.updateArea(number) { $0.leftInRun = length - 1 }
        guard area.pages - area.slotsInUse >= length else { return (area.searchStart, area.searchStart) }
        var offset = area.lowest
        var last = offset + length - 1
        while last <= area.highest {
            if area.isUsed(offset) {
                last = offset + length
            } else if offset == last {
                offset -= length - 1
                swap.updateArea(number) { $0.searchStart = offset }
                return (area.lowest, offset)
            }
            ration = ration == 0 ? Self.scanRation : ration - 1
            offset += 1
        }
        return (area.lowest, area.lowest)
    }

    /// The part of `scan_swap_map_slots()` at `checks`: takes the slot at `offset`, and finds the next one.
    private mutating func checkSlot(
        _ offset: inout Int, _ base: inout Int, of number: Int, _ goal: Int, _ taken: inout [Int],
        _ ration: inout Int, _ scannedMany: Bool
    ) -> ScanStep {
        let usesClusters = swap.areas[number].clusters.exist
        if usesClusters {
            while isInOthersCluster(offset, of: number) {
                swap.updateArea(number) { $0.clusters.current = nil }
                if !taken.isEmpty { return .done }
                guard let next = nextInCluster(of: number) else { return .scan }
                offset = next
                base = next
            }
        }
        guard swap.areas[number].isWritable, swap.areas[number].highest > 0 else { return .noPage }
        if offset > swap.areas[number].highest {
            offset = swap.areas[number].lowest
            base = offset
        }
        if isSwapNearlyFull, isOnlyCached(offset, of: number) {
            return reclaimSwapCache(offset, of: number, isDirect: false) ? .check : .scan
        }
        if swap.areas[number].isUsed(offset) { return taken.isEmpty ? .scan : .done }

        if usesClusters {
            let cluster = offset / SwapClusters.size
            swap.updateArea(number) { area in
                if area.clusters.kinds[cluster] == .free { area.clusters.move(cluster, to: .inUse) }
                area.clusters.count(cluster, 1)
            }
        }
        reserve(offset, of: number)
        taken.append(offset)
        if taken.count == goal || offset >= swap.areas[number].highest { return .done }
        ration -= 1
        if ration < 0 { return .done }

        if usesClusters {
            if let next = nextInCluster(of: number) {
                offset = next
                base = next
                return .check
            }
        } else if swap.areas[number].leftInRun > 0 {
            offset += 1
            if !swap.areas[number].isUsed(offset) {
                swap.updateArea(number) { $0.leftInRun -= 1 }
                return .check
            }
        }
        guard !scannedMany else { return .done }
        let limit = offset < base ? base : swap.areas[number].highest
        while offset <= limit {
            ration -= 1
            guard ration > 0 else { return .done }
            if !swap.areas[number].isUsed(offset) { return .check }
            offset += 1
        }
        return .done
    }

    /// The part of `scan_swap_map_slots()` at `scan`: finds the next slot that could be taken, up to the end and then
    /// from the beginning.
    private func scanOn(
        from offset: Int, _ base: Int, of number: Int, _ ration: inout Int, _ scannedMany: inout Bool
    ) -> Int? {
        let area = swap.areas[number]
        for (first, end) in [(offset + 1, area.highest + 1), (area.lowest, base)] where first < end {
            let found =
                isSwapNearlyFull
                ? (first..<end).first { !area.isUsed($0) || isOnlyCached($0, of: number) }
                : area.firstFree(from: first, below: end)
            let looked = (found ?? end) - first + 1
            if looked > ration { scannedMany = true }
            ration = looked > ration ? Self.scanRation : ration - looked
            if let found { return found }
        }
        return nil
    }

    /// `set_cluster_next()`. Differs: the kernel takes a random slot, so that processors do not meet in one part of the
    /// swap cache; this takes the first free slot.
    private mutating func setSearchStart(_ next: Int, of number: Int) {
        swap.updateArea(number) { area in
            guard !area.isRotational, area.searchStart >> 14 != next >> 14 else {
                area.searchStart = next
                return
            }
            if area.highest > area.lowest { area.searchStart = area.lowest }
        }
    }

    /// The next free slot of the processor's cluster, or of a free one that becomes it:
    /// `scan_swap_map_try_ssd_cluster()`.
    private mutating func nextInCluster(of number: Int) -> Int? {
        swap.updateArea(number) { area in
            while true {
                if area.clusters.current == nil {
                    guard let free = area.clusters.first(.free) else { return nil }
                    area.clusters.current = free
                    area.clusters.next = free * SwapClusters.size
                }
                let end = ((area.clusters.current ?? 0) + 1) * SwapClusters.size
                if let next = area.firstFree(from: area.clusters.next, below: min(area.pages + 1, end)) {
                    area.clusters.next = next + 1
                    return next
                }
                area.clusters.current = nil
            }
        }
    }

    /// `scan_swap_map_ssd_cluster_conflict()`.
    private func isInOthersCluster(_ offset: Int, of number: Int) -> Bool {
        let clusters = swap.areas[number].clusters
        let cluster = offset / SwapClusters.size
        guard let first = clusters.first(.free), cluster < clusters.kinds.count else { return false }
        return first != cluster && clusters.kinds[cluster] == .free
    }
}
