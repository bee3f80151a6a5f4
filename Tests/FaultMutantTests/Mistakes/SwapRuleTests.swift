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
}
