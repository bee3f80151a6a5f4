import FaultSimulator
import Testing

@testable import FaultCore

@Suite("Differences between worlds", .timeLimit(.minutes(60)))
struct DifferenceTests {
    private var world: World
    private let file: FileID
    private let task: TaskID
    private let area: Area

    init() throws {
        world = try World(.linux6_1)
        file = try world.file(pages: 64, resident: .pages([0...3]))
        task = world.task()
        area = try world.map(file, in: task)
    }

    @Test("a copy of a world is equal to it and has no differences")
    func copies() {
        let copy = world
        #expect(world == copy)
        #expect(world.differences(from: copy) == [])
    }

    @Test("a read that maps pages changes entries, rss and counters, and nothing else")
    func mapped() throws {
        var after = world
        try after.perform(.read(area, page: 1), in: task)
        #expect(after != world)
        let lines = after.differences(from: world)
        #expect(
            lines.filter { !$0.contains("counter") && !$0.contains("statistics") && !$0.contains("pages in use") } == [
                "task 0, outcome: done, \(area.start.rawValue) -> done, 0",
                "task 0, stamp: 0 -> \(after.report(of: task).outcome.stamp)",
                "map 0, pages 0x7fffff7c0-0x7fffff7c2: no entry -> present|young|accessible, file 0",
                "map 0, resident: 0 anon, 0 file, 0 shmem -> 0 anon, 3 file, 0 shmem",
            ])
        #expect(lines.contains("task 0, counter minorFaults: 0 -> 1"))
        #expect(lines.contains("counter pgfault: 0 -> 1"))
    }

    @Test("tasks, locks, requests and areas are told apart by name")
    func waiting() throws {
        var after = world
        after.start(.read(area, page: 9), in: task)
        after.run()
        let lines = after.differences(from: world)
        #expect(lines.contains("task 0, operation: none -> read page 0x7fffff7c8"))
        #expect(lines.contains("task 0, status: idle -> waits for I/O on page 9 of file 0"))
        #expect(lines.contains { $0.hasPrefix("task 0, stages: none -> touch.") })
        #expect(lines.contains { $0.hasPrefix("request: none -> read ") })
        var unmapped = world
        try unmapped.perform(.munmap(area, page: 32), in: task)
        #expect(
            unmapped.differences(from: world).contains(
                "map 0, area: 0x7fffff7bf-0x7fffff7ff rw-p file 0 from page 0, account -> "
                    + "0x7fffff7bf-0x7fffff7df rw-p file 0 from page 0, account"))
    }

    @Test("worlds of two kernels differ in their rules")
    func models() throws {
        let lines = try World(.linux6_12).differences(from: World(.linux6_1))
        #expect(lines.first == "model: linux6_1 -> linux6_12")
        #expect(lines.count == 1 + KernelModel.linux6_12.differences(from: .linux6_1).count)
    }

    @Test("worlds that are equal may have counted otherwise")
    func counters() throws {
        var once = world
        try once.perform(.read(area, page: 1), in: task)
        try once.perform(.munmap(area), in: task)
        var twice = world
        try twice.perform(.read(area, page: 1), in: task)
        try twice.perform(.read(area, page: 1), in: task)
        try twice.perform(.munmap(area), in: task)
        #expect(once.differences(from: once) == [])
        #expect(once.differences(from: twice).allSatisfy { $0.contains("counter") || $0.contains("statistics") })
    }

    @Test("two reports differ in outcome, counters and attempts")
    func reports() throws {
        var (cold, second) = (world, world)
        let read = try cold.perform(.read(area, page: 9), in: task)
        let cached = try second.perform(.read(area, page: 1), in: task)
        #expect(read.differences(from: read) == [])
        let lines = read.differences(from: cached)
        #expect(lines.first == "operation: read page 0x7fffff7c0 -> read page 0x7fffff7c8")
        #expect(lines.contains("majorFaults: 0 -> 1") && lines.contains("minorFaults: 1 -> 0"))
        #expect(lines.contains { $0.hasPrefix("attempt 2: none -> page 0x7fffff7c8 ") })
    }

    @Test("a reason to stop equals a kind, and another reason only if both say the same")
    func reasons() throws {
        var first = world
        first.start(.read(area, page: 9), in: task)
        var second = world
        second.start(.read(area, page: 40), in: task)
        let (one, two) = (first.run(), second.run())
        #expect(one == .blocked && two == .blocked && one != .finished)
        #expect(one != two)
        #expect(one == first.run())
        #expect(one.waits.count == 1 && one.description == "blocked\ntask 0 waits for I/O on page 9 of file 0")
    }
}
