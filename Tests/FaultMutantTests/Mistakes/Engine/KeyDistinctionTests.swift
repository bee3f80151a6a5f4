import FaultSimulator
import Testing

@testable import FaultCore

/// What the key of a state tells apart, and what it does not.
@Suite("What keys of states tell apart", .timeLimit(.minutes(60)))
struct KeyDistinctionTests {
    @Test("which page of a file was reclaimed")
    func pageOfShadow() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 64 }
        let file = try play.world.file(pages: 8)
        play.world.machine.lists.nonresidentAge = 4
        var keys: [UInt64] = []
        for page in [PageIndex(3), 5] {
            var machine = play.world.machine
            machine.setShadow(Shadow(age: 1), of: file, at: page)
            keys.append(machine.stateKey)
        }
        #expect(keys[0] != keys[1])
    }

    @Test("when a page of a group was evicted, and whether it was of the working set")
    func ageOfShadow() throws {
        var play = try Play(.linux6_1)
        try play.world.addMemoryGroup(limit: 64)
        let file = try play.world.file(pages: 8)
        play.world.machine.group?.nonresidentAge = 10
        var keys: [UInt64] = []
        for age in UInt64(5)...8 {
            for wasWorkingset in [false, true] {
                var machine = play.world.machine
                machine.setShadow(Shadow(age: age, wasWorkingset: wasWorkingset, isOfGroup: true), of: file, at: 3)
                keys.append(machine.stateKey)
            }
        }
        #expect(Set(keys).count == 8)
    }

    @Test("whether a cluster of swap is partly used, fragmented or full")
    func kindOfCluster() throws {
        var play = try Play(.linux6_12)
        try play.swap(pages: 2000, held: false)
        var keys: [UInt64] = []
        for kind in [SwapClusters.Kind.inUse, .free, .partlyUsed, .fragmented, .full] {
            var machine = play.world.machine
            for cluster in 0..<4 { machine.swap.updateArea(0) { $0.clusters.move(cluster, to: kind) } }
            keys.append(machine.stateKey)
        }
        #expect(Set(keys).count == 5)
    }

    @Test("not how many generations there have been, if none was evicted")
    func countOfGenerations() throws {
        var play = try Play(.linux6_12)
        try play.world.addMemoryGroup(limit: 64)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.perform(.write(area, pages: 4))
        let before = play.world.machine.stateKey
        for change in [\Generations.newest, \.oldest.anonymous, \.oldest.file, \.walked] {
            play.world.machine.group?.generations[keyPath: change] += Generations.most
        }
        #expect(play.world.machine.stateKey == before)
    }
}
