import FaultSimulator
import ScenarioFormat
import ScenarioPlayer
import Testing

@Suite("Lines that run side by side", .timeLimit(.minutes(60)))
struct ConcurrentLinesTests {
    private static let head = """
        {"scenario":"race","about":"a cold read beside munmap"}
        {"op":"file","id":"f","pages":1,"fs":"ext4","resident":"none"}
        {"op":"mmap","id":"a","file":"f","pages":1,"prot":"r","flags":["private"]}
        {"op":"thread","id":"t1"}

        """

    private func groups(_ lines: String) throws -> [ConcurrentLines] {
        try ConcurrentLines.all(of: try Scenario(text: Self.head + lines, path: "race"), as: PlayOptions())
    }

    @Test("two operations that are started one after the other are tried in every order")
    func race() throws {
        let groups = try groups(
            """
            {"op":"read","area":"a","page":0,"start":true}
            {"op":"munmap","in":"t1","area":"a","page":0,"pages":1,"start":true}

            """)
        let group = try #require(groups.first)
        #expect(groups.count == 1)
        #expect(group.description == "first read (task 0) alongside t1 munmap (task 1)")
        #expect(group.members.map(\.line) == [5, 6])
        let verdict = group.world.checkSchedules(.exhaustive, for: [.lawsAtEnd])
        #expect(verdict.holds, "\(verdict)")
        #expect(
            verdict.coverage.texts == [
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1, SIGSEGV/MAPERR; task 1: ok",
                "task 0: MAJOR|RETRY, NOPAGE, faults 0/1; task 1: ok",
                "task 0: MAJOR|RETRY, SIGSEGV/MAPERR; task 1: ok", "task 0: SIGSEGV/MAPERR; task 1: ok",
            ])
    }

    @Test("an operation that is started alone, or after another of its thread, runs beside nothing")
    func alone() throws {
        #expect(try groups(#"{"op":"read","area":"a","page":0,"start":true}"# + "\n").isEmpty)
        let two = """
            {"op":"read","area":"a","page":0,"start":true}
            {"op":"munmap","area":"a","page":0,"pages":1,"start":true}

            """
        #expect(try groups(two).isEmpty)
    }

    /// Every sixth recording with threads; what has more states is left out of the search, and says so.
    private static let recordings = Recordings.all.filter {
        $0.hasPrefix("linux-6.1-threads/") || $0.hasPrefix("linux-6.12-threads/")
    }
    .enumerated().filter { $0.offset % 6 == 0 }.map(\.element)

    @Test(
        "of a recording all orders hold, or it is said where they stop, and each token replays its outcome",
        arguments: recordings)
    func tokens(_ name: String) throws {
        let scenario = try Recordings.scenario(name)
        let groups = try ConcurrentLines.all(of: scenario, as: PlayOptions(kernel: try Recordings.kernel(of: scenario)))
        for group in groups {
            let verdict = group.world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) { $0.limits.states = 2_000 }
            switch verdict {
            case .holds(let coverage): #expect(!coverage.outcomes.isEmpty && coverage.states < 2_000, "\(group)")
            case .notExhaustive(let stop, _): #expect(stop == .states(2_000), "\(group)")
            case .violated(let found, _): Issue.record("\(group): \(found)")
            }
            for outcome in verdict.coverage.outcomes {
                let token = ScheduleToken(outcome.schedule, from: group.world.machine)
                #expect(token.isFrom(group.world.machine) && ScheduleToken(token.description) == token)
                let again = group.world.checkSchedules(.replay(token), for: [.lawsAtEnd]).coverage
                #expect(again.texts == [outcome.text] && again.passedOver == [], "\(group): \(token)")
                #expect(again.outcomes.first?.schedule == outcome.schedule, "\(group): \(token)")
            }
        }
    }
}
