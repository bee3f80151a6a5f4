@testable import FaultCore
@testable import FaultExplorer
import FaultSimulator

/// The graph of a race: every state that a search finds, with its tasks' next stages.
struct StageGraph {
    private let options: Explorer.Options
    private let start: Machine

    init(of scenario: ExploringScenario) {
        var options = Explorer.Options()
        options.injections = scenario.injections
        options.checksLaws = false
        self.options = options
        var start = Explorer(scenario.world.machine, options).start
        start.notesWrites = true
        self.start = start
    }

    /// Shows each state once, with the stages that can come next; answers whether that were all.
    func visit(limit: Int, _ body: (Machine, [StageRecord]) -> Void) -> Bool {
        var known: Set<UInt64> = [Self.word(start, InjectionCounts())]
        var open = [(start, InjectionCounts())]
        var shown = 0
        while let (machine, used) = open.popLast() {
            guard shown < limit else { return false }
            shown += 1
            var records: [StageRecord] = []
            var moves: [Move] = []
            machine.addMoves(to: &moves, options, used)
            for move in moves {
                var next = machine
                var nextUsed = used
                if case .step(let task) = move {
                    records.append(StageRecord(of: task, in: machine))
                    next = records[records.count - 1].after
                } else {
                    _ = next.perform(move, options.injections)
                    _ = next.takeWrites()
                    if case .inject(let number) = move { nextUsed.count(number) }
                }
                if known.insert(Self.word(next, nextUsed)).inserted { open.append((next, nextUsed)) }
            }
            body(machine, records)
        }
        return true
    }

    private static func word(_ machine: Machine, _ used: InjectionCounts) -> UInt64 {
        Mixing.mix(StageRecord.key(of: machine).0, used.word)
    }
}
