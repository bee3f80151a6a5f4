import FaultSimulator
import Testing

@Suite("Stopping at an event, and the names of stages", .timeLimit(.minutes(60)))
struct StopAtEventTests {
    @Test("a run stops when a task drops its lock, and goes on as if it had not stopped")
    func stops() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 4)
        let task = world.task()
        let area = try world.map(file, in: task)
        world.start(.read(area), in: task)
        var whole = world
        #expect(whole.run() == .blocked)
        #expect(world.run(until: .event(.faultLockDropped, of: task)) == .conditionMet)
        #expect(world.mmapLock(of: task).isFree)
        #expect(world.machine != whole.machine)
        #expect(world.machine.trace.isEmpty)
        #expect(world.run(until: .event(.attemptEnded)) == .blocked)
        #expect(world.machine == whole.machine)
        world.completeReads()
        #expect(
            world.run(
                until: .event {
                    guard case .attemptEnded(_, let result) = $0.detail else { return false }
                    return result.contains(.retry)
                }) == .conditionMet)
        #expect(world.run() == .finished)
    }

    @Test("a trace has a name for every stage")
    func names() throws {
        var world = try World(.linux6_1)
        world.machine.isTracing = true
        let file = try world.file(pages: 4)
        let tmpfs = try world.file(pages: 4, on: .tmpfs)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        let memory = try world.map(tmpfs, .readWrite, .shared, in: task)
        let operations: [TaskOperation] = [
            .write(area, page: 1), .write(memory), .read(file, 0, pages: 2, into: area[2]), .fsync(file),
            .truncate(file, pages: 3), .dropCache(file), .mlock(area[0], pages: 1), .fork,
            .madvise(area, .dontNeed), .punchHole(tmpfs, 0, pages: 1), .mincore(area[0], pages: 1),
            .readProcMaps(area.map), .munmap(area), .exit,
        ]
        for operation in operations { try world.perform(operation, in: task) }
        let stages = world.machine.trace.filter { $0.kind == .stage }.map { world.machine.text(of: $0) }
        #expect(stages.count > 100)
        let unnamed = stages.filter { $0.split(separator: ".").last?.allSatisfy(\.isNumber) != false }
        #expect(Set(unnamed.compactMap { $0.split(separator: " ").last }) == [])
    }
}
