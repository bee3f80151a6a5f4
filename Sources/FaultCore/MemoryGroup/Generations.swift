/// The generations of a memory group's pages: `lru_gen_folio`, with the state of the walks through page tables
/// (`lru_gen_mm_state`; mm/vmscan.c, Linux 6.12).
///
/// Pages that a fault brings in join the newest generation. Reclaim evicts the oldest one, a batch at a time. If that
/// is not cold enough, reclaim *ages* the group: it walks the page tables of the group's processes, moves pages in use
/// to the newest generation, and begins another.
struct Generations: Equatable, Sendable {
    /// `max_seq`.
    var newest = Self.fewest + 1
    /// `min_seq`.
    var oldest = ByType(0)
    /// `nr_pages`: how many pages each generation has of each type, by the generations in the pages' flags.
    private var pages = [Int](repeating: 0, count: most * 2)
    /// `avg_refaulted` and `refaulted`, for each tier.
    var refaulted = ByType(Tiers())
    /// `avg_total`, `evicted` and `protected`, for each tier.
    var evicted = ByType(Tiers())

    /// `mm_state->seq`: the last generation before which page tables were walked.
    var walked = Self.fewest
    /// The page tables with many pages in use, for this generation and for the next: the Bloom filters, without their
    /// errors. Nil before the first walk.
    var filters: [TableFilter?] = [nil, nil]
    /// How many maps there were at the last walk of page tables.
    var knownMaps = 0
    /// The maps that have had a processor since the last walk of page tables: `lru_gen.bitmap`.
    var usedMaps: [MapID] = []

    /// `MIN_NR_GENS`.
    static var fewest: Int { 2 }
    /// `MAX_NR_GENS`.
    static var most: Int { 4 }
    /// `MIN_LRU_BATCH`.
    static var batch: Int { 64 }
    /// `MAX_LRU_BATCH`.
    static var largestBatch: Int { 4096 }
    /// `MAX_NR_TIERS`.
    static var tiers: Int { 4 }
    /// `BIT(LRU_REFS_WIDTH) - 1`.
    static var mostUses: Int { 3 }

    /// The place where a generation is kept: `lru_gen_from_seq()`.
    static func place(of generation: Int) -> Int { generation % most }

    /// How many generations there are: `get_nr_gens()`.
    func number(of type: PageType) -> Int { newest - oldest[type] + 1 }

    /// How many pages the generation at a place has.
    func count(_ place: Int, _ type: PageType) -> Int { pages[place * 2 + type.rawValue] }

    /// Counts pages of the generation at a place.
    mutating func add(_ count: Int, at place: Int, _ type: PageType) { pages[place * 2 + type.rawValue] += count }

    /// `lru_tier_from_refs()`: 0, 1, 2 or 3.
    static func tier(ofUses uses: Int) -> Int {
        switch uses {
        case 0: 0
        case 1: 1
        case 2, 3: 2
        default: 3
        }
    }

    /// Counts for each tier; the tier of a page says how often calls have used it: ``Generations/tier(ofUses:)``.
    struct Tiers: Equatable, BitwiseCopyable, Sendable {
        private var recent: (Int, Int, Int, Int) = (0, 0, 0, 0)
        private var average: (Int, Int, Int, Int) = (0, 0, 0, 0)

        static func == (a: Self, b: Self) -> Bool { a.recent == b.recent && a.average == b.average }

        /// The count of a tier.
        subscript(_ tier: Int) -> Int {
            switch tier {
            case 0: recent.0 + average.0
            case 1: recent.1 + average.1
            case 2: recent.2 + average.2
            default: recent.3 + average.3
            }
        }

        /// Counts pages of a tier.
        mutating func count(_ pages: Int, _ tier: Int) {
            switch tier {
            case 0: recent.0 += pages
            case 1: recent.1 += pages
            case 2: recent.2 += pages
            default: recent.3 += pages
            }
        }

        /// Ends a generation: older counts are halved.
        mutating func carryOver() {
            average = (self[0] / 2, self[1] / 2, self[2] / 2, self[3] / 2)
            recent = (0, 0, 0, 0)
        }

        /// Shows all counts.
        func forEach(_ body: (Int) -> Void) {
            for count in [recent.0, recent.1, recent.2, recent.3, average.0, average.1, average.2, average.3] {
                body(count)
            }
        }
    }
}

/// A set of page tables of some maps.
struct TableFilter: Equatable, Sendable {
    /// The tables, in order.
    private(set) var tables: [UInt64] = []

    private static func key(_ map: MapID, _ table: UInt64) -> UInt64 {
        UInt64(UInt32(bitPattern: map.rawValue)) << 44 | table
    }

    private func place(of key: UInt64) -> Int {
        var low = 0
        var high = tables.count
        while low < high {
            let middle = (low + high) / 2
            if tables[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a table is in it.
    func contains(_ map: MapID, _ table: UInt64) -> Bool {
        let key = Self.key(map, table)
        let place = place(of: key)
        return place < tables.count && tables[place] == key
    }

    /// Adds a table.
    mutating func insert(_ map: MapID, _ table: UInt64) {
        let key = Self.key(map, table)
        let place = place(of: key)
        if place == tables.count || tables[place] != key { tables.insert(key, at: place) }
    }
}

extension Machine {
    /// Adds a page to the generation that it belongs to: `lru_gen_add_folio()`.
    ///
    /// - Parameter isReclaiming: Whether the page is to be evicted next.
    mutating func addToGenerations(_ folio: FrameNumber, isReclaiming: Bool) {
        guard let state = group?.generations else { return }
        let flags = frames[folio].flags
        let type = flags.pageType
        let isAwaited = flags.contains(.readahead) && !flags.isDisjoint(with: [.dirty, .writeback])
        let generation: Int
        if flags.contains(.active) {
            generation = state.newest
        } else if (type == .anonymous && !flags.contains(.swapCache)) || isAwaited {
            generation = state.newest - 1
        } else if isReclaiming || state.oldest[type] + Generations.fewest >= state.newest {
            generation = state.oldest[type]
        } else {
            generation = state.oldest[type] + 1
        }
        if flags.contains(.active) {
            setFlags(of: folio, removing: [.active, .referenced])
            group?.pages.setUses(of: folio, 0)
        }
        let place = Generations.place(of: generation)
        group?.pages.setGeneration(of: folio, place)
        group?.generations.add(1, at: place, type)
        let list = GroupPages.List(type, generation: place)
        if isReclaiming { group?.pages.moveToTail(folio, of: list) } else { group?.pages.moveToHead(folio, of: list) }
    }

    /// Removes a page from its generation: `lru_gen_del_folio()`.
    ///
    /// In the kernel, a page of the two newest generations then becomes active, unless reclaim takes it. Every caller
    /// here sets or clears that flag itself, like the kernel's callers.
    mutating func removeFromGenerations(_ folio: FrameNumber) {
        guard let place = group?.pages.generation(of: folio) else { return }
        let type = listedType(of: folio)
        group?.pages.setGeneration(of: folio, nil)
        group?.generations.add(-1, at: place, type)
        group?.pages.remove(folio)
    }

    /// Moves a page in use to the newest generation in its flags: `folio_update_gen()`. Reclaim moves it to the
    /// matching list later. A page that reclaim has taken out is only marked.
    mutating func promote(_ folio: FrameNumber) {
        guard let state = group?.generations else { return }
        guard let old = group?.pages.generation(of: folio) else {
            return setFlags(of: folio, adding: .referenced)
        }
        let new = Generations.place(of: state.newest)
        clearUses(of: folio)
        group?.pages.setGeneration(of: folio, new)
        let type = listedType(of: folio)
        group?.generations.add(-1, at: old, type)
        group?.generations.add(1, at: new, type)
    }

    /// Moves a page of the oldest generation to the next one, unless it was promoted: `folio_inc_gen()`. Returns the
    /// place of its generation.
    mutating func advance(_ folio: FrameNumber) -> Int {
        let type = listedType(of: folio)
        let old = Generations.place(of: group?.generations.oldest[type] ?? 0)
        if let now = group?.pages.generation(of: folio), now != old { return now }
        let new = (old + 1) % Generations.most
        clearUses(of: folio)
        group?.pages.setGeneration(of: folio, new)
        group?.generations.add(-1, at: old, type)
        group?.generations.add(1, at: new, type)
        return new
    }

    /// The type that a page counts as: that of its list, else that in its flags. The list comes first, because the
    /// flags are gone when the page is freed.
    private func listedType(of folio: FrameNumber) -> PageType {
        group?.pages.list(of: folio)?.generationType ?? frames[folio].flags.pageType
    }

    /// Forgets how often a page was used by calls: `folio_clear_lru_refs()`.
    mutating func clearUses(of folio: FrameNumber) {
        group?.pages.setUses(of: folio, 0)
        if !frames[folio].flags.isDisjoint(with: [.referenced, .workingset]) {
            setFlags(of: folio, removing: [.referenced, .workingset])
        }
    }

    /// How often calls have used a page, after the first time: `folio_lru_refs()`.
    func uses(of folio: FrameNumber) -> Int {
        (group?.pages.uses(of: folio) ?? 0) + (frames[folio].flags.contains(.workingset) ? 1 : 0)
    }

    /// Ends a generation of a type: `reset_ctrl_pos()`.
    mutating func carryOver(_ type: PageType) {
        group?.generations.refaulted[type].carryOver()
        group?.generations.evicted[type].carryOver()
    }

    /// Drops the oldest generations of each type that have no pages: `try_to_inc_min_seq()`. Returns whether any was
    /// dropped.
    mutating func dropEmptyGenerations(canSwap: Bool) -> Bool {
        guard let group else { return false }
        var oldest = group.generations.oldest
        for type in PageType.allCases where canSwap || type == .file {
            while oldest[type] + Generations.fewest <= group.generations.newest {
                let list = GroupPages.List(type, generation: Generations.place(of: oldest[type]))
                if group.pages.count(list) > 0 { break }
                oldest[type] += 1
            }
        }
        if canSwap {
            oldest.anonymous = min(oldest.anonymous, oldest.file)
            oldest.file = max(oldest.anonymous, group.generations.oldest.file)
        }
        var hasDropped = false
        for type in PageType.allCases where canSwap || type == .file {
            guard oldest[type] != group.generations.oldest[type] else { continue }
            carryOver(type)
            self.group?.generations.oldest[type] = oldest[type]
            hasDropped = true
        }
        return hasDropped
    }
}
