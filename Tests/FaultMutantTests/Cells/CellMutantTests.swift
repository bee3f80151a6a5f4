import FaultArchitectures
import FaultSimulator
import Foundation
import Testing

/// The table of architectures, cell by cell.
@Suite("Every cell of the architectures is noticed", .timeLimit(.minutes(60)))
struct CellMutantTests {
    @Test("each entry behaves as its row says", arguments: EntryBehaviour.all)
    func behaviour(_ behaviour: EntryBehaviour) {
        for row in Architecture.all {
            #expect(behaviour.text(of: row) == behaviour.expected(of: row), "\(row.name): \(behaviour)")
        }
    }

    /// A few of each row; `.ci/mutants` tries them all.
    @Test("a row with another value in a cell is another entry", arguments: Architecture.all.indices)
    func changedCell(_ place: Int) {
        let mutants = CellMutant.all.filter { $0.row == Architecture.all[place] && $0.excuse == nil }
        var drawn = SplitMix64(seed: UInt64(place))
        for _ in 0..<5 {
            let mutant = drawn.pick(mutants)
            #expect(mutant.isNoticed, "nothing notices \(mutant)")
        }
    }

    @Test("what is said not to matter does not")
    func reasons() {
        let excused = CellMutant.all.filter { $0.excuse != nil }
        #expect(!excused.isEmpty)
        for mutant in excused { #expect(!mutant.isNoticed, "\(mutant) is noticed, but \(mutant.excuse ?? "")") }
    }

    /// The rows of the table below the heading "Every cell", as they are written.
    private static func documented() throws -> [[String]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let page = try String(contentsOf: root.appending(path: "Documentation/Architectures.md"), encoding: .utf8)
        let section = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("Every cell") })
        return section.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    @Test("the documented table is the same data, each row with its function and file")
    func documentation() throws {
        let table = try Self.documented()
        #expect(table.first == ["architecture", "function, file"] + Cell.all.map(\.name))
        let rows = table.dropFirst(2)
        #expect(rows.map { $0[0] } == Architecture.all.map(\.name.description))
        for (cells, row) in zip(rows, Architecture.all) {
            #expect(cells[1] == "`\(row.source)`")
            for (cell, text) in zip(Cell.all, cells.dropFirst(2)) {
                #expect(text == cell.text(row), "\(row.name): \(cell.name)")
            }
        }
    }
}
