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

    @Test("MADV_COLD makes pages of a group inactive, 15 at a time, and passes over those that are (folio_deactivate())")
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
}
