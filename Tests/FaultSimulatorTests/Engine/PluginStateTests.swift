import FaultSimulator
import Testing

/// Memory that counts the faults on each of its areas, and remembers the task that faulted last.
private struct CountingMemory: VMOperations {
    struct AreaState: Equatable, PluginState {
        var faults: UInt16 = 0
        var last = TaskID.none

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("faults", faults)
            visitor.visit("last", last)
        }
    }

    var name: StaticName { StaticName("counting memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        var state = machine.areaState(of: fault, as: Self.self)
        state.faults += 1
        state.last = fault.task
        machine.setAreaState(state, of: fault, as: Self.self)
        return .done(machine.giveNewPage(stamp: UInt32(state.faults), to: &fault) ? [] : .oom)
    }
}

/// The same without a memory.
private struct ForgetfulMemory: VMOperations {
    var name: StaticName { StaticName("forgetful memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom) }
}

@Suite("What plugs in remembers", .timeLimit(.minutes(60)))
struct PluginStateTests {
    /// A task with four pages of such memory.
    private static func world(_ handler: some VMOperations) throws -> (World, TaskID, Area) {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.register(handler), pages: 4, in: task)
        return (world, task, area)
    }

    /// Of how many areas the four pages are.
    private static func parts(_ world: World, _ area: Area) -> Int {
        world.machine.areas(of: area.map).filter { $0.start >= area[0] && $0.start <= area[3] }.count
    }

    private static func faults(_ world: World, _ area: Area, page: Int = 0) -> Int? {
        world.machine.areaState(at: area[page], in: area.map, as: CountingMemory.self).map { Int($0.faults) }
    }

    @Test("each area has its own state, which begins with its default values")
    func byArea() throws {
        let (start, task, area) = try Self.world(CountingMemory())
        var world = start
        #expect(Self.faults(world, area) == 0)
        let second = try world.map(world.register(CountingMemory()), pages: 4, in: task)
        try world.perform(.read(area), in: task)
        try world.perform(.read(area, page: 1), in: task)
        try world.perform(.read(second), in: task)
        #expect(Self.faults(world, area) == 2)
        #expect(Self.faults(world, second) == 1)
    }

    @Test("the worlds of a fork have the same state, until one of them faults")
    func forks() throws {
        let (start, task, area) = try Self.world(CountingMemory())
        var world = start
        try world.perform(.read(area), in: task)
        var branch = world
        #expect(branch.machine == world.machine)
        try branch.perform(.read(area, page: 1), in: task)
        #expect(Self.faults(world, area) == 1)
        #expect(Self.faults(branch, area) == 2)
        #expect(branch.machine != world.machine)
        try world.perform(.read(area, page: 1), in: task)
        #expect(branch.machine == world.machine && branch.machine.fingerprint == world.machine.fingerprint)
    }

    @Test("worlds that differ in the state of an area alone are unequal; without a state they are equal")
    func isState() throws {
        func faulted(_ handler: some VMOperations, times: Int) throws -> Machine {
            let (start, task, area) = try Self.world(handler)
            var world = start
            for _ in 0..<times {
                try world.perform(.read(area), in: task)
                try world.perform(.madvise(area, .dontNeed), in: task)
            }
            return world.machine
        }
        let forgetful = try [1, 2].map { try faulted(ForgetfulMemory(), times: $0) }
        #expect(forgetful[0] == forgetful[1] && forgetful[0].fingerprint == forgetful[1].fingerprint)
        let counting = try [1, 2].map { try faulted(CountingMemory(), times: $0) }
        #expect(counting[0] != counting[1])
        #expect(counting[0].fingerprint != counting[1].fingerprint)
    }

    @Test("both parts of a split have the state; they merge again only while it is the same")
    func splitsAndMerges() throws {
        let (world, task, area) = try Self.world(CountingMemory())
        var same = world
        var other = world
        for touched in [false, true] {
            var test = touched ? other : same
            try test.perform(.read(area), in: task)
            try test.perform(.mprotect(area[2], pages: 2, .read), in: task)
            #expect(Self.parts(test, area) == 2)
            #expect(Self.faults(test, area, page: 3) == 1)
            if touched { try test.perform(.read(area, page: 3), in: task) }
            try test.perform(.mprotect(area[2], pages: 2, .readWrite), in: task)
            if touched { other = test } else { same = test }
        }
        #expect(Self.parts(same, area) == 1)
        #expect(Self.parts(other, area) == 2)
        #expect(Self.faults(other, area) == 1 && Self.faults(other, area, page: 3) == 2)
    }

    @Test("an explorer tells states apart that differ in what a handler remembers")
    func explores() throws {
        func outcomes(_ handler: some VMOperations) throws -> Exploration {
            let (start, task, area) = try Self.world(handler)
            var world = start
            world.start(.read(area), in: task)
            world.start(.read(area), in: world.thread(of: task))
            return world.explore(Explorer.Options())
        }
        let forgetful = try outcomes(ForgetfulMemory())
        let counting = try outcomes(CountingMemory())
        #expect(forgetful.isComplete && counting.isComplete)
        #expect(counting.brokenLaws.isEmpty)
        #expect(counting.states > forgetful.states)
    }

    @Test("a replayed schedule leaves the same state")
    func replays() throws {
        let (begin, task, area) = try Self.world(CountingMemory())
        var world = begin
        world.start(.read(area), in: task)
        world.start(.read(area, page: 1), in: world.thread(of: task))
        let start = world
        var found = Explorer.Options()
        found.observe = {
            "\($0.areaState(at: area[0], in: area.map, as: CountingMemory.self)!.last)"
        }
        let exploration = world.explore(found)
        #expect(exploration.texts.sorted() == ["task 0", "task 1"])
        for outcome in exploration.outcomes {
            var replay = start
            #expect(replay.replay(outcome.schedule) == outcome.schedule.count)
            #expect(found.observe(replay.machine) == outcome.text)
        }
    }

    @Test("a device's state is by device, and forks")
    func devices() throws {
        var world = try World(.linux6_1)
        let disks = [world.addDisk(SeekingDisk()), world.addDisk(SeekingDisk())]
        let task = world.task()
        let file = try world.file(pages: 8, device: disks[0])
        let fork = world
        try world.perform(.read(file, 0, pages: 1, into: nil), in: task)
        let heads = disks.map { world.machine.state(of: $0, of: SeekingDisk.self).head }
        #expect(heads[0] > 0 && heads[1] == 0)
        #expect(fork.machine.state(of: disks[0], of: SeekingDisk.self).head == 0)
        world.machine.setState(.init(head: 3), of: disks[1], of: SeekingDisk.self)
        #expect(world.machine.state(of: disks[1], of: SeekingDisk.self).head == 3)
    }
}
