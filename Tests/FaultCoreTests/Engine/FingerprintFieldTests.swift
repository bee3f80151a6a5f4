import BareMachine
import Testing

@testable import FaultCore

/// Fields that nothing but the fingerprint's own list would miss.
@Suite("What a fingerprint sees", .timeLimit(.minutes(60)))
struct FingerprintFieldTests {
    /// A change of one field past its setter.
    struct Change: CustomTestStringConvertible, Sendable {
        let field: String
        let make: @Sendable (inout Machine) -> Void

        init(_ field: String, _ make: @escaping @Sendable (inout Machine) -> Void) {
            self.field = field
            self.make = make
        }

        var testDescription: String { field }
    }

    /// A task with an area, a file, a device.
    private static func machine() -> Machine {
        var settings = MachineSettings()
        settings.frameLimit = 64
        var world = BareMachine(settings: settings)
        world.area(at: 16, pages: 4)
        _ = world.file(pages: 4, cached: 0..<2)
        world.run(.touch(.write, PageNumber(16), pages: 2, stride: 1))
        _ = world.machine.addDevice(operations: world.machine.register(Metronome()), held: false)
        world.machine.addSwap(on: DeviceID(0), pages: 8)
        world.machine.lists.nonresidentAge = 5
        return world.machine
    }

    private static func pin(_ frames: [FrameNumber]) -> PagePin {
        PagePin(
            id: PinID(0, of: TaskID(0)), kind: .get, isForWriting: false, map: MapID(0), page: PageNumber(16),
            frames: frames)
    }

    static let seen: [Change] = [
        Change("task.isOOMVictim") { $0.tasks[0].isOOMVictim = true },
        Change("task.isPassedOver") { $0.tasks[0].isPassedOver = true },
        Change("task.reapTime") { $0.tasks[0].reapTime = 7 },
        Change("map.isReaped") { $0.maps[0].isReaped = true },
        Change("task.archWords") { $0.tasks[0].archWords.first ^= 4 },
        Change("task.pendingSignals") { $0.tasks[0].pendingSignals = .kill },
        Change("task.dirtiedPages") { $0.tasks[0].dirtiedPages += 1 },
        Change("map.heapEnd") { $0.maps[0].heapEnd = $0.maps[0].heapEnd + 1 },
        Change("map.mmapBase") { $0.maps[0].mmapBase = $0.maps[0].mmapBase + 1 },
        Change("map.defaultFlags") { $0.maps[0].defaultFlags = .locked },
        Change("map.users") { $0.maps[0].users += 1 },
        Change("map.hasPinned") { $0.maps[0].hasPinned = true },
        Change("task.pinsInBatch") { $0.tasks[0].pinsInBatch = 1 },
        Change("pins") { $0.pins.add(pin([FrameNumber(1)])) },
        Change("pins.taken") { machine in
            machine.pins.add(pin([]))
            _ = machine.pins.remove(PinID(0, of: TaskID(0)))
        },
        Change("swap.readaheadHits") { $0.swap.readaheadHits += 1 },
        Change("swap.previousSlot") { $0.swap.previousSlot += 1 },
        Change("swap.previousWindow") { $0.swap.previousWindow += 1 },
        Change("swap.areas") { $0.swap.breakSlots(PageRun(1, 1)) },
        Change("swap.area.searchStart") { machine in machine.swap.updateArea(0) { $0.searchStart += 1 } },
        Change("swap.area.isWritable") { $0.swap.closeArea(0) },
        Change("swap.slotCache") { $0.swap.slotCache.isActive.toggle() },
        Change("swap.maps") { $0.noteSwappedMap($0.maps[0].id) },
        Change("swap.files") { $0.swap.files = [FileID(0)] },
        Change("swap.slot.isReserved") { machine in machine.updateSlot(1) { $0.isReserved = true } },
        Change("area.swapReadahead") { machine in
            guard let position = machine.maps[0].areas.firstPosition(endingAfter: PageNumber(16)) else { return }
            let state = SwapReadaheadState(page: PageNumber(17), window: 2, hits: 1)
            machine.setSwapReadahead(state, at: position, in: machine.maps[0].id)
        },
        Change("lists") { $0.activate($0.entry(of: PageNumber(16), in: $0.maps[0].id).frame) },
        Change("device.refusesReadahead") { $0.devices[0].refusesReadahead = true },
        Change("device.holdsReads") { $0.devices[0].holdsReads = true },
        Change("device.state") { $0.setState(.init(ticks: 1), of: DeviceID(0), of: Metronome.self) },
        Change("file.pages") { $0.files[0].pages += 1 },
        Change("file.badBlocks") { $0.files[0].badBlocks = [PageRun(0, 0)] },
        Change("file.isReadRandomly") { $0.files[0].isReadRandomly = true },
        Change("file.writeErrors") { $0.files[0].writeErrors = .openFile },
        Change("file.pins") { $0.files[0].pins += 1 },
        Change("file.state") { $0.setState(.init(first: 1), of: FileID(0), of: AdvisedFile.self) },
        Change("file.readahead") { $0.files[0].readahead.mmapMiss += 1 },
        Change("file.shadows") { $0.files[0].shadows = [FileShadow(page: 1, shadow: Shadow(age: 3))] },
        Change("scheduler.failures") { $0.failAllocation(at: .anonymousPage) },
    ]

    /// Fields of an area. The hash that the machine keeps of its areas is left as it was, so that only the list of all
    /// words, which equality compares, can tell them.
    static let areaFields: [Change] = [
        Change("area.flags") { machine in changeArea(of: &machine) { $0.flags.insert(.execute) } },
        Change("area.operations") { machine in changeArea(of: &machine) { $0.operations = 1 } },
        Change("area.anonLinks") { machine in changeArea(of: &machine) { $0.anonLinks += 1 } },
        Change("area.startIndex") { machine in changeArea(of: &machine) { $0.startIndex = $0.startIndex + 1 } },
        Change("area.file") { machine in changeArea(of: &machine) { $0.file = FileID(0) } },
        Change("area.end") { machine in changeArea(of: &machine) { $0.end = $0.end + 1 } },
    ]

    private static func changeArea(of machine: inout Machine, _ change: (inout VMA) -> Void) {
        guard let position = machine.maps[0].areas.firstPosition(endingAfter: PageNumber(16)) else { return }
        var area = machine.maps[0].areas[position]
        change(&area)
        machine.maps[0].areas.replace(at: position, with: area)
    }

    @Test("equality compares each field of an area, not only the hash of all areas", arguments: areaFields)
    func areaIsCompared(_ change: Change) {
        let before = Self.machine()
        var after = before
        change.make(&after)
        #expect(after.structuralHash == before.structuralHash)
        #expect(after != before)
    }

    @Test("a change of this field is seen by the fingerprint and by equality", arguments: seen)
    func isSeen(_ change: Change) {
        let before = Self.machine()
        var after = before
        #expect(after.fingerprint == before.fingerprint)
        change.make(&after)
        #expect(after.fingerprint != before.fingerprint)
        #expect(after != before)
    }
}

/// A device that counts its requests.
private struct Metronome: BlockDevice {
    struct State: PluginState {
        var ticks = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("ticks", ticks) }
    }

    var name: StaticName { StaticName("metronome") }

    func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64 {
        state.ticks += 1
        return now + UInt64(state.ticks)
    }
}
