/// Evicting the oldest generation (mm/vmscan.c, Linux 6.12).
extension Machine {
    /// A pass of reclaim: `lru_gen_shrink_lruvec()` with `try_to_shrink_lruvec()`.
    mutating func shrinkGenerations(_ scan: inout GroupScan) {
        scan.unqueuedDirty = 0
        scan.filesTaken = 0
        drainBatches()
        let canSwap = freeGroupSwapPages >= Generations.batch
        var scanned = 0
        while true {
            let wanted = pagesToScan(scan, canSwap: canSwap)
            guard wanted > 0 else { break }
            let pages = evict(canSwap: canSwap, &scan)
            guard pages > 0 else { break }
            scanned += pages
            if scanned >= wanted { break }
        }
        if scan.unqueuedDirty > 0, scan.unqueuedDirty == scan.filesTaken { group?.wantsFlusher = true }
    }

    /// How many pages to look at in this pass: `get_nr_to_scan()`. If there are too few cold pages, the group is aged,
    /// and the pass ends.
    private mutating func pagesToScan(_ scan: GroupScan, canSwap: Bool) -> Int {
        let (shouldAge, total) = agingIsDue(canSwap: canSwap)
        if !shouldAge || scan.priority == GroupScan.firstPriority { return total >> scan.priority }
        _ = age(canSwap: canSwap, by: scan.task)
        return 0
    }

    /// `should_run_aging()`; also returns how many pages there are.
    private func agingIsDue(canSwap: Bool) -> (Bool, pages: Int) {
        guard let state = group?.generations else { return (false, 0) }
        let oldest = state.oldest[canSwap ? .anonymous : .file]
        guard oldest + Generations.fewest <= state.newest else { return (true, 0) }
        var old = 0
        var young = 0
        var total = 0
        for type in PageType.allCases where canSwap || type == .file {
            guard state.oldest[type] <= state.newest else { continue }
            for generation in state.oldest[type]...state.newest {
                let pages = max(0, state.count(Generations.place(of: generation), type))
                total += pages
                if generation == state.newest {
                    young += pages
                } else if generation + Generations.fewest == state.newest {
                    old += pages
                }
            }
        }
        if oldest + Generations.fewest < state.newest { return (false, total) }
        if young * Generations.fewest > total { return (true, total) }
        return (old * (Generations.fewest + 2) < total, total)
    }

    /// `evict_folios()`: tries to free a batch of the oldest generation. Returns how many pages were looked at, 0 if
    /// there is nothing to evict.
    private mutating func evict(canSwap: Bool, _ scan: inout GroupScan) -> Int {
        var (scanned, taken) = isolateOldest(canSwap: canSwap, &scan)
        if dropEmptyGenerations(canSwap: canSwap) { scanned += 1 }
        if group?.generations.number(of: canSwap ? .anonymous : .file) == Generations.fewest { scanned = 0 }
        var isRetry = false
        while !taken.isEmpty {
            events.pgscan += taken.count
            var counts = ShrinkCounts()
            let left = shrink(taken, scan, &counts)
            scan.unqueuedDirty += counts.unqueuedDirty
            scan.reclaimed += counts.reclaimed
            events.pgsteal += counts.reclaimed
            var rejected: [FrameNumber] = []
            taken = []
            for folio in left {
                if isToBeTriedAgain(folio, isRetry: isRetry) { taken.append(folio) } else { rejected.append(folio) }
            }
            putBack(rejected)
            isRetry = true
        }
        return scanned
    }

    /// Whether a page that was not freed can perhaps be freed now. Other pages do not go back to the oldest generation.
    mutating func isToBeTriedAgain(_ folio: FrameNumber, isRetry: Bool) -> Bool {
        let flags = frames[folio].flags
        if group?.pages.marks(of: folio).contains(.locked) == true { return false }
        if flags.contains(.readahead), !flags.isDisjoint(with: [.dirty, .writeback]) {
            if flags.contains(.workingset) { setFlags(of: folio, adding: .referenced) }
            return false
        }
        let isInUse = !flags.isDisjoint(with: [.active, .referenced, .locked, .dirty, .writeback])
        guard isRetry || isInUse || frames[folio].mappings > 0 else { return true }
        clearUses(of: folio)
        setFlags(of: folio, adding: .active)
        return false
    }

    // MARK: Which pages

    /// `isolate_folios()`: takes pages of the type that is cheaper to bring back; if there are none, of the other type.
    private mutating func isolateOldest(canSwap: Bool, _ scan: inout GroupScan) -> (scanned: Int, [FrameNumber]) {
        guard let state = group?.generations else { return (0, []) }
        guard canSwap else {
            return scanOldest(.file, lastTier: lastTier(of: .file), &scan)
        }
        var type: PageType
        var tier: Int
        if state.oldest.anonymous < state.oldest.file {
            type = .anonymous
            tier = lastTier(of: type)
        } else {
            (type, tier) = cheaperType()
        }
        for _ in 0..<2 {
            let (scanned, taken) = scanOldest(type, lastTier: tier, &scan)
            if scanned > 0 { return (scanned, taken) }
            type = type.other
            tier = lastTier(of: type)
        }
        return (0, [])
    }

    /// `get_type_to_scan()`.
    func cheaperType() -> (PageType, lastTier: Int) {
        let gain = ByType(
            anonymous: GroupScan.swappiness, file: GroupScan.mostSwappiness - GroupScan.swappiness)
        let type: PageType =
            isNoDearer(.file, 0, gain.file, than: .anonymous, 0, gain.anonymous) ? .file : .anonymous
        var tier = 1
        while tier < Generations.tiers, isNoDearer(type, tier, gain[type], than: type.other, 0, gain[type.other]) {
            tier += 1
        }
        return (type, tier - 1)
    }

    /// `get_tier_idx()`: the last tier that is to be evicted.
    private func lastTier(of type: PageType) -> Int {
        var tier = 1
        while tier < Generations.tiers, isNoDearer(type, tier, 2, than: type, 0, 1) { tier += 1 }
        return tier - 1
    }

    /// `positive_ctrl_err()`: whether pages of a type and tier come back no more often than those of another.
    private func isNoDearer(
        _ type: PageType, _ tier: Int, _ gain: Int, than other: PageType, _ otherTier: Int, _ otherGain: Int
    ) -> Bool {
        guard let state = group?.generations else { return true }
        let refaulted = state.refaulted[type][tier]
        if refaulted < Generations.batch { return true }
        return refaulted * (state.evicted[other][otherTier] + Generations.batch) * otherGain
            <= (state.refaulted[other][otherTier] + 1) * state.evicted[type][tier] * gain
    }

    /// `scan_folios()`: takes up to a batch of pages from the oldest generation of a type. Pages that were promoted
    /// meanwhile, or that calls have used often, are moved to the generation that they belong to.
    private mutating func scanOldest(
        _ type: PageType, lastTier: Int, _ scan: inout GroupScan
    ) -> (scanned: Int, [FrameNumber]) {
        guard let state = group?.generations, state.number(of: type) > Generations.fewest else { return (0, []) }
        let list = GroupPages.List(type, generation: Generations.place(of: state.oldest[type]))
        var scanned = 0
        var taken: [FrameNumber] = []
        while scanned < Generations.largestBatch, taken.count < Generations.batch,
            let folio = group?.pages.last(of: list), folio != .none
        {
            scanned += 1
            if sort(folio, type, lastTier: lastTier) { continue }
            if !frames[folio].flags.contains(.referenced) { clearUses(of: folio) }
            if frames[folio].flags.contains(.referenced) { setFlags(of: folio, removing: .referenced) }
            removeFromGenerations(folio)
            taken.append(folio)
        }
        if type == .file { scan.filesTaken += taken.count }
        return (taken.isEmpty && scanned < Generations.largestBatch ? 0 : scanned, taken)
    }

    /// `sort_folio()`: whether a page belongs to another generation. If so, moves it there.
    private mutating func sort(_ folio: FrameNumber, _ type: PageType, lastTier: Int) -> Bool {
        guard let state = group?.generations, let place = group?.pages.generation(of: folio) else { return false }
        if group?.pages.marks(of: folio).contains(.locked) == true { return false }
        if place != Generations.place(of: state.oldest[type]) {
            group?.pages.moveToHead(folio, of: GroupPages.List(type, generation: place))
            return true
        }
        let uses = uses(of: folio)
        let tier = Generations.tier(ofUses: uses)
        guard tier > lastTier || uses > Generations.mostUses else { return false }
        let new = advance(folio)
        group?.pages.moveToTail(folio, of: GroupPages.List(type, generation: new))
        group?.generations.evicted[type].count(1, tier)
        return true
    }
}
