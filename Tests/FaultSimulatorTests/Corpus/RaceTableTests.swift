import FaultSimulator
import Foundation
import Testing

@Suite("Explored races have the states and outcomes that they had", .timeLimit(.minutes(60)))
struct RaceTableTests {
    /// Races that have more states are left out: debug runs are slow, and all of them take minutes in release, too.
    #if DEBUG
    static let mostStates = 500
    #else
    static let mostStates = isWhole ? Int.max : 500
    #endif

    @Test("every race, with laws and without, under every kernel of the table", arguments: Race.kernels)
    func races(_ kernel: String) throws {
        for race in Race.all {
            let before = RecordedRaces.line(of: race.name, under: kernel)
            guard RecordedRaces.states(in: before) <= Self.mostStates else { continue }
            let now = try race.line(under: kernel)
            if now != before { Issue.record("\(now)\nrecorded: \(before)") }
        }
    }

    @Test("the table has a line for every race under every kernel, and no other")
    func complete() {
        let names = Race.kernels.flatMap { kernel in Race.all.map { "\($0.name) \(kernel)" } }
        #expect(RecordedRaces.lines.map { String($0.prefix { $0 != ":" }) } == names)
    }

    /// The line of a race under a kernel: the recorded one, if only lines that are missing are wanted.
    private static func line(of race: Race, under kernel: String) throws -> String {
        let before = RecordedRaces.line(of: race.name, under: kernel)
        let wantsMissing = ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] == "missing"
        return wantsMissing && !before.isEmpty ? before : try race.line(under: kernel)
    }

    /// Records anew with `FAULTSIM_RECORD_CORPUS=1`, and only what has no line with `FAULTSIM_RECORD_CORPUS=missing`.
    @Test(
        "the table is written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() async throws {
        let parts = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for (number, kernel) in Race.kernels.enumerated() {
                group.addTask { (number, try Race.all.map { try Self.line(of: $0, under: kernel) }) }
            }
            var found: [(Int, [String])] = []
            for try await part in group { found.append(part) }
            return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
        let half = parts.count / 2
        try CorpusFile.write(
            RecordedRaces.source(of: parts[..<half], named: "first"), to: "RecordedRaces+First.swift")
        try CorpusFile.write(
            RecordedRaces.source(of: parts[half...], named: "second"), to: "RecordedRaces+Second.swift")
    }
}
