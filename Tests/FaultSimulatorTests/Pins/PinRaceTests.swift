import FaultSimulator
import Testing

@testable import FaultCore

/// Pins against all that may come in between, in every order.
@Suite("Races of pins", .timeLimit(.minutes(60)))
struct PinRaceTests {
    #if DEBUG
    static let limit = 60
    #else
    static let limit = 2000
    #endif

    static let kernels = ["linux5_7", "linux5_9", "linux5_19", "linux6_1", "linux6_12"]

    /// A process of threads that do one list of operations each with a page of private memory.
    private static func race(
        _ model: KernelModel, _ lists: (Area, TaskID) -> [[TaskOperation]]
    ) throws -> ExploringScenario {
        var scenario = try ExploringScenario(model)
        let first = scenario.world.task()
        let area = try scenario.world.map(anonymousPages: 1, in: first)
        try scenario.world.perform(.write(area), in: first)
        for (number, list) in lists(area, first).enumerated() {
            scenario.world.start(list, in: number == 0 ? first : scenario.world.thread(of: first))
        }
        return scenario
    }

    private static func races(_ model: KernelModel) throws -> [(String, ExploringScenario)] {
        try [
            ("pinFork", race(model) { area, _ in [[.pinUserPages(area), .write(area)], [.fork]] }),
            (
                "pinMunmap",
                race(model) { area, task in [[.pinUserPages(area)], [.munmap(area), .unpin(PinID(0, of: task))]] }
            ),
            (
                "twoUnpins",
                race(model) { area, task in
                    [
                        [.pinUserPages(area), .unpin(PinID(0, of: task), makesDirty: true)],
                        [.unpin(PinID(0, of: task))],
                    ]
                }
            ),
            ("readPins", race(model) { area, _ in [[.fork, .write(area)], [.pinUserPages(area, .pin)]] }),
        ]
    }

    @Test("stages read what they declare and note what they write", arguments: kernels)
    func footprints(_ kernel: String) throws {
        let model = try #require(KernelModel.preset(named: kernel))
        var found = Findings()
        for (name, scenario) in try Self.races(model) {
            var random = SplitMix64(seed: 7)
            _ = StageGraph(of: scenario).visit(limit: Self.limit) { found.look(at: $0, $1, name, &random) }
        }
        for complaint in found.complaints { Issue.record("\(kernel) \(complaint)") }
        #expect(found.independent > 0)
    }

    @Test("a stage that did not declare pins, or did not note them, would be found", arguments: [false, true])
    func blindness(_ ofWrites: Bool) throws {
        var found = Findings(Blindness(kinds: ["pins"], ofReads: !ofWrites, ofWrites: ofWrites))
        for (name, scenario) in try Self.races(.linux6_12) {
            var random = SplitMix64(seed: 7)
            _ = StageGraph(of: scenario).visit(limit: Self.limit) { found.look(at: $0, $1, name, &random) }
        }
        #expect(!found.complaints.isEmpty)
    }

    @Test(
        "no order breaks a law, and the pin of a task that pins before it writes has what the task wrote",
        arguments: kernels)
    func explored(_ kernel: String) throws {
        let model = try #require(KernelModel.preset(named: kernel))
        for (name, scenario) in try Self.races(model) {
            let found = scenario.explore(.depthFirst)
            #expect(found.isComplete && found.brokenLaws.isEmpty && found.deadlocks.isEmpty, "\(kernel) \(name)")
        }
        // Up to 5.8 the fork takes the page away from the pin, and in 5.9 the copy does.
        var lost = false
        let scenario = try Self.race(model) { area, _ in [[.pinUserPages(area), .write(area)], [.fork]] }
        _ = StageGraph(of: scenario).visit(limit: .max) { machine, _ in
            guard !machine.isBusy(TaskID(0)), let pin = machine.pagePins.first,
                case .touch = machine.report(of: TaskID(0)).operation
            else { return }
            if machine.stamp(of: pin.frames[0]) != machine.report(of: TaskID(0)).outcome.stamp { lost = true }
        }
        #expect(lost == (kernel == "linux5_7"))
    }
}
