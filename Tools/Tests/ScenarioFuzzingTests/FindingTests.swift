import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioFuzzing
import Testing

@testable import ScenarioPlayer

/// Scenarios that fuzzing has found to go wrong once. `.ci/fuzz` begins with them, too.
@Suite("Scenarios that went wrong once", .timeLimit(.minutes(60)))
struct FindingTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Findings").path

    @Test("they are refused, or played to their end or to an error of one line; no law is broken")
    func findings() throws {
        let files = try ScenarioSearch.files(at: [Self.folder])
        #expect(!files.isEmpty)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            #expect(ScenarioTrial.finding(in: bytes) == nil, "\(file)")
        }
    }

    /// It was played in 420 orders, which took 6 s without reaching the limit.
    @Test("a write under a memory limit, in which reclaim looks at 9,000 pages, takes as much work")
    func manyScans() throws {
        let scenario = try Scenario(contentsOfFile: Self.folder + "/many-orders-under-a-limit.jsonl")
        let kernel = try #require(KernelName(named: "6.12.117"))
        var runner = try SimulatorRunner(scenario, as: PlayOptions(kernel: kernel), watching: [])
        for line in scenario.lines.prefix(6) { _ = try runner.play(line) }
        #expect(runner.world.machine.events.pgscan > 8_000)
        #expect(runner.work > 6 * 8_000)
    }
}
