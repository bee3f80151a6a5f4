import FaultSimulator
import Foundation
import Testing

@Suite("The page of operations", .timeLimit(.minutes(60)))
struct OperationsPageTests {
    private static func rows(under heading: String) throws -> [Substring] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/Operations.md").standardized
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0 == heading })
        return lines[(start + 1)...].prefix { !$0.hasPrefix("#") }.filter { $0.hasPrefix("| `") }
    }

    @Test("each kind of event has a row, and no row names another")
    func kinds() throws {
        let named = try Self.rows(under: "### Kinds of events").flatMap { row in
            let cell = row.split(separator: "|")[0]
            return cell.split(separator: "`").filter { !$0.contains(" ") && !$0.contains(",") }.map(String.init)
        }
        #expect(Set(named) == Set(TraceEvent.Kind.allCases.map { "\($0)" }))
        #expect(named.count == TraceEvent.Kind.allCases.count)
    }
}
