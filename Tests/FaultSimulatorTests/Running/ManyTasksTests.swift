import FaultSimulator
import Testing

@testable import FaultCore

@Suite("Machines of many tasks", .timeLimit(.minutes(60)))
struct ManyTasksTests {
    /// What tasks do does not depend on whether there is an index: the same tasks, beside many that do nothing.
    @Test("run like those of few", arguments: 1...8 as ClosedRange<UInt64>)
    func idleTasksChangeNothing(seed: UInt64) throws {
        #expect(try Self.story(seed: seed, idle: 0) == Self.story(seed: seed, idle: 80))
    }

    private static func story(seed: UInt64, idle: Int) throws -> [String] {
        var random = SplitMix64(seed: seed)
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 700))
        let file = try world.file(pages: 12)
        let first = world.task()
        let area = try world.map(file, .readWrite, in: first)
        let tasks = [first] + (0..<7).map { _ in world.thread(of: first) }
        for _ in 0..<idle { _ = world.task() }
        for task in tasks {
            world.start(
                (0..<12).map { _ -> TaskOperation in
                    switch random.below(6) {
                    case 0: .sleep(nanoseconds: UInt64(100 * random.below(12)))
                    case 1: .dropCache(file)
                    case 2: .write(area, page: random.below(12))
                    case 3: .fsync(file)
                    default: .read(area, page: random.below(12))
                    }
                }, in: task)
        }
        var story: [String] = []
        while true {
            let reason = world.run(until: .time(world.clock + 500))
            story.append("\(world.clock): \(reason)")
            for task in tasks {
                story.append("\(world.report(of: task).outcome) \(world.machine.counters(of: task))")
            }
            if random.below(4) == 0 { world.send(.user1, to: tasks[random.below(tasks.count)]) }
            if tasks.allSatisfy({ !world.machine.isBusy($0) }) || story.count > 2_000 { break }
        }
        #expect(world.machine.checkInvariants().isEmpty)
        #expect(world.machine.indexesSleepers == (idle > 0))
        return story
    }
}
