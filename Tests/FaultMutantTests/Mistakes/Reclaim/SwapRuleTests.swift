import FaultSimulator
import Testing

@testable import FaultCore

/// Slots of swap, and pages that are there beside them.
@Suite("Slots of swap and their pages", .timeLimit(.minutes(60)))
struct SwapRuleTests {
    @Test("a page that stays in memory gives up its slot if more than half of all are in use (vm_swap_full())")
    func slotOfPageThatStays() throws {
        for (others, isKept) in [(3, false), (0, true)] {
            var play = try Play(.linux6_1)
            try play.swap(pages: 8, held: false)
            let area = try play.world.map(anonymousPages: 3, in: play.task)
            try play.swapOut(area)
            try play.perform(.read(area))
            try play.perform(.mlock2(area.start, pages: 1, .onFault))
            if others > 0 { try play.swapOut(try play.world.map(anonymousPages: others, in: play.task)) }
            let folio = play.frame(of: 0, in: area)
            let outcome = play.world.machine.reclaimPage(folio, by: play.thread)
            #expect(outcome == .activated)
            #expect(play.world.machine.flags(of: folio).contains(.swapCache) == isKept, "\(others) others")
        }
    }

    @Test("when slots are short, one that only the swap cache uses is taken (scan_swap_map_slots())")
    func slotOfCachedPage() throws {
        for isLocked in [false, true] {
            var play = try Play(.linux6_1)
            try play.swap(pages: 16, held: false, isRotational: true)
            let sizes = [4, 4, 8, 1, 1]  // the slots 1 to 4, 5 to 8, 9 to 16
            let areas = try sizes.map { try play.world.map(anonymousPages: $0, in: play.task) }
            for (area, size) in zip(areas, sizes) { try play.perform(.write(area, pages: size)) }
            func slot(of area: Area) -> UInt32 { play.world.machine.entry(of: area[0], in: area.map).frame.rawValue }
            for area in areas[0...1] { try play.perform(.madvise(area, .pageOut)) }
            play.world.evictSwapCache()
            let first = slot(of: areas[1])
            try play.perform(.read(areas[1], pages: 4))
            try play.perform(.madvise(areas[2], .pageOut))
            #expect(play.world.machine.freeSwapPages == 0)
            // The next search begins behind slot 4.
            try play.perform(.madvise(areas[0], .dontNeed, page: 3, pages: 1))
            try play.perform(.madvise(areas[3], .pageOut))
            try play.perform(.madvise(areas[0], .dontNeed, page: 1, pages: 1))
            try play.perform(.madvise(areas[2], .dontNeed, page: 7, pages: 1))
            let folios = (0..<2).map { play.frame(of: $0, in: areas[1]) }
            play.world.machine.isChecking = false  // no law lets an idle thread lock a page
            if isLocked { _ = play.world.machine.tryLock(folios[0], by: play.thread) }
            try play.perform(.madvise(areas[4], .pageOut))
            #expect(slot(of: areas[4]) == first + (isLocked ? 1 : 0))
            let cached = folios.map { play.world.machine.flags(of: $0).contains(.swapCache) }
            #expect(cached == [isLocked, !isLocked])
        }
    }

    @Test("the next free slot is found however far away it is, and not behind the end")
    func farFreeSlot() {
        var area = SwapArea(
            on: DeviceID(0), pages: 300, isSynchronous: false, isRotational: true, priority: 0, listsClusters: false)
        for slot in 1...200 { _ = area.take(slot) }
        #expect(area.firstFree(from: 1, below: 301) == 201 && area.firstFree(from: 1, below: 201) == nil)
        #expect(area.firstFree(from: 250, below: 301) == 250 && area.firstFree(from: 301, below: 400) == nil)
    }

    @Test("a disk's slots are given out from the first on (scan_swap_map_slots(): SWAPFILE_CLUSTER)")
    func firstRun() throws {
        var play = try Play(.linux6_1)
        try play.swap(pages: 600, held: false, isRotational: true)
        let area = try play.world.map(anonymousPages: 3, in: play.task)
        try play.swapOut(area)
        let offsets = try (0..<3).map { page in
            let entry = play.world.machine.entry(of: area[page], in: area.map)
            return play.world.machine.swap.areas[0].offset(of: try #require(play.world.machine.swapSlot(of: entry)))
        }
        #expect(offsets == [1, 2, 3])
    }

    @Test("slots that are repaired can be read again, all of them or some")
    func repairedSlots() throws {
        for repairsAll in [true, false] {
            var (play, area) = try Behaviour.swapped(.linux6_1, pages: 2) { $0.swapReadaheadPages = 1 }
            play.world.machine.breakSwapSlots(1...play.world.machine.swapPages)
            if repairsAll { play.world.machine.repairSwapSlots() } else { play.world.machine.repairSwapSlots(1...1) }
            let slots = (0..<2).map {
                play.world.machine.swapSlot(of: play.world.machine.entry(of: area[$0], in: area.map))
            }
            for (page, slot) in slots.enumerated() {
                let isRead = try play.perform(.read(area, page: page)).end == "done"
                #expect(isRead == (repairsAll || slot == 1))
            }
        }
    }
}
