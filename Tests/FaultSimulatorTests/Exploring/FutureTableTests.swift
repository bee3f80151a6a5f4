import FaultSimulator
import Testing

@testable import FaultExplorer

@Suite("The table of the futures of states", .timeLimit(.minutes(60)))
struct FutureTableTests {
    /// Fingerprints that crowd at the end of the table, so that they go around, and spread ones.
    static func fingerprints(_ count: Int) -> [UInt64] {
        (0..<UInt64(count)).map { number in
            switch number % 4 {
            case 0: UInt64.max - number
            case 1: number
            default: number &* 0x9E37_79B9_7F4A_7C15
            }
        }
    }

    @Test("keeps the row of each state while it grows, and knows no other")
    func keepsRows() {
        var table = FutureTable()
        var rows: [UInt64: UInt32] = [:]
        let fingerprints = Self.fingerprints(20_000)
        for (number, fingerprint) in fingerprints.enumerated() {
            #expect(table.row(of: fingerprint) == rows[fingerprint])
            let found = table.insert(fingerprint)
            #expect(found.isNew == (rows[fingerprint] == nil))
            #expect(found.row == rows[fingerprint] ?? FutureTable.unknown)
            rows[fingerprint] = UInt32(number)
            table.set(UInt32(number), of: fingerprint)
        }
        #expect(table.count == rows.count)
        for fingerprint in fingerprints { #expect(table.row(of: fingerprint) == rows[fingerprint]) }
    }

    @Test("takes 15 to 19 bytes a state once it has grown")
    func bytes() {
        var table = FutureTable()
        for number in 1..<UInt64(100_000) {
            _ = table.insert(number &* 0x9E37_79B9_7F4A_7C15)
            guard number > 1024 else { continue }
            #expect((15.0...18.76).contains(Double(table.bytes) / Double(table.count)))
        }
    }
}
