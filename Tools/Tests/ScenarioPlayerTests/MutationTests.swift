import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioFuzzing
import ScenarioPlayer
import Testing

/// Recordings with something changed: another number, another id, a field or a line less or twice. Unlike damaged text
/// most of them are still scenarios, so that it is the machine that meets what nobody has thought of.
@Suite("Changed recordings", .timeLimit(.minutes(60)))
struct MutationTests {
    /// How many are played for each seed. `FAULTSIM_MUTANTS` sets another number, for a long run by hand.
    static let mutants = ProcessInfo.processInfo.environment["FAULTSIM_MUTANTS"].flatMap { Int($0) } ?? 60

    @Test(
        "are refused or played to their end or to an error of one line; no law is broken",
        arguments: [1, 2, 3, 4] as [UInt64])
    func mutants(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let texts = try Recordings.passing.map { try String(contentsOfFile: Recordings.folder + $0, encoding: .utf8) }
        var refused = 0
        var stopped = 0
        var played = 0
        for number in 0..<Self.mutants {
            var mutant = ChangedScenario(texts[random.below(texts.count)])
            for _ in 0...random.below(4) { mutant.change(&random) }
            let name = "seed \(seed), mutant \(number)"
            if let error = mutant.dropRefusedLines() {
                refused += 1
                #expect(!error.description.contains("\n"), "\(name)")
            }
            let text = mutant.text
            // What traps or hangs can be read there afterwards.
            if let path = ProcessInfo.processInfo.environment["FAULTSIM_MUTANT_FILE"] {
                try text.write(toFile: "\(path).\(seed)", atomically: false, encoding: .utf8)
            }
            do {
                let scenario = try Scenario(text: text, path: "s.jsonl")
                var runner = try SimulatorRunner(scenario, as: PlayOptions(), watching: .laws)
                for line in scenario.lines { _ = try runner.play(line) }
                played += 1
            } catch let error as PlayError {
                stopped += 1
                if case .lawBroken = error { Issue.record("\(name): \(error)\n\(text)") }
                #expect(!error.description(path: "s.jsonl").contains("\n"), "\(name)")
            }
        }
        #expect(refused > Self.mutants / 4 && played > Self.mutants / 2)
        if Self.mutants > 1000 { print("seed \(seed): \(played) played, \(stopped) stopped, \(refused) refused") }
    }
}
