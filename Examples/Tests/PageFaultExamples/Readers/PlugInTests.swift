import FaultTestSupport
import Testing

/// Memory that counts its faults, area by area, and puts the count into the page.
struct CountedMemory: VMOperations {
    enum Stage: UInt8, RoutineStage { case give }

    struct AreaState: PluginState {
        var faults: UInt32 = 0
        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("faults", faults) }
    }

    var name: StaticName { "counted memory" }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        var state = machine.areaState(of: fault, as: Self.self)
        state.faults += 1
        machine.setAreaState(state, of: fault, as: Self.self)
        return .done(machine.giveNewPage(stamp: state.faults, to: &fault) ? [] : .oom)
    }
}

/// A disk with an arm: a request behind the one before takes 100 µs, any other 8 ms.
struct DiskWithArm: BlockDevice {
    struct State: PluginState {
        var next: PageIndex = 0
        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("next", next) }
    }

    var name: StaticName { "disk with an arm" }

    func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64 {
        let isBehind = request.index == state.next
        state.next = request.index + request.pages
        return now + (isBehind ? 100_000 : 8_000_000)
    }
}

/// A program that touches pages from the first on, until one was a signal's or all are touched.
struct Toucher: TaskProgram {
    struct State: PluginState {
        var next: UInt32 = 0
        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("next", next) }
    }

    let start: PageNumber
    let pages: UInt32

    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        guard state.next < pages, last.errno == nil else { return nil }
        defer { state.next += 1 }
        return .read(start + Int(state.next))
    }
}

@Suite("Somebody who plugs in: a handler, a device, a program", .timeLimit(.minutes(60)))
struct ReadersPlugInTests {
    @Test("a handler counts faults by area; the count forks with the world")
    func handlerWithState() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let handler = world.register(CountedMemory())
        let one = try world.map(handler, pages: 4, in: task)
        let two = try world.map(handler, pages: 4, in: task)
        #expect(try world.perform(.read(one, page: 3), in: task).outcome.stamp == 1)
        #expect(try world.perform(.read(one, page: 0), in: task).outcome.stamp == 2)
        var other = world
        #expect(try other.perform(.read(one, page: 1), in: task).outcome.stamp == 3)
        #expect(try world.perform(.read(two, page: 1), in: task).outcome.stamp == 1)
        let count = world.machine.areaState(at: one.start, in: one.map, as: CountedMemory.self)
        #expect(count?.faults == 2)
    }

    @Test("a disk with an arm: pages in order cost one way, pages backwards one each")
    func device() throws {
        func time(_ pages: [Int]) throws -> Duration {
            var world = try World(.linux6_1)
            let disk = world.addDisk(DiskWithArm(), named: "arm")
            let task = world.task()
            let area = try world.map(world.file(pages: 64, on: .ext4, device: disk), .read, in: task)
            try world.perform(.madvise(area, .random), in: task)
            for page in pages { try world.perform(.read(area, page: page), in: task) }
            return world.elapsed
        }
        #expect(try time([8, 9, 10, 11]) == .microseconds(8_300))
        #expect(try time([11, 10, 9, 8]) == .microseconds(32_000))
    }

    @Test("a program touches until it has touched all, and stops at a hole")
    func program() throws {
        var world = try World(.linux6_1)
        let task = world.task("program")
        let area = try world.map(anonymousPages: 4, in: task)
        world.start(Toucher(start: area.start, pages: 4), in: task)
        #expect(world.run() == .finished)
        #expect(world.reports(of: task).count == 4)
        #expect(world.present(in: area) == [0...3])

        let killed = world.task("killed")
        let short = try world.map(anonymousPages: 2, in: killed)
        world.start(Toucher(start: short.start, pages: 4), in: killed)
        world.run()
        #expect(world.report(of: killed).signal == .segv(.notMapped))
        #expect(world.present(in: short) == [0...1])
    }
}
