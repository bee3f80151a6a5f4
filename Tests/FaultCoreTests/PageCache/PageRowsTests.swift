import Testing

@testable import FaultCore

@Suite("What a file remembers of its pages", .timeLimit(.minutes(60)))
struct PageRowsTests {
    /// Random operations on rows, and on an array of what each page has.
    @Test("is what was put in and not taken out, by page", arguments: 1...20 as ClosedRange<UInt64>)
    func isWhatAnArrayWouldBe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let most = 1 + random.below(3_000)
        var rows = PageRows<StoredStamp>()
        var model = [UInt32?](repeating: nil, count: most)
        for _ in 0..<600 {
            let page = random.below(most)
            switch random.below(8) {
            case 0..<5:
                let stamp = UInt32(random.below(9))
                rows.set(StoredStamp(page: UInt32(page), stamp: stamp))
                model[page] = stamp
            case 5, 6:
                #expect(rows.remove(UInt32(page))?.stamp == model[page])
                model[page] = nil
            default:
                let last = random.below(most + 700)
                rows.removeAll(from: UInt64(page), through: UInt64(last))
                for gone in model.indices where page <= gone && gone <= last { model[gone] = nil }
            }
            #expect(rows[UInt32(page)]?.stamp == model[page])
            #expect(rows.count == model.count { $0 != nil })
            #expect(rows.isEmpty == model.allSatisfy { $0 == nil })
        }
        let left = model.indices.compactMap { page in model[page].map { StoredStamp(page: UInt32(page), stamp: $0) } }
        #expect(Array(rows) == left)
        var again = PageRows<StoredStamp>()
        for row in left.reversed() { again.set(row) }
        #expect(again == rows)
        again.set(StoredStamp(page: UInt32(most), stamp: 1))
        #expect(again != rows)
        again.remove(UInt32(most))
        #expect(again == rows)
    }
}
