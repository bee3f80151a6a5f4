import FaultSimulator
import Testing

@testable import FaultCore

/// Which areas share an `anon_vma`.
@Suite("Which areas share an anon_vma", .timeLimit(.minutes(60)))
struct MergeRuleTests {
    @Test("an area takes its neighbour's anon_vma only if no fork has linked that to another (list_is_singular())")
    func neighbourAfterFork() throws {
        for isBelow in [true, false] {
            for forks in [true, false] {
                var play = try Play(.linux6_1)
                let written = try play.map(isBelow ? 0x10 : 0x12, pages: 2)
                let other = try play.map(isBelow ? 0x12 : 0x10, pages: 2, .all)
                try play.perform(.write(written))
                let task = forks ? try play.world.fork(play.task) : play.task
                try play.perform(.write(other.start), in: task)
                let map = play.world.map(of: task)
                let numbers = [written, other].map { play.world.machine.area(containing: $0.start, in: map)?.anonVMA }
                #expect(numbers[1] != 0 && (numbers[0] == numbers[1]) == !forks, "below: \(isBelow)")
            }
        }
    }
}
