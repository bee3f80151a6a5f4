import FaultSimulator
import Testing

@testable import FaultCore

/// Small rules of memory groups.
@Suite("Rules of memory groups", .timeLimit(.minutes(60)))
struct GroupRuleTests {
    /// A process whose memory is limited, with much swap.
    private func limited(_ model: KernelModel, to pages: Int) throws -> Play {
        var play = try Play(model)
        try play.swap(pages: 1024, held: false)
        try play.world.addMemoryGroup(limit: pages)
        return play
    }

    @Test("memory.reclaim goes on, 64 pages at a time, until it has freed enough (memory_reclaim())")
    func enoughFreed() throws {
        for (pages, taken) in [(16, 64), (128, 128), (300, 320), (400, 448)] {
            var play = try limited(.linux6_12, to: 600)
            let area = try play.world.map(anonymousPages: 512, in: play.task)
            try play.perform(.write(area, pages: 512))
            play.world.machine.drainPageBatches()
            let errno = play.world.machine.reclaimFromMemoryGroup(pages)
            #expect(errno == nil)
            #expect(play.world.machine.events.pswpout == taken, "\(pages) pages")
        }
    }

    @Test("once enough is freed, the smaller type is left and the larger looked at in proportion (shrink_lruvec())")
    func proportion() throws {
        // A round looks at 32 pages of each type. It leaves 168 of 200, 83 % of 200 + 1. So of the larger type 17 % in all
        // are looked at, and 32 of these have been.
        for (anonymous, files, swapped, dropped) in [(200, 200, 34, 32), (200, 300, 32, 51), (300, 200, 51, 32)] {
            var play = try limited(.linux6_1, to: 600)
            let area = try play.world.map(anonymousPages: anonymous, in: play.task)
            try play.perform(.write(area, pages: anonymous))
            let file = try play.world.file(pages: files)
            try play.perform(.read(file, page: 0, pages: files))
            play.world.machine.drainPageBatches()
            for page in 0..<anonymous {
                let bits = play.world.machine.entry(of: area[page], in: area.map).bits
                play.world.machine.changeEntry(of: area[page], in: area.map, to: bits.subtracting(.young))
            }
            // At the last priority all pages of both types are to be looked at.
            var scan = GroupScan(wanted: 32, task: play.task, isProactive: true, entersFileSystems: true)
            scan.priority = 0
            play.world.machine.shrinkLists(&scan)
            let gone = (
                swapped: play.world.machine.events.pswpout, dropped: files - play.world.machine.cachedPages(of: file)
            )
            #expect(gone == (swapped, dropped), "\(anonymous) and \(files)")
            #expect(scan.reclaimed == swapped + dropped)
        }
    }

    @Test("MADV_COLD makes active pages of a group inactive, 15 at a time (folio_deactivate())")
    func coldPages() throws {
        for (used, after) in [(20, 5), (10, 10)] {
            var play = try limited(.linux6_1, to: 600)
            let file = try play.world.file(pages: 20)
            for round in 0..<3 {
                for page in 0..<(round == 0 ? 20 : used) { try play.perform(.read(file, page: page)) }
            }
            play.world.machine.drainPageBatches()
            let folios = try (0..<20).map { try #require(play.world.machine.cachedFolio(at: PageIndex($0), of: file)) }
            #expect(folios.filter { play.world.machine.flags(of: $0).contains(.active) }.count == used)
            let area = try play.world.map(file, .read, in: play.task)
            try play.perform(.read(area, pages: 20))
            try play.perform(.madvise(area, .cold))
            #expect(folios.filter { play.world.machine.flags(of: $0).contains(.active) }.count == after)
            #expect(folios.allSatisfy { play.world.machine.group?.pages.list(of: $0) != nil })
        }
    }

    @Test("a page read from swap gives up its slot if half of its group's are used (mem_cgroup_swap_full())")
    func halfOfSwap() throws {
        for (pages, isKept) in [(3, true), (4, false)] {
            var play = try Play(.linux6_1)
            try play.swap(pages: 1024, held: false)
            try play.world.addMemoryGroup(limit: 64, swapLimit: 8)
            let area = try play.world.map(anonymousPages: pages, in: play.task)
            try play.swapOut(area)
            #expect(play.world.machine.memoryGroup?.swapCharged == pages)
            try play.perform(.read(area))
            let folio = play.frame(of: 0, in: area)
            #expect(play.world.machine.flags(of: folio).contains(.swapCache) == isKept, "\(pages) pages")
        }
    }

    @Test("of a group's active pages only those of programs stay while they are used (shrink_active_list())")
    func programsOfGroup() throws {
        var play = try limited(.linux6_1, to: 200)
        let file = try play.world.file(pages: 16)
        for _ in 0..<3 { for page in 0..<16 { try play.perform(.read(file, page: page)) } }
        let areas = [
            try play.world.map(file, .all, in: play.task),
            try play.world.map(anonymousPages: 16, .all, in: play.task),
        ]
        try play.perform(.read(areas[0], pages: 16))
        try play.perform(.write(areas[1], pages: 16))
        play.world.machine.drainPageBatches()
        for page in 0..<16 { play.world.machine.markAccessed(play.frame(of: page, in: areas[1])) }
        for page in 0..<16 { play.world.machine.markAccessed(play.frame(of: page, in: areas[1])) }
        play.world.machine.drainPageBatches()
        _ = play.world.machine.reclaimFromMemoryGroup(8)
        let active = areas.map { area in
            (0..<16).filter {
                let frame = play.world.machine.entry(of: area[$0], in: area.map)
                return frame.isPresent && play.world.machine.flags(of: frame.frame).contains(.active)
            }.count
        }
        #expect(active[0] > 0 && active[1] == 0, "\(active)")
    }

    @Test("new memory begins in the newest generation, cold memory is put into the one before (lru_gen_add_folio())")
    func firstGeneration() throws {
        var play = try limited(.linux6_12, to: 200)
        let area = try play.world.map(anonymousPages: 31, in: play.task)
        try play.perform(.write(area, pages: 31))
        play.world.machine.drainPageBatches()
        for step in [0, 1] {
            let group = try #require(play.world.machine.group)
            let place = Generations.place(of: group.generations.newest - step)
            let places = (0..<31).map { group.pages.generation(of: play.frame(of: $0, in: area)) }
            #expect(places.allSatisfy { $0 == place })
            try play.perform(.madvise(area, .cold))
        }
    }

    @Test("memory that is given up is no longer of the working set, a batch at a time (folio_mark_lazyfree())")
    func lazilyFreedPages() throws {
        for (model, kept) in [(KernelModel.linux6_1, 32), (.linux6_12, 1)] {
            var play = try limited(model, to: 200)
            let area = try play.world.map(anonymousPages: 32, in: play.task)
            try play.perform(.write(area, pages: 32))
            play.world.machine.drainPageBatches()
            let folios = (0..<32).map { play.frame(of: $0, in: area) }
            for folio in folios { play.world.machine.setFlags(of: folio, adding: .workingset) }
            try play.perform(.madvise(area, .free))
            #expect(folios.filter { play.world.machine.flags(of: $0).contains(.workingset) }.count == kept)
        }
    }

    @Test("each use of a page counts one step more: referenced, working set, then tiers (folio_inc_refs())")
    func useOfPage() throws {
        var play = try limited(.linux6_12, to: 200)
        let file = try play.world.file(pages: 1)
        try play.perform(.read(file, page: 0))
        play.world.machine.drainPageBatches()
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        play.world.machine.setFlags(of: folio, removing: [.referenced, .workingset])
        let both: FrameFlags = [.referenced, .workingset]
        for (flags, uses) in [(FrameFlags.referenced, 0), (both, 0), (both, 1)] {
            play.world.machine.markAccessed(folio)
            #expect(play.world.machine.flags(of: folio).intersection([.referenced, .workingset]) == flags)
            #expect(play.world.machine.group?.pages.uses(of: folio) == uses)
        }
    }

    @Test("the second use of a page that is still in a batch makes it active (__lru_cache_activate_folio())")
    func useInBatch() throws {
        var play = try limited(.linux6_1, to: 200)
        let file = try play.world.file(pages: 1)
        try play.perform(.read(file, page: 0))
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        #expect(play.world.machine.group?.pages.list(of: folio) == nil)
        for isActive in [false, true] {
            #expect(play.world.machine.flags(of: folio).contains(.active) == isActive)
            play.world.machine.setFlags(of: folio, adding: .referenced)
            play.world.machine.markAccessed(folio)
            guard !isActive else { break }
            #expect(!play.world.machine.flags(of: folio).contains(.referenced))
        }
    }

    @Test("pages of tmpfs go to swap when their group is reclaimed (shmem_writepage())")
    func tmpfsOfGroup() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try limited(model, to: 200)
            let file = try play.world.file(pages: 16, on: .tmpfs)
            try play.perform(.write(file, page: 0, pages: 16))
            play.world.machine.drainPageBatches()
            _ = play.world.machine.reclaimFromMemoryGroup(16)
            #expect(play.world.machine.events.pswpout > 0, "\(model.name)")
            #expect((0..<16).contains { play.world.machine.swapSlot(of: file, at: PageIndex($0)) != nil })
        }
    }

    @Test("a group at its limit is reclaimed 18 times before it is out of memory (MAX_RECLAIM_RETRIES)")
    func triesBeforeKill() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.world.addMemoryGroup(limit: 8)
            let area = try play.world.map(anonymousPages: 9, in: play.task)
            try play.perform(.write(area, pages: 8))
            let before = play.world.machine.group?.events.limitReached ?? 0
            play.world.start(.write(area, page: 8), in: play.task)
            for _ in 0..<200 where play.world.machine.group?.events.outOfMemory == 0 { play.step(play.task, most: 1) }
            #expect(play.world.machine.group?.events.outOfMemory == 1)
            #expect((play.world.machine.group?.events.limitReached ?? 0) - before == 18, "\(model.name)")
        }
    }
}
