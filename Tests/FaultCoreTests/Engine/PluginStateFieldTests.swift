import BareMachine
import Testing

@testable import FaultCore

/// A handler whose state has bytes that are no field's.
private struct PaddedMemory: VMOperations {
    struct AreaState: Equatable, PluginState {
        var isWarm = false
        var count: UInt32 = 7

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("isWarm", isWarm)
            visitor.visit("count", count)
        }
    }

    var name: StaticName { StaticName("padded memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(.sigbus) }
}

private struct LargeMemory: VMOperations {
    struct AreaState: PluginState {
        var first = 0
        var second = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("second", second)
        }
    }

    var name: StaticName { StaticName("large memory") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(.sigbus) }
}

private struct PageKeeper: VMOperations {
    struct AreaState: PluginState {
        var page = FrameNumber.none

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("page", page) }
    }

    var name: StaticName { StaticName("page keeper") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> { .done(.sigbus) }
}

@Suite("The state of what plugs in, field by field", .timeLimit(.minutes(60)))
struct PluginStateFieldTests {
    /// A machine with eight pages of padded memory, mapped in two calls.
    private static func machine() -> (Machine, MapID, UInt16) {
        var world = BareMachine()
        let number = world.machine.register(PaddedMemory())
        for (page, offset) in [(1000, 0), (1004, 4)] as [(UInt64, Int)] {
            world.run(
                .mmap(
                    MapRequest(
                        pages: 4, access: .read, flags: .shared, offset: PageIndex(offset),
                        placement: .fixed(PageNumber(page)),
                        operations: number)))
        }
        return (world.machine, world.map, number)
    }

    @Test("a new area has the default values, and merges with a neighbour that has them too")
    func begins() {
        let (machine, map, _) = Self.machine()
        #expect(machine.areas(of: map).count == 1)
        #expect(
            machine.areaState(at: PageNumber(1000), in: map, as: PaddedMemory.self) == .init(isWarm: false, count: 7))
    }

    @Test("bytes between fields are not state: neither for the fingerprint, nor for equality, nor for merging")
    func padding() {
        let (machine, map, number) = Self.machine()
        var other = machine
        let position = other.maps[map.index].areas.firstPosition!
        let word = other.maps[map.index].areas[position].stateWord
        other.setStateWord(word ^ 0xFFFF_FF00, at: position, in: map)
        #expect(other.maps[map.index].areas[position].stateWord != word)
        #expect(other.fingerprint == machine.fingerprint && other == machine)
        #expect(other.fingerprintFromScratch == other.fingerprint)
        other.start(
            .mmap(
                MapRequest(
                    pages: 4, access: .read, flags: .shared, offset: 8, placement: .fixed(PageNumber(1008)),
                    operations: number)),
            in: TaskID(0))
        _ = other.run()
        #expect(other.areas(of: map).count == 1)

        var changed = machine
        changed.setStateWord(word ^ 1 << 32, at: position, in: map)
        #expect(changed.fingerprint != machine.fingerprint && changed != machine)
        #expect(changed.fingerprintFromScratch == changed.fingerprint)
    }

    @Test("state is not remembered once the fault lock is dropped, and that is reported")
    func needsTheLock() {
        var (machine, map, _) = Self.machine()
        machine.isChecking = true
        var fault = VMFault()
        fault.task = TaskID(0)
        fault.map = map
        fault.page = PageNumber(1000)
        _ = machine.tryLock(.mmap(map), .read, for: fault.task)
        fault.lock = .mmap
        _ = machine.findArea(of: &fault)
        machine.setAreaState(.init(isWarm: true, count: 8), of: fault, as: PaddedMemory.self)
        #expect(machine.areaState(of: fault, as: PaddedMemory.self) == .init(isWarm: true, count: 8))
        #expect(machine.violations.isEmpty)
        machine.releaseFaultLock(of: &fault)
        machine.setAreaState(.init(isWarm: false, count: 9), of: fault, as: PaddedMemory.self)
        #expect(machine.violations.map(\.law) == [.staleArea])
        #expect(machine.areaState(at: fault.page, in: map, as: PaddedMemory.self)?.count == 8)
    }

    @Test("a file's state is by file, and is seen by the fingerprint")
    func files() {
        var world = BareMachine()
        let files = [world.file(pages: 1), world.file(pages: 1)]
        let before = world.machine
        world.machine.setState(.init(first: 3, pages: 4), of: files[1], of: AdvisedFile.self)
        #expect(world.machine.state(of: files[0], of: AdvisedFile.self) == .init())
        #expect(world.machine.state(of: files[1], of: AdvisedFile.self) == .init(first: 3, pages: 4))
        #expect(world.machine != before && world.machine.fingerprint != before.fingerprint)
        world.machine.setState(.init(), of: files[1], of: AdvisedFile.self)
        #expect(world.machine == before && world.machine.fingerprint == before.fingerprint)
    }

    @Test("asking for the state of another handler ends the process, with a sentence")
    func wrongHandler() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let (machine, map, _) = PluginStateFieldTests.machine()
            _ = machine.areaState(at: PageNumber(1000), in: map, as: PageKeeper.self)
        }
        #expect(text(result).contains("the area at page 0x3e8 is not backed by a PageKeeper"))
    }

    @Test("a state that is too large ends the process when it is registered, with a sentence")
    func tooLarge() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = BareMachine()
            _ = world.machine.register(LargeMemory())
        }
        #expect(text(result).contains("LargeMemory: its AreaState has 16 bytes, and there is room for 8"))
    }

    @Test("a state that names a page frame ends the process, with a sentence")
    func namesFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = BareMachine()
            let number = world.machine.register(PageKeeper())
            world.run(.mmap(MapRequest(pages: 1, access: .read, flags: .shared, operations: number)))
        }
        #expect(text(result).contains("PluginState: the field page names a page frame"))
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
