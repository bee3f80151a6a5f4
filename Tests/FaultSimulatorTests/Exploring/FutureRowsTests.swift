import FaultSimulator
import Testing

@testable import FaultExplorer

/// The rows of futures beside plain arrays of sets of marks, which say the same.
@Suite("The rows of the futures of states", .timeLimit(.minutes(60)))
struct FutureRowsTests {
    /// A row as an array: what is done, for each set of tasks that don't move.
    struct PlainRows {
        let sets: [UInt32]
        var rows: [UInt32: [Footmark]] = [:]

        init(_ tasks: Int, hasAllSets: Bool) {
            sets = hasAllSets ? (1..<UInt32(1 << tasks)).map { $0 } : (0..<UInt32(tasks)).map { 1 << $0 }
            rows[FutureRows.everything] = sets.map { _ in .everything }
            rows[FutureRows.nothing] = sets.map { _ in Footmark() }
        }

        static func union(_ a: Footmark, _ b: Footmark) -> Footmark {
            var union = a
            union.formUnion(b)
            return union
        }
    }

    @Test(
        "have for each set what plain arrays have",
        arguments: [(1, true), (2, true), (3, true), (5, true), (6, true), (7, false), (8, false)])
    func plainArrays(tasks: Int, hasAllSets: Bool) throws {
        var random = SplitMix64(seed: UInt64(tasks))
        var rows = FutureRows(tasks: tasks, hasAllSets: hasAllSets)
        var plain = PlainRows(tasks, hasAllSets: hasAllSets)
        var known: [UInt32] = [FutureRows.everything, FutureRows.nothing]
        for _ in 0..<600 {
            let (one, other) = (known[random.below(known.count)], known[random.below(known.count)])
            let (first, second) = (try #require(plain.rows[one]), try #require(plain.rows[other]))
            let row: UInt32
            let expected: [Footmark]
            switch random.below(3) {
            case 0:
                row = rows.union(one, other)
                expected = zip(first, second).map(PlainRows.union)
            case 1:
                let mark = Footmark(
                    reads: [1 << UInt64(random.below(9)), 0], writes: [0, 1 << UInt64(random.below(3))])
                let task = random.below(4) == 0 ? nil : random.below(tasks)
                let keepsOthers = random.below(2) == 0
                row = rows.beginning(with: rows.number(of: mark), by: task, before: one, keepsOthers: keepsOthers)
                expected = zip(plain.sets, first).map { set, next in
                    guard let task, set >> UInt32(task) & 1 == 1 else { return PlainRows.union(mark, next) }
                    return keepsOthers ? next : Footmark()
                }
            default:
                let movers = UInt32(1 + random.below(1 << tasks - 1))
                row = rows.replacing(one, by: other, besideAllOf: movers)
                expected = plain.sets.indices.map { plain.sets[$0] & movers == movers ? second[$0] : first[$0] }
            }
            for (number, set) in plain.sets.enumerated() {
                let place = try #require(rows.place(of: set))
                #expect(rows.mark(row, place) == expected[number])
            }
            // Equal rows have equal numbers.
            #expect(plain.rows[row] == nil || plain.rows[row] == expected)
            plain.rows[row] = expected
            if known.count < 40 { known.append(row) } else { known[random.below(40)] = row }
        }
        #expect(plain.rows.count > (tasks < 3 ? 10 : 50))
        let distinct = plain.rows.values.reduce(into: [[Footmark]]()) { if !$0.contains($1) { $0.append($1) } }
        #expect(distinct.count == plain.rows.count)
    }
}
