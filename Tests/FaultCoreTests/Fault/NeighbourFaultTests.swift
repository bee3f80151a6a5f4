import BareMachine
import Testing

@testable import FaultCore

/// A file whose pages are cached, and which returns them without their lock, so that the core has to take it.
private struct UnlockedFile: VMOperations {
    var name: StaticName { StaticName("unlocked file") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        guard let folio = machine.cachedFolio(at: fault.index, of: fault.file) else { return .done(.sigbus) }
        machine.give(folio, to: &fault)
        return .done([])
    }
}

@Suite("Neighbours that are faulted in one by one, as in Torvalds' patch of 2014", .timeLimit(.minutes(60)))
struct NeighbourFaultTests {
    private func world(cached: Range<Int>) -> (BareMachine, FileID) {
        let configuration = MachineConfiguration(
            model: .torvalds2014, entry: BareEntry(geometry: BareEntry.small), vmOperations: [UnlockedFile()],
            fileOperations: [AdvisedFile()])
        var world = BareMachine(configuration) { Issue.record("\($0)") }
        let file = world.file(pages: 16, cached: cached)
        world.area(at: 0x100, pages: 16, [.read], file: file)
        return (world, file)
    }

    private func mapped(_ world: BareMachine) -> [Int] {
        (0..<16).filter { world.entry(PageNumber(0x100) + $0).isPresent }
    }

    @Test("a page that its handler returns unlocked is locked for the mapping, and unlocked after it")
    func lockedByCore() {
        var (world, file) = world(cached: 2..<7)
        let report = world.run(.read(PageNumber(0x104)))
        #expect(report.results == [[]] && report.minorFaults == 1)
        #expect(mapped(world) == [2, 3, 4, 5, 6] && world.rss().file == 5)
        #expect(world.cached(file, with: .locked).isEmpty)
    }

    @Test("a neighbour that another thread maps while its lock is waited for is left alone, and counted once")
    func mappedMeanwhile() {
        var (world, file) = world(cached: 3..<5)
        let first = world.machine.addTask(in: world.map)
        let holder = world.machine.addTask()
        let folio = world.folio(file, 3)
        world.hold(folio, by: holder)
        // The first thread wants the page itself; the second has it as a neighbour, and is behind in the queue.
        world.run(.read(PageNumber(0x103)), in: first)
        world.run(.read(PageNumber(0x104)))
        #expect(world.machine.waitLinks.map(\.task).sorted { $0.index < $1.index } == [world.task, first])
        #expect(mapped(world) == [4])
        world.machine.unlock(folio)
        #expect(world.run() == .finished)
        #expect(mapped(world) == [3, 4] && world.rss().file == 2)
        #expect(world.machine.mappings(of: folio) == 1 && world.machine.references(of: folio) == 2)
        #expect(world.cached(file, with: .locked).isEmpty && world.machine.violations.isEmpty)
    }
}
