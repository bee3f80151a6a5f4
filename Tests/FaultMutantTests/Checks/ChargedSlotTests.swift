import FaultSimulator
import Testing

@testable import FaultCore

/// Slots of swap are charged one by one: two states may differ in nothing else.
@Suite("Which slots are charged is state", .timeLimit(.minutes(60)))
struct ChargedSlotTests {
    /// Two pages swapped out, the first into slot 1; `charged` says which of the two was had since there is a group.
    private func swapped(charged: Int) throws -> (play: Play, area: Area) {
        var play = try Play(.linux6_1)
        try play.swap(held: false)
        let area = try play.world.map(anonymousPages: 2, in: play.task)
        try play.perform(.write(area, page: 1 - charged))
        try play.world.addMemoryGroup(limit: 40, swapLimit: 1)
        try play.perform(.write(area, page: charged))
        play.world.machine.drainPageBatches()  // pages on their way into a list can't be paged out
        for page in 0..<2 { try play.perform(.madvise(area, .pageOut, page: page, pages: 1)) }
        play.world.evictSwapCache()
        return (play, area)
    }

    @Test("two states that differ in it alone go different ways, and have different keys")
    func twoStates() throws {
        var (first, area) = try swapped(charged: 0)
        var (second, _) = try swapped(charged: 1)
        for play in [first, second] {
            #expect(play.world.machine.memoryGroup?.swapCharged == 1)
            #expect(play.world.machine.swap.slotsInUse == 2)
        }
        #expect(first.world.machine.group?.chargedSlots != second.world.machine.group?.chargedSlots)
        #expect(first.world.machine.stateKey != second.world.machine.stateKey)
        #expect(first.world.machine.fingerprint != second.world.machine.fingerprint)
        #expect(first.world.machine != second.world.machine)

        // The first page is given up; the limit of swap leaves room for another page only where its slot was charged.
        for index in 0..<2 {
            var play = index == 0 ? first : second
            try play.perform(.madvise(area, .dontNeed, page: 0, pages: 1))
            try play.perform(.write(area, page: 0))
            play.world.machine.drainPageBatches()
            try play.perform(.madvise(area, .pageOut, page: 0, pages: 1))
            let isSwapped = !play.world.machine.entry(of: area[0], in: area.map).isPresent
            #expect(isSwapped == (index == 0))
            if index == 0 { first = play } else { second = play }
        }
        #expect(first.world.machine.memoryGroup?.events.swapLimitReached == 0)
        #expect(second.world.machine.memoryGroup?.events.swapLimitReached == 1)
    }

    @Test("the slots alone make the difference")
    func slotsAlone() throws {
        let (first, _) = try swapped(charged: 0)
        var second = first
        second.world.machine.group?.setCharged(slot: 1, false)
        second.world.machine.group?.setCharged(slot: 2, true)
        #expect(first.world.machine.stateKey != second.world.machine.stateKey)
        second.world.machine.group?.setCharged(slot: 1, true)
        second.world.machine.group?.setCharged(slot: 2, false)
        // Slots that were charged once leave nothing behind.
        second.world.machine.group?.setCharged(slot: 500, false)
        #expect(first.world.machine.stateKey == second.world.machine.stateKey)
        #expect(first.world.machine == second.world.machine)
    }
}
