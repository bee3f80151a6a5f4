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
}
