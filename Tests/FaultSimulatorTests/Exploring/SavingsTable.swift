@testable import FaultExplorer
import FaultSimulator
import Foundation
import Testing

/// What reductions save on the races, as `Exploring.md` has it.
@Suite("What reductions save", .timeLimit(.minutes(60)))
struct SavingsTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Documentation/Exploring.md").standardized
    private static let head =
        "| race | states | with `commuting` | times fewer | choices | with `commuting` | times fewer | outcomes |"
    /// The kernel whose races are in the table.
    private static let kernel = "linux6_12"

    private static func times(_ whole: Int, _ reduced: Int) -> String {
        let tenths = (whole * 10 + reduced / 2) / max(1, reduced)
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The row of a race; `nil` if it can't be explored to its end.
    private static func row(of race: Race) throws -> String? {
        guard let model = KernelModel.preset(named: kernel) else { return nil }
        let recorded = RecordedRaces.line(of: race.name, under: kernel)
        let fields = recorded.split(whereSeparator: { " ,:".contains($0) })
        guard !recorded.contains("incomplete"), fields.count > 6, let states = Int(fields[2]),
            let choices = Int(fields[3])
        else { return nil }
        let scenario = try race.make(model)
        let reduced = scenario.world.checkSchedules(.exhaustive, for: []) {
            $0.injections = scenario.injections
            $0.searches = []
        }.coverage
        return "| \(race.name) | \(states) | \(reduced.states) | \(times(states, reduced.states)) "
            + "| \(choices) | \(reduced.transitions) | \(times(choices, reduced.transitions)) | \(fields[6]) |"
    }

    @Test("the table has what they save now")
    func table() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        for race in Race.all {
            let states = RecordedRaces.states(in: RecordedRaces.line(of: race.name, under: Self.kernel))
            guard states <= ReductionTests.mostStates, let row = try Self.row(of: race) else { continue }
            #expect(text.contains(row), "record it anew: \(row)")
        }
    }

    @Test(
        "the table is written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_SAVINGS"] != nil))
    func record() throws {
        let rows = try Race.all.compactMap { try Self.row(of: $0) }
        var lines = try String(contentsOf: Self.page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { String($0) }
        let start = try #require(lines.firstIndex(of: Self.head))
        let end = lines[start...].firstIndex { !$0.hasPrefix("|") } ?? lines.count
        lines.replaceSubrange((start + 2)..<end, with: rows)
        try lines.joined(separator: "\n").write(to: Self.page, atomically: true, encoding: .utf8)
    }
}
