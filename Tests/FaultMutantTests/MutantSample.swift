import FaultSimulator
import Foundation
import Testing

/// What `.ci/mutants` runs: leaves out rules and changes cells, and says what nothing has noticed.
///
/// `MUTANTS` in the environment is `whole`, or a seed by which a sample is drawn. Without it nothing is run.
@Suite("Mutants by command", .timeLimit(.minutes(60)))
struct MutantSample {
    /// How many of a kind are drawn.
    private static let sampleCount = 60

    private static let wanted = ProcessInfo.processInfo.environment["MUTANTS"]

    /// All of them, or those that the seed draws.
    private static func drawn<Mutant>(_ all: [Mutant]) throws -> [Mutant] {
        guard wanted != "whole" else { return all }
        let seed = try #require(wanted.flatMap { UInt64($0) }, "MUTANTS is `whole` or a number")
        var random = SplitMix64(seed: seed)
        return (0..<sampleCount).map { _ in random.pick(all) }
    }

    @Test("every rule taken for another value is noticed, or can't matter", .enabled(if: wanted != nil))
    func rules() throws {
        let mutants = try Self.drawn(RuleMutant.all)
        var excused = 0
        var unnoticed: [String] = []
        for mutant in mutants {
            switch mutant.outcome() {
            case .noticed: break
            case .excused:
                excused += 1
                if mutant.isNoticed { unnoticed.append("\(mutant) is noticed, but is said not to matter") }
            case .unnoticed: unnoticed.append("\(mutant)")
            }
        }
        Self.say("rules", mutants.count, excused, unnoticed)
    }

    @Test("every cell with another value is noticed, or can't matter", .enabled(if: wanted != nil))
    func cells() throws {
        let mutants = try Self.drawn(CellMutant.all)
        let excused = mutants.filter { $0.excuse != nil }
        let unnoticed = mutants.filter { $0.isNoticed == ($0.excuse != nil) }.map(\.description)
        Self.say("cells", mutants.count, excused.count, unnoticed)
    }

    private static func say(_ kind: String, _ count: Int, _ excused: Int, _ unnoticed: [String]) {
        print("mutants: \(count) \(kind), \(excused) that can't matter, \(unnoticed.count) that nothing noticed")
        for one in unnoticed { print("mutants: nothing noticed \(one)") }
        #expect(unnoticed.isEmpty)
    }
}
