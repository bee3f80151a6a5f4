import FaultSimulator
import Testing

@Suite("A run by script takes one way after the other", .timeLimit(.minutes(60)))
struct TurnScriptTests {
    /// Two tasks that store to one page, and a third that sleeps on its read.
    private func world() throws -> World {
        var world = try World(.linux6_1)
        let file = try world.file("data", pages: 4)
        let first = world.task("first")
        let area = try world.map(file, .readWrite, .shared, in: first)
        let second = world.thread("second", of: first)
        let third = world.thread("third", of: first)
        world.start(.write(area[0]), in: first)
        world.start(.write(area[1]), in: second)
        world.start(.read(area[2]), in: third)
        return world
    }

    /// Drives a machine until nothing can go on. Answers in which state it ends, `nil` if that is known.
    private func drive(_ machine: inout Machine, _ script: inout TurnScript) -> UInt64? {
        while true {
            let choices = machine.turns(.stage)
            if let running = script.running(among: choices), script.preemptions == 0 {
                machine.replay([running])
                continue
            }
            if choices.isEmpty {
                guard machine.stepEvent() else { return machine.stateKey }
                continue
            }
            guard let alternative = script.choose(choices.count, in: machine, beside: []) else { return nil }
            script.run(choices[alternative], of: choices)
            machine.replay([choices[alternative]])
        }
    }

    private func ends(
        _ grain: TurnGrain
    ) throws -> (runs: Int, known: Int, ends: Set<UInt64>) {
        let machine = try world().machine
        var script: TurnScript? = TurnScript(grain)
        var (runs, known, ends) = (0, 0, Set<UInt64>())
        while var current = script {
            var branch = machine
            runs += 1
            if let end = drive(&branch, &current) { ends.insert(end) } else { known += 1 }
            script = current.next
        }
        return (runs, known, ends)
    }

    @Test("every order is run once, and more of them with preemptions")
    func allOrders() throws {
        let coarse = try ends(.untilOthersWake)
        #expect(coarse.runs > 3)
        #expect(coarse.ends.count >= 1)
        let fine = try ends(.preempted(times: 1))
        #expect(fine.runs > coarse.runs)
        #expect(coarse.ends.isSubset(of: fine.ends))
    }

    @Test("two goes through all orders are alike")
    func repeats() throws {
        let (one, other) = (try ends(.preempted(times: 1)), try ends(.preempted(times: 1)))
        #expect(one.runs == other.runs && one.known == other.known && one.ends == other.ends)
    }

    @Test("one alternative is no choice, a negative number of preemptions is none, and a finished script is known")
    func borders() throws {
        var script = TurnScript(.preempted(times: -3))
        #expect(script.preemptions == 0)
        let machine = try world().machine
        #expect(script.choose(1, in: machine, beside: []) == 0)
        #expect(!script.hasChosen && script.next == nil)
        #expect(script.choose(2, in: machine, beside: [1]) == 0)
        #expect(script.hasChosen && script.next != nil)
        // The same state again, in one run: there is nothing new to see.
        #expect(script.choose(2, in: machine, beside: [1]) == nil)
        #expect(script.isKnown)
        #expect(TurnScript.finished.isKnown && TurnScript.finished.next == nil)
    }
}
