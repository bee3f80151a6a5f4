import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("File faults that another task overtakes, by kernel", .timeLimit(.minutes(60)))
struct OvertakenFaultTests {
    static let shared: VMAFlags = [.read, .write, .shared]
    @Test(
        "a file that is cut between the lookup of its page and the check of its size is SIGBUS, without a page",
        arguments: [KernelModel.linux3_15, .bacik2018, .linux6_1])
    func cutBeforeCheck(model: KernelModel) {
        var world = MappedFile(pages: 16, resident: [PageRun(0, 15)], flags: Self.shared, model: model)
        world.machine.start(.write(world.base + 9), in: world.task)
        #expect(world.run(until: .stage(world.task, "handlerFault.checkFolio")) == .conditionMet)
        // A truncation sets the size before it removes pages.
        world.machine.setSize(of: world.file, .pages(4))
        world.machine.noteInterference()
        #expect(world.run() == .finished)
        let report = world.machine.report(of: world.task)
        #expect(report.results == [.sigbus] && report.signal == .bus(.noSuchAddress))
        #expect(world.mapped.isEmpty && !world.flags(of: 9).contains(.locked))
        #expect(world.machine.references(of: world.bare.folio(world.file, 9)) == 1)
    }
}
