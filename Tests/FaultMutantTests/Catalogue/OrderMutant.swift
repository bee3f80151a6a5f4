import FaultExplorer
import FaultSimulator

@testable import FaultCore

/// A mistake that only some orders show: in which race exploring finds it, and who is told of.
struct OrderMutant: Sendable, CustomStringConvertible {
    let mutant: Mutant
    let race: MutantRace
    /// How many states are seen until it is found.
    let states: Int
    /// The task and the stage that did it, as the story has them.
    let culprit: String

    init(_ mutant: Mutant, _ race: MutantRace, _ states: Int, _ culprit: String) {
        self.mutant = mutant
        self.race = race
        self.states = states
        self.culprit = culprit
    }

    var description: String { "\(mutant)" }

    /// The races, each once.
    static let races: [MutantRace] = all.reduce(into: []) { races, one in
        if !races.contains(where: { $0.description == one.race.description && $0.model == one.race.model }) {
            races.append(one.race)
        }
    }
}
