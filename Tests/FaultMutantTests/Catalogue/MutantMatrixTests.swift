#if Mutants
import FaultExplorer
import FaultSimulator
import Foundation
import Testing

@testable import FaultCore

@Suite("matrix", .timeLimit(.minutes(60)), .serialized)
struct MutantMatrix {
    @Test func matrix() throws {
        var clean: [[String]?] = []
        for race in MutantRace.all {
            chosenMutant = nil
            let begun = Date()
            let verdict = try race.check()
            let text = "\(verdict)".split(separator: "\n").first ?? ""
            print(
                "clean|\(race)|\(race.model.name)|\(verdict.holds)|\(verdict.coverage.states)|\(Date().timeIntervalSince(begun))|\(text)"
            )
            if ProcessInfo.processInfo.environment["STORIES"] != nil, let found = verdict.counterexample {
                print(found.story.joined(separator: "\n"))
            }
            clean.append(verdict.foundNothing ? verdict.coverage.texts : nil)
        }
        let wanted = ProcessInfo.processInfo.environment["MATRIX"]
        for mutant in Mutant.allCases
        where mutant.rawValue <= Mutant.entryUndeclared.rawValue && (wanted == nil || wanted == "\(mutant)") {
            var found = 0
            for (race, texts) in zip(MutantRace.all, clean) where texts != nil {
                chosenMutant = nil
                chosenMutant = mutant
                defer { chosenMutant = nil }
                let begun = Date()
                let verdict = try race.check(allowing: texts, limit: 20_000)
                guard let counterexample = verdict.counterexample else { continue }
                found += 1
                print(
                    "found|\(mutant)|\(race)|\(race.model.name)|\(verdict.coverage.states)|\(counterexample.schedule.count)|\(counterexample.kind)|\(counterexample.story.last ?? "")|\(Date().timeIntervalSince(begun))"
                        .replacingOccurrences(of: "\n", with: " "))
            }
            if found == 0 { print("NOTHING|\(mutant)") }
        }
    }
}
#endif
