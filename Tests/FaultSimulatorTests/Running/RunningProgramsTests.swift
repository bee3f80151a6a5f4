@testable import FaultCore
import FaultSimulator
import Testing

@Suite("Lists and programs that tasks are given", .timeLimit(.minutes(60)))
struct RunningProgramsTests {
    /// Reads the first page of an area so often, then ends.
    private struct Reader: TaskProgram {
        let area: Area
        let times: UInt64

        /// How many reads it has made.
        struct State: PluginState {
            var reads: UInt64 = 0

            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("reads", reads) }
        }

        func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
            guard state.reads < times else { return nil }
            state.reads += 1
            return .read(area)
        }
    }

    private func makeWorld() throws -> (world: World, tasks: [TaskID], area: Area) {
        var world = try World(.linux6_1)
        world.machine.isChecking = false
        world.machine.recordsAttempts = false
        let task = world.task()
        let tasks = [task, world.thread(of: task), world.thread(of: task)]
        let area = try world.map(anonymousPages: 4, in: task)
        return (world, tasks, area)
    }

    @Test("a task can be given 100,000 lists: no more are kept than there are tasks, and each is run")
    func manyLists() throws {
        var (world, tasks, area) = try makeWorld()
        for number in 0..<100_000 {
            world.machine.start([.read(area, page: number % 4)], in: tasks[number % 2])
            #expect(world.machine.run() == .finished)
        }
        #expect(world.machine.programs.lists.count <= tasks.count)
        let operations: Int = world.machine.programs.lists.reduce(0) { $0 + $1.operations.count }
        #expect(operations == 2)
        #expect(tasks.map { world.machine.counters(of: $0).minorFaults } == [2, 2, 0])
    }

    @Test("a task can be given 40,000 programs: no more are kept than there are tasks, and each is run")
    func manyPrograms() throws {
        var (world, tasks, area) = try makeWorld()
        for number in 0..<40_000 {
            world.machine.start(Reader(area: area, times: 1), in: tasks[number % 3])
            #expect(world.machine.run() == .finished)
        }
        #expect(world.machine.programs.programs.count <= tasks.count)
        #expect(world.machine.programs.startedPrograms == 40_000)
        #expect(world.report(of: tasks[2]).outcome.isDone)
    }

    @Test("a list takes the place of a program, and a program that of a list")
    func eitherOr() throws {
        var (world, tasks, area) = try makeWorld()
        world.start([.read(area)], in: tasks[0])
        _ = world.run()
        world.start(Reader(area: area, times: 2), in: tasks[0])
        _ = world.run()
        #expect(world.machine.programs.lists[0].operations.isEmpty && world.machine.programs.programs[0] != nil)
        world.start([.read(area), .write(area)], in: tasks[0])
        _ = world.run()
        #expect(world.machine.programs.lists[0].operations.count == 2 && world.machine.programs.programs[0] == nil)
        #expect(world.report(of: tasks[0]).operation == .write(area))
    }

    @Test("forks don't see each other's lists, and each goes on with its own")
    func forks() throws {
        var (world, tasks, area) = try makeWorld()
        let list: [TaskOperation] = [.sleep(nanoseconds: 5), .write(area), .write(area, page: 1)]
        world.start(list, in: tasks[0])
        let start = world.machine
        var branch = world
        branch.start([.sleep(nanoseconds: 1), .write(area, page: 2, pages: 2)], in: tasks[1])
        #expect(world.machine == start && branch.machine != start)
        _ = branch.run()
        #expect(branch.presentPages(of: area).count == 4)
        #expect(world.machine == start)
        _ = world.run()
        #expect(world.presentPages(of: area) == [0, 1])
        #expect(world.machine.programs.lists.count == 1)
    }

    @Test("lists that are over leave no trace: machines that did the same are equal, and stay so")
    func history() throws {
        var (one, tasks, area) = try makeWorld()
        var other = one
        for page in 0..<3 { one.start([.write(area, page: page)], in: tasks[0]); _ = one.run() }
        other.start([.write(area), .write(area, page: 1), .write(area, page: 2)], in: tasks[0])
        _ = other.run()
        #expect(one.machine == other.machine && one.machine.fingerprint == other.machine.fingerprint)
        let next: [TaskOperation] = [.sleep(nanoseconds: 5), .write(area, page: 3)]
        one.start(next, in: tasks[1])
        other.start(next, in: tasks[1])
        #expect(one.machine == other.machine && one.machine.fingerprint == other.machine.fingerprint)
    }

    @Test("what is left of a list is state, and so is the program that is under way")
    func leftIsState() throws {
        var (world, tasks, area) = try makeWorld()
        var (one, other) = (world, world)
        one.start([.sleep(nanoseconds: 5), .write(area)], in: tasks[0])
        other.start([.sleep(nanoseconds: 5), .write(area, page: 1)], in: tasks[0])
        #expect(one.machine != other.machine && one.machine.fingerprint != other.machine.fingerprint)
        (one, other) = (world, world)
        one.start(Reader(area: area, times: 2), in: tasks[0])
        other.start(Reader(area: area, times: 3), in: tasks[0])
        #expect(one.machine != other.machine)
        other = world
        other.start(Reader(area: area, times: 2), in: tasks[0])
        #expect(one.machine == other.machine)
        world.start(Reader(area: area, times: 2), in: tasks[1])
        #expect(one.machine != world.machine)
    }
}
