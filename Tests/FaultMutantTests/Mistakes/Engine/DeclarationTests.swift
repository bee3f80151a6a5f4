import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultExplorer

/// What stages say that they read: a location that is left out makes two choices look independent that are not.
@Suite("Declared reads", .timeLimit(.minutes(60)))
struct DeclarationTests {
    @Test("of two first stores, choices that are taken for independent come to the same in either order")
    func pairs() throws {
        let scene = try MutantRace.firstStores.scene()
        var options = Explorer.Options()
        options.checksLaws = false
        var start = Explorer(scene.world.machine, options).start
        start.notesWrites = true
        var table = FootmarkTable()
        var known = [start.stateKey]
        var open = [start]
        var independent = 0
        while let machine = open.popLast() {
            var moves: [Move] = []
            machine.addMoves(to: &moves, options, InjectionCounts())
            var made: [(choice: Choice, mark: Footmark, after: Machine)] = []
            for move in moves {
                var next = machine
                let choice = machine.choice(of: move)
                guard let mark = next.perform(move, options, marking: &table) else { continue }
                made.append((choice, mark, next))
                if !known.contains(next.stateKey) {
                    known.append(next.stateKey)
                    open.append(next)
                }
            }
            guard made.count == 2, !made[0].mark.conflicts(with: made[1].mark) else { continue }
            independent += 1
            var first = made[0].after
            var second = made[1].after
            let both = first.perform(made[1].choice, []) && second.perform(made[0].choice, [])
            #expect(both && first.outcomeKey == second.outcomeKey, "\(made[0].choice) and \(made[1].choice)")
        }
        #expect(known.count > 100 && independent > 20)
    }
}

extension Machine {
    /// What a state is known by without the counters of locks, which tell who came first.
    fileprivate var outcomeKey: UInt64 {
        var copy = self
        var own: [UInt64] = []
        return copy.stateKey(of: [.memory, .running, .facts], keepsDigests: false, &own).word
    }
}
