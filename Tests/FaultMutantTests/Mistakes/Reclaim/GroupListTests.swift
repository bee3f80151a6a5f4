import FaultSimulator
import Testing

@testable import FaultCore

/// Which list of a memory group a page is in, and what moves it.
@Suite("Lists of memory groups", .timeLimit(.minutes(60)))
struct GroupListTests {
    /// A process in a group that has written one page.
    private func written(_ model: KernelModel = .linux6_1, drained: Bool = true) throws -> (Play, Area) {
        var play = try Play(model)
        try play.world.addMemoryGroup(limit: 200)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        if drained { play.world.machine.drainPageBatches() }
        return (play, area)
    }

    @Test("the use of a page that can't be evicted changes nothing but its first mark (folio_mark_accessed())")
    func useOfLockedPage() throws {
        var (play, area) = try written()
        try play.perform(.mlock2(area.start, pages: 1, []))
        let folio = play.frame(of: 0, in: area)
        #expect(play.world.machine.group?.pages.list(of: folio) == .unevictable)
        play.world.machine.setFlags(of: folio, removing: .referenced)
        let age = play.world.machine.group?.nonresidentAge
        for _ in 0..<3 { play.world.machine.markAccessed(folio) }
        #expect(play.world.machine.flags(of: folio).contains(.referenced))
        #expect(play.world.machine.group?.nonresidentAge == age)
        play.world.machine.activateInGroup(folio)
        #expect(play.world.machine.group?.batches.activated == [])
    }

    @Test("a page that was taken out of its list does not become active by its use (__lru_cache_activate_folio())")
    func useOfIsolatedPage() throws {
        for isIsolated in [true, false] {
            var (play, area) = try written()
            let folio = play.frame(of: 0, in: area)
            play.world.machine.setFlags(of: folio, adding: .referenced, removing: .active)
            if isIsolated { _ = play.world.machine.isolate(folio) }
            play.world.machine.markAccessed(folio)
            play.world.machine.drainPageBatches()
            #expect(play.world.machine.flags(of: folio).contains(.active) == !isIsolated)
            #expect(!play.world.machine.flags(of: folio).contains(.referenced))
        }
    }

    @Test("a page that is locked a second time stays where it is in its list (__mlock_folio())")
    func lockedTwice() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.world.addMemoryGroup(limit: 200)
            let area = try play.world.map(anonymousPages: 3, in: play.task)
            try play.perform(.write(area, pages: 3))
            try play.perform(.mlock2(area.start, pages: 3, []))
            let before = try #require(play.world.machine.group)
            #expect(before.pages.count(.unevictable) == 3)
            play.world.machine.lockInGroup(play.frame(of: 0, in: area))
            let after = try #require(play.world.machine.group)
            #expect(after.pages.pages(of: .unevictable) == before.pages.pages(of: .unevictable))
            #expect(after.statistics.changes == before.statistics.changes, "\(model.name)")
        }
    }

    @Test("a page that is locked in a batch gets to the list of such pages with its batch (__munlock_folio())")
    func lockedInBatch() throws {
        var (play, area) = try written(drained: false)
        let folio = play.frame(of: 0, in: area)
        play.world.machine.lockInGroup(folio)
        #expect(play.world.machine.group?.pages.list(of: folio) == nil)
        play.world.machine.drainPageBatches()
        #expect(play.world.machine.group?.pages.list(of: folio) == .unevictable)
    }

    @Test("a page that MADV_PAGEOUT can't reclaim becomes active (shrink_folio_list(): activate_locked)")
    func pageThatStays() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var (play, area) = try written(model)
            let folio = play.frame(of: 0, in: area)
            if model == .linux6_12 {
                play.world.machine.group?.generations.newest += 1
                for type in PageType.allCases { play.world.machine.group?.generations.oldest[type] += 1 }
            }
            try play.perform(.madvise(area, .pageOut))
            play.world.machine.drainPageBatches()
            #expect(play.world.presentPages(of: area) == [0], "there is no swap")
            if model == .linux6_1 {
                #expect(play.world.machine.flags(of: folio).contains(.active))
            } else {
                let newest = Generations.place(of: try #require(play.world.machine.group).generations.newest)
                #expect(play.world.machine.group?.pages.generation(of: folio) == newest)
            }
        }
    }

    @Test("entries whose slots are not all charged to the group are no run (swap_pte_batch())")
    func chargedRun() throws {
        var play = try Play(.linux6_12)
        try play.swap(pages: 1024, held: false)
        try play.world.addMemoryGroup(limit: 200)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.swapOut(area)
        let leaf = play.world.machine.leafTable(area.map, area.start)
        let entries = (0..<4).map { play.world.machine.entry(of: area[$0], in: area.map) }
        let slots = try entries.map { try #require(play.world.machine.swapSlot(of: $0)) }
        #expect(slots == Array(slots[0]..<slots[0] + 4))
        func run() -> Range<PageNumber> {
            play.world.machine.swapRun(from: entries[0], at: area.start, in: leaf, below: area[0] + 4).pages
        }
        #expect(run() == area.start..<area[0] + 4)
        play.world.machine.group?.setCharged(slot: slots[2], false)
        #expect(run() == area.start..<area[0] + 2)
    }
}
