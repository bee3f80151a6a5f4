import FaultCore
import FaultSimulator
import Testing

@testable import FaultExplorer

@Suite("The table of the futures of states", .timeLimit(.minutes(60)))
struct FutureTableTests {
    /// Fingerprints as a search has them: mixed.
    static func fingerprint(_ number: Int) -> UInt64 { Mixing.mix(UInt64(number), 7) }

    @Test("keeps the row of each state while it grows, and knows no other")
    func keepsRows() {
        var table = FutureTable()
        for number in 0..<20_000 {
            let fingerprint = Self.fingerprint(number)
            #expect(table.row(of: fingerprint) == nil)
            #expect(table.insert(fingerprint) == (FutureTable.unknown, true))
            #expect(table.insert(fingerprint) == (FutureTable.unknown, false))
            table.set(UInt32(number), of: fingerprint)
        }
        #expect(table.count == 20_000)
        for number in 0..<20_000 { #expect(table.row(of: Self.fingerprint(number)) == UInt32(number)) }
        for number in 20_000..<40_000 { #expect(table.row(of: Self.fingerprint(number)) == nil) }
    }

    @Test("knows the largest and the smallest fingerprint, also when others are near")
    func borders() {
        var table = FutureTable()
        // The last four bits don't count.
        let borders = (0..<20).flatMap { [$0 << 4, UInt64.max - $0 << 4] }
        for (number, fingerprint) in borders.enumerated() {
            #expect(table.insert(fingerprint).isNew)
            table.set(UInt32(number), of: fingerprint)
        }
        for number in 0..<10_000 { _ = table.insert(Self.fingerprint(number)) }
        for (number, fingerprint) in borders.enumerated() { #expect(table.row(of: fingerprint) == UInt32(number)) }
    }

    @Test("keeps rows of any size, and tells a large one from none")
    func largeRows() {
        var table = FutureTable()
        for number in 0..<100 { _ = table.insert(Self.fingerprint(number)) }
        // The first has a row that does not fit into the words of a small table; all ones stand for no row there.
        for (number, row) in [UInt32(255), 254, 70_000, 0].enumerated() {
            table.set(row, of: Self.fingerprint(number))
            #expect(table.row(of: Self.fingerprint(number)) == row)
        }
        #expect(table.row(of: Self.fingerprint(0)) == 255)
        #expect(table.row(of: Self.fingerprint(4)) == FutureTable.unknown)
        #expect(table.count == 100)
    }

    @Test("takes 9 to 11 bytes a state once it has grown")
    func bytes() {
        var table = FutureTable()
        for number in 0..<100_000 {
            _ = table.insert(Self.fingerprint(number))
            guard number > 4096 else { continue }
            #expect((9.4...10.9).contains(Double(table.bytes) / Double(table.count)))
        }
    }
}
