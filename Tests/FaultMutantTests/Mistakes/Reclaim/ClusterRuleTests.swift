import FaultSimulator
import Testing

@testable import FaultCore

/// Clusters of swap devices that don't rotate.
@Suite("Clusters of swap", .timeLimit(.minutes(60)))
struct ClusterRuleTests {
    @Test("a cluster whose last slot is given back is free, and the last that is taken (free_cluster())")
    func emptiedCluster() throws {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.swap(pages: 1600, held: false)
            let area = try play.world.map(anonymousPages: 3, in: play.task)
            let before = play.world.machine.swap.areas[0].clusters.all(.free)
            #expect(before == [1, 2])
            try play.swapOut(area)
            #expect(play.world.machine.swap.areas[0].clusters.all(.free) == [2])
            try play.perform(.madvise(area, .dontNeed))
            play.world.machine.drainSlotCache()
            #expect(play.world.machine.swap.areas[0].clusters.all(.free) == [2, 1], "\(model.name)")
        }
    }

    @Test("without a free cluster, slots of a full one that only the swap cache uses are freed (vm_swap_full())")
    func fullCluster() throws {
        var play = try Play(.linux6_12)
        try play.swap(pages: 1023, held: false)
        let areas = try [400, 200].map { try play.world.map(anonymousPages: $0, in: play.task) }
        for area in areas { try play.perform(.write(area, pages: area.pages)) }
        try play.perform(.madvise(areas[0], .pageOut))
        play.world.evictSwapCache()
        try play.perform(.read(areas[0], pages: 400))  // more than half of swap is free, so that they keep their slots
        let folios = (0..<400).map { play.frame(of: $0, in: areas[0]) }
        func cached() -> Int { folios.filter { play.world.machine.flags(of: $0).contains(.swapCache) }.count }
        #expect(cached() == 400 && play.world.machine.swap.areas[0].clusters.first(.full) == nil)
        try play.perform(.madvise(areas[1], .pageOut))
        #expect(play.world.machine.swap.areas[0].clusters.first(.free) == nil)
        #expect(cached() == 0)
    }
}
