import FaultSimulator
import Testing

@testable import FaultCore

/// Rules of the generations of a memory group's pages.
@Suite("Rules of generations", .timeLimit(.minutes(60)))
struct GenerationRuleTests {
    /// A process in a group that has written `pages` pages, all of the newest generation but `older` ones.
    private func written(_ pages: Int, older: Int = 0) throws -> (Play, Area) {
        var play = try Play(.linux6_12)
        try play.swap(pages: 1024, held: false)
        try play.world.addMemoryGroup(limit: 600)
        let area = try play.world.map(anonymousPages: pages, in: play.task)
        try play.perform(.write(area, pages: pages))
        play.world.machine.drainPageBatches()
        play.world.machine.group?.generations.newest += older
        for type in PageType.allCases { play.world.machine.group?.generations.oldest[type] += older / 2 }
        return (play, area)
    }

    /// Makes all entries of an area look unused but those of some pages.
    private func forgetUse(of area: Area, except used: Set<Int> = [], in play: inout Play) {
        for page in 0..<area.pages where !used.contains(page) {
            let bits = play.world.machine.entry(of: area[page], in: area.map).bits
            play.world.machine.changeEntry(of: area[page], in: area.map, to: bits.subtracting(.young))
        }
    }

    @Test("a table one in eight of whose entries is in use is walked by the next aging (lru_gen_look_around())")
    func tableWorthWalking() throws {
        for (pages, isWalked) in [(16, true), (17, false)] {
            var (play, area) = try written(pages, older: 1)
            forgetUse(of: area, except: [0, 1], in: &play)
            let place = try #require(play.world.machine.group).generations.newest & 1
            play.world.machine.group?.generations.filters[place] = TableFilter()
            let (count, _) = play.world.machine.takeReferencesAround(play.frame(of: 0, in: area), promotes: false)
            #expect(count == 1)
            let table = area.start.rawValue >> UInt64(play.world.machine.geometry.bitsPerLevel)
            let noted = play.world.machine.group?.generations.filters[place]
            #expect(noted?.contains(area.map, table) == isWalked, "\(pages) pages")
        }
    }

    @Test("the type to scan is decided by what came back of the first tier of each (get_type_to_scan())")
    func cheaperType() throws {
        var (play, _) = try written(1)
        let group = try #require(play.world.machine.group)
        func decided(_ change: (inout Generations) -> Void) -> PageType {
            var changed = group
            for type in PageType.allCases {
                changed.generations.refaulted[type] = Generations.Tiers()
                changed.generations.evicted[type] = Generations.Tiers()
            }
            change(&changed.generations)
            play.world.machine.group = changed
            return play.world.machine.cheaperType().0
        }
        #expect(decided { _ in } == .file, "nothing came back")
        #expect(decided { $0.refaulted[.file].count(63, 0) } == .file, "too few to tell")
        #expect(decided { $0.refaulted[.file].count(64, 0) } == .anonymous)
        #expect(decided { $0.refaulted[.file].count(64, 1) } == .file)
        // As many of anonymous memory came back.
        let both = decided {
            $0.refaulted[.file].count(64, 0)
            $0.evicted[.file].count(1_000, 0)
            $0.refaulted[.anonymous].count(1_000, 0)
            $0.evicted[.anonymous].count(1_000_000, 1)
        }
        #expect(both == .file)
        let laterTier = decided {
            $0.refaulted[.file].count(64, 0)
            $0.evicted[.file].count(1_000, 0)
            $0.refaulted[.anonymous].count(1_000, 1)
        }
        #expect(laterTier == .anonymous)
    }

    @Test("a page in use beside one that is looked at becomes active later, or at once (lru_gen_look_around())")
    func pageInUseBeside() throws {
        for promotes in [false, true] {
            var (play, area) = try written(16, older: 1)
            forgetUse(of: area, except: [0, 1], in: &play)
            let folio = play.frame(of: 1, in: area)
            _ = play.world.machine.takeReferencesAround(play.frame(of: 0, in: area), promotes: promotes)
            let newest = Generations.place(of: try #require(play.world.machine.group).generations.newest)
            #expect((play.world.machine.group?.pages.generation(of: folio) == newest) == promotes)
            #expect(play.world.machine.group?.batches.activated == (promotes ? [] : [folio]))
            play.world.machine.drainPageBatches()
            #expect(play.world.machine.group?.pages.generation(of: folio) == newest)
            let other = play.world.machine.group?.pages.generation(of: play.frame(of: 2, in: area))
            #expect(other != newest)
        }
    }

    @Test("a page that was promoted is not evicted with the list that it is still in (sort_folio())")
    func promotedPage() throws {
        var (play, area) = try written(48, older: 2)
        play.world.machine.group?.generations.oldest = ByType(3)
        forgetUse(of: area, in: &play)
        play.world.machine.promote(play.frame(of: 0, in: area))
        _ = play.world.machine.reclaimFromMemoryGroup(32)
        let present = play.world.presentPages(of: area)
        #expect(present.contains(0) && present.count < 48)
        #expect(play.world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "a page of a file begins in the second oldest generation if there are four, or one to be freed: in the oldest")
    func firstGeneration() throws {
        for (oldest, isReclaiming, expected) in [(0, false, 1), (0, true, 0), (1, false, 1), (1, true, 1)] {
            var play = try Play(.linux6_12)
            try play.world.addMemoryGroup(limit: 600)
            let file = try play.world.file(pages: 1)
            try play.perform(.read(file, page: 0))
            play.world.machine.drainPageBatches()
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            play.world.machine.removeFromGenerations(folio)
            play.world.machine.group?.generations.oldest = ByType(oldest)
            play.world.machine.group?.generations.newest = 3
            play.world.machine.addToGenerations(folio, isReclaiming: isReclaiming)
            let place = play.world.machine.group?.pages.generation(of: folio)
            #expect(place == Generations.place(of: expected), "oldest \(oldest), \(isReclaiming)")
        }
    }

    @Test("a page that must be written before it can go keeps that it was used often (evict_folios())")
    func awaitedPage() throws {
        for isWorkingset in [false, true] {
            var (play, area) = try written(1)
            let folio = play.frame(of: 0, in: area)
            play.world.machine.setFlags(of: folio, removing: [.referenced, .active])
            play.world.machine.setFlags(of: folio, adding: [.readahead, .dirty])
            if isWorkingset { play.world.machine.setFlags(of: folio, adding: .workingset) }
            let isTried = play.world.machine.isToBeTriedAgain(folio, isRetry: false)
            #expect(!isTried && play.world.machine.flags(of: folio).contains(.referenced) == isWorkingset)
        }
    }

    @Test("a page that calls have used goes to the next generation if such pages come back often (sort_folio())")
    func protectedPage() throws {
        for comesBack in [false, true] {
            var play = try Play(.linux6_12)
            try play.world.addMemoryGroup(limit: 600)
            let file = try play.world.file(pages: 64)
            try play.perform(.read(file, page: 0, pages: 64))
            play.world.machine.drainPageBatches()
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            play.world.machine.setFlags(of: folio, adding: .referenced)
            play.world.machine.group?.pages.setUses(of: folio, 1)
            if comesBack { play.world.machine.group?.generations.refaulted.file.count(1000, 1) }
            _ = play.world.machine.reclaimFromMemoryGroup(32)
            #expect((play.world.machine.cachedFolio(at: 0, of: file) != nil) == comesBack)
            #expect(play.world.machine.cachedPages(of: file) < 64)
        }
    }

    @Test("a page that is back was in use if a fault wants it, or calls had used it often (lru_gen_refault())")
    func refault() throws {
        for (isInFault, uses, isRestored) in [
            (false, 0, false), (true, 0, true), (false, 2, false), (false, 3, true), (true, 3, true),
        ] {
            var (play, area) = try written(1)
            let folio = play.frame(of: 0, in: area)
            play.world.machine.setFlags(of: folio, removing: .workingset)
            play.world.machine.scheduler.current = play.task
            play.world.machine.tasks[play.task.index].isInFault = isInFault
            var shadow = Shadow(age: 0, isOfGroup: true, uses: UInt8(uses))
            shadow.age = UInt64(try #require(play.world.machine.group).generations.oldest.anonymous + 1)
            play.world.machine.noteGroupRefault(of: folio, shadow)
            #expect(play.world.machine.flags(of: folio).contains(.workingset) == isRestored, "\(isInFault), \(uses)")
            #expect(play.world.machine.events.workingsetRestore == (isRestored ? 1 : 0))
        }
    }

    @Test("a locked page that reclaim comes to gives up its slot (shrink_folio_list(): activate_locked)")
    func lockedPageInSwapCache() throws {
        for isLocked in [false, true] {
            var play = try Play(.linux6_12)
            try play.swap(pages: 1024, held: false)
            try play.world.addMemoryGroup(limit: 600)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.swapOut(area)
            try play.perform(.read(area))
            if isLocked { try play.perform(.mlock2(area.start, pages: 1, .onFault)) }
            play.world.machine.drainPageBatches()
            let folio = play.frame(of: 0, in: area)
            #expect(play.world.machine.flags(of: folio).contains(.swapCache))
            var counts = ShrinkCounts()
            _ = play.world.machine.isolate(folio)
            let scan = GroupScan(wanted: 1, task: play.thread, isProactive: false, entersFileSystems: true)
            #expect(play.world.machine.shrink([folio], scan, &counts) == [folio])
            #expect(play.world.machine.flags(of: folio).contains(.swapCache) == !isLocked)
        }
    }

    @Test("a page that was marked as used while reclaim had it stays if it is mapped (shrink_folio_list())")
    func markedMeanwhile() throws {
        for isMapped in [true, false] {
            var play = try Play(.linux6_12)
            try play.world.addMemoryGroup(limit: 600)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            if isMapped { try play.perform(.read(area)) } else { try play.perform(.read(file, page: 0)) }
            play.world.machine.drainPageBatches()
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            if isMapped {
                let bits = play.world.machine.entry(of: area[0], in: area.map).bits
                play.world.machine.changeEntry(of: area[0], in: area.map, to: bits.subtracting(.young))
            }
            _ = play.world.machine.isolate(folio)
            play.world.machine.setFlags(of: folio, adding: .referenced)
            var counts = ShrinkCounts()
            let scan = GroupScan(wanted: 1, task: play.thread, isProactive: false, entersFileSystems: true)
            #expect(play.world.machine.shrink([folio], scan, &counts) == (isMapped ? [folio] : []))
        }
    }

    @Test(
        "a dirty entry makes its page dirty as it looks unused, unless its content has no other place (walk_pte_range())"
    )
    func dirtyEntries() throws {
        enum Kind: CaseIterable { case plain, inSwapCache, givenUp }
        for kind in Kind.allCases {
            var (play, area) = try written(2, older: 1)
            let folio = play.frame(of: 1, in: area)
            switch kind {
            case .plain: break
            case .inSwapCache: _ = play.world.machine.addToSwap(folio)
            case .givenUp:
                try play.perform(.madvise(area, .free, page: 1, pages: 1))
                play.world.machine.drainPageBatches()
            }
            play.world.machine.setFlags(of: folio, removing: .dirty)
            let bits = play.world.machine.entry(of: area[1], in: area.map).bits
            play.world.machine.changeEntry(of: area[1], in: area.map, to: bits.union([.dirty, .young]))
            _ = play.world.machine.takeReferencesAround(play.frame(of: 0, in: area), promotes: false)
            #expect(!play.world.machine.entry(of: area[1], in: area.map).bits.contains(.young))
            #expect(play.world.machine.flags(of: folio).contains(.dirty) == (kind != .plain), "\(kind)")
        }
    }

    @Test("entries of pages of other groups keep that they were used (get_pfn_folio())")
    func pageOfOtherGroup() throws {
        var play = try Play(.linux6_12)
        let file = try play.world.file(pages: 2)
        try play.perform(.read(file, page: 1, pages: 1))
        try play.world.addMemoryGroup(limit: 600)
        let area = try play.world.map(file, .read, in: play.task)
        play.world.machine[readaheadOf: file].maximum = 0
        for page in 0..<2 { try play.perform(.read(area, page: page)) }
        play.world.machine.drainPageBatches()
        let charged = (0..<2).map { play.world.machine.isCharged(play.frame(of: $0, in: area)) }
        #expect(charged == [true, false])
        for page in 0..<2 {
            let bits = play.world.machine.entry(of: area[page], in: area.map).bits
            play.world.machine.changeEntry(of: area[page], in: area.map, to: bits.union(.young))
        }
        _ = play.world.machine.takeReferencesAround(play.frame(of: 0, in: area), promotes: false)
        let young = (0..<2).map { play.world.machine.entry(of: area[$0], in: area.map).bits.contains(.young) }
        #expect(young == [false, true])
    }

    @Test("a table is once in the filter of tables in use, however often it is noted (update_bloom_filter())")
    func filterOnce() {
        var filter = TableFilter()
        for (map, table) in [(0, 7), (1, 3), (0, 7), (0, 2), (1, 3)] { filter.insert(MapID(map), UInt64(table)) }
        #expect(filter.tables.count == 3)
        #expect(filter.contains(MapID(0), 7) && filter.contains(MapID(1), 3) && !filter.contains(MapID(0), 3))
    }

    @Test("what reclaim of a group has freed is counted (PGSTEAL)")
    func countOfFreed() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.world.addMemoryGroup(limit: 600)
            let file = try play.world.file(pages: 64)
            try play.perform(.read(file, page: 0, pages: 64))
            play.world.machine.drainPageBatches()
            _ = play.world.machine.reclaimFromMemoryGroup(32)
            let freed = 64 - play.world.machine.cachedPages(of: file)
            #expect(freed > 0 && play.world.machine.events.pgsteal == freed, "\(model.name)")
        }
    }
}
