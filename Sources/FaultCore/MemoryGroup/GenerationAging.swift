/// Aging: how pages in use are found, and a new generation is begun (mm/vmscan.c, Linux 6.12).
extension Machine {
    /// Notes that a processor has switched from another task to `task`: `lru_gen_use_mm()`. The task's map is looked at
    /// again when page tables are walked.
    mutating func noteProcessorChange(to task: TaskID) {
        guard hasGroup, keepsGenerations, task != .none else { return }
        let map = tasks[task.index].map
        guard map != .none, group?.generations.usedMaps.contains(map) == false else { return }
        noteWrite(.memory)
        group?.generations.usedMaps.append(map)
    }

    /// Walks the page tables of the group's processes, and begins a new generation: `try_to_inc_max_seq()`.
    mutating func age(canSwap: Bool, by task: TaskID) -> Bool {
        guard let state = group?.generations, state.newest > state.walked else { return false }
        let maps = mapsToWalk()
        if !maps.isEmpty { group?.generations.filters[(state.newest + 1) & 1] = TableFilter() }
        for (map, isForced) in maps { walk(map, isForced: isForced, canSwap: canSwap, by: task) }
        group?.generations.walked += 1
        beginGeneration(canSwap: canSwap)
        return true
    }

    /// The maps whose page tables are walked: the maps that are new since the last walk, with all that follow them, and
    /// the maps that had a processor. `iterate_mm_list()`.
    private mutating func mapsToWalk() -> [(map: MapID, isForced: Bool)] {
        guard let state = group?.generations else { return [] }
        var found: [(map: MapID, isForced: Bool)] = []
        for map in maps where map.users > 0 {
            let isNew = map.id.index >= state.knownMaps
            if isNew || state.usedMaps.contains(map.id) { found.append((map.id, isNew)) }
        }
        let known = maps.count
        group?.generations.knownMaps = known
        group?.generations.usedMaps = []
        return found
    }

    /// `inc_max_seq()`.
    private mutating func beginGeneration(canSwap: Bool) {
        for type in [PageType.file, .anonymous] {
            guard group?.generations.number(of: type) == Generations.most else { continue }
            if type == .file || canSwap { emptyOldest(type) }
            carryOver(type)
            group?.generations.oldest[type] += 1
        }
        group?.generations.newest += 1
    }

    /// Adds the pages of the oldest generation to the next one: `inc_min_seq()`.
    private mutating func emptyOldest(_ type: PageType) {
        let old = Generations.place(of: group?.generations.oldest[type] ?? 0)
        let list = GroupPages.List(type, generation: old)
        while let folio = group?.pages.last(of: list), folio != .none {
            let new = advance(folio)
            group?.pages.moveToTail(folio, of: GroupPages.List(type, generation: new))
        }
    }

    // MARK: Page tables

    /// Walks the page tables of a map: `walk_mm()`. The mmap lock is tried for each part of the address space that a
    /// third-level table covers. If the lock can't be taken at once, the rest of the map is skipped.
    private mutating func walk(_ map: MapID, isForced: Bool, canSwap: Bool, by task: TaskID) {
        let region = UInt64(1) << (UInt64(geometry.bitsPerLevel) * UInt64(min(3, geometry.levels)))
        let areas = Array(maps[map.index].areas.areas)
        var next = PageNumber(0)
        while true {
            guard maps[map.index].mayBeReadAtOnce else { return }
            countInstantReading(of: map, by: task)
            let first = areas.firstIndex { $0.end > next && !isPassedOver($0, canSwap: canSwap) }
            guard let first else { return }
            let start = max(areas[first].start, next)
            let end = PageNumber((start.rawValue / region + 1) * region)
            for area in areas[first...] where area.start < end && area.end > start {
                guard !isPassedOver(area, canSwap: canSwap) else { continue }
                // If several areas share a table, all of it is walked at once, with the first area.
                walkTables(of: area, in: max(start, area.start)..<min(end, area.end), map, isForced, canSwap)
            }
            guard let following = areas.first(where: { $0.end > end }) else { return }
            next = max(end, following.start)
        }
    }

    /// `should_skip_vma()`.
    private func isPassedOver(_ area: VMA, canSwap: Bool) -> Bool {
        guard !area.flags.isDisjoint(with: [.read, .write, .execute]), hasRecency(area) else { return true }
        if area.flags.contains(.locked) { return true }
        let isOfFile = area.file != .none && !files[area.file.index].traits.contains(.shmem)
        return !isOfFile && !canSwap
    }

    /// `walk_pmd_range()`: the tables that cover a part of an area.
    private mutating func walkTables(
        of area: VMA, in range: Range<PageNumber>, _ map: MapID, _ isForced: Bool, _ canSwap: Bool
    ) {
        guard range.lowerBound < range.upperBound, let newest = group?.generations.newest else { return }
        var leaves: [(PageNumber, UInt32)] = []
        tables.forEachLeaf(maps[map.index].root, in: range) { leaves.append(($0, $1)) }
        for (base, leaf) in leaves {
            let table = base.rawValue >> UInt64(geometry.bitsPerLevel)
            if !isForced, let filter = group?.generations.filters[newest & 1], !filter.contains(map, table) { continue }
            let first = max(range.lowerBound, base)
            let last = min(range.upperBound, base + geometry.entriesPerTable)
            var young = 0
            for number in first.rawValue..<last.rawValue {
                let page = PageNumber(number)
                if takeYoung(page, in: map, leaf: leaf, canSwap: canSwap, { $0.promote($1) }) { young += 1 }
            }
            guard isWorthWalking(young: young, of: last - first) else { continue }
            group?.generations.filters[(newest + 1) & 1]?.insert(map, table)
        }
    }

    /// `suitable_to_scan()`: whether on average each line of the processor's cache has an entry in use.
    private func isWorthWalking(young: Int, of total: Int) -> Bool { young * 8 >= total }

    /// Clears the accessed bit of an entry whose page belongs to the group, and calls `body` with the page. Returns
    /// whether the bit was set.
    private mutating func takeYoung(
        _ page: PageNumber, in map: MapID, leaf: UInt32, canSwap: Bool, _ body: (inout Machine, FrameNumber) -> Void
    ) -> Bool {
        let entry = tables.entry(leaf, page)
        guard entry.mapsCountedFrame, entry.bits.contains(.young), isCharged(entry.frame) else { return false }
        let flags = frames[entry.frame].flags
        guard flags.pageType == .file || canSwap else { return false }
        changeEntry(entry, to: entry.bits.subtracting(.young), at: page, in: map, leaf: leaf)
        let isPlain = flags.contains(.anonymous) && !flags.contains(.lazyFree) && !flags.contains(.swapCache)
        if entry.isDirty, !flags.contains(.dirty), !isPlain { _ = markDirty(entry.frame, by: .none) }
        body(&self, entry.frame)
        return true
    }

    // MARK: Around a page

    /// How often a page was used since the last call, and through what kinds of area: `folio_referenced()` with
    /// `lru_gen_look_around()`. Around an entry in use, other entries are looked at, too, and their pages become
    /// active.
    ///
    /// - Parameter promotes: Whether such pages join the newest generation at once. That needs the `mm_walk` that only
    ///   reclaim that a user asks for has here.
    mutating func takeReferencesAround(_ folio: FrameNumber, promotes: Bool) -> (count: Int, flags: VMAFlags) {
        var count = 0
        var flags: VMAFlags = []
        refreshAreaIndex()
        for mapping in reverseMappings(of: folio) {
            guard hasRecency(mapping.area) else { continue }
            if mapping.area.flags.contains(.locked) { return (count, flags.union(.locked)) }
            // The look around an earlier entry may have cleared the bit of this one.
            let entry = tables.entry(mapping.leaf, mapping.page)
            guard entry.bits.contains(.young) else { continue }
            changeEntry(
                entry, to: entry.bits.subtracting(.young), at: mapping.page, in: mapping.map, leaf: mapping.leaf)
            count += 1
            flags.formUnion(mapping.area.flags)
            lookAround(mapping, canSwap: frames[folio].flags.pageType == .anonymous, promotes: promotes)
        }
        return (count, flags)
    }

    private mutating func lookAround(_ mapping: Mapping, canSwap: Bool, promotes: Bool) {
        guard let newest = group?.generations.newest else { return }
        let entries = geometry.entriesPerTable
        let batch = Generations.batch
        let page = Int(mapping.page.rawValue)
        let table = page & ~(entries - 1)
        var start = max(table, Int(mapping.area.start.rawValue))
        var end = min(table + entries, Int(mapping.area.end.rawValue))
        guard end - start > 1 else { return }
        if end - start > batch {
            if page - start < batch / 2 {
                end = start + batch
            } else if end - page < batch / 2 {
                start = end - batch
            } else {
                start = page - batch / 2
                end = page + batch / 2
            }
        }
        var young = 1
        for number in start..<end {
            let page = PageNumber(UInt64(number))
            let wasUsed = takeYoung(page, in: mapping.map, leaf: mapping.leaf, canSwap: canSwap) { machine, folio in
                guard !promotes else { return machine.promote(folio) }
                guard let generation = machine.group?.pages.generation(of: folio) else {
                    return machine.setFlags(of: folio, adding: .referenced)
                }
                guard generation != Generations.place(of: newest) else { return }
                machine.clearUses(of: folio)
                machine.activateInGroup(folio)
            }
            if wasUsed { young += 1 }
        }
        guard isWorthWalking(young: young, of: end - start) else { return }
        let number = UInt64(table) >> UInt64(geometry.bitsPerLevel)
        group?.generations.filters[newest & 1]?.insert(mapping.map, number)
    }
}
