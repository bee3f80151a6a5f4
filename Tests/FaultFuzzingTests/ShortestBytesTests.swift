import Testing

@testable import FaultFuzzing

@Suite("The search for the shortest bytes", .timeLimit(.minutes(60)))
struct ShortestBytesTests {
    @Test("leaves the bytes that are needed, in their order")
    func needed() {
        let bytes = (0..<200).map { UInt8($0) }
        var search = ShortestBytes(bytes, mostTries: 10_000) { bytes in
            let found = bytes.filter { [3, 77, 150].contains($0) }
            return found == [3, 77, 150] ? bytes : nil
        }
        search.dropBytes(after: 0)
        #expect(search.least == [3, 77, 150])
    }

    @Test("keeps the bytes before the place that it begins at")
    func kept() {
        var search = ShortestBytes([1, 2, 3, 4], mostTries: 100) { $0.count >= 2 ? $0 : nil }
        search.dropBytes(after: 2)
        #expect(search.least == [1, 2])
    }

    @Test("sets to zero what need not be another number")
    func zeros() {
        var search = ShortestBytes([5, 6, 7, 8], mostTries: 100) { $0.count == 4 && $0[2] == 7 ? $0 : nil }
        search.dropBytes(after: 0)
        #expect(search.least == [0, 0, 7, 0])
    }

    @Test("goes on from the bytes that were used, not from those that were given")
    func used() {
        var search = ShortestBytes([9, 9, 9, 1, 1, 1], mostTries: 100) { $0.first == 9 ? [9] : nil }
        search.dropBytes(after: 0)
        #expect(search.least == [9])
    }

    @Test("does not try more often than it may")
    func limit() {
        var tries = 0
        var search = ShortestBytes(Array(repeating: 1, count: 1_000), mostTries: 7) { _ in
            tries += 1
            return nil
        }
        search.dropBytes(after: 0)
        let isLonger = search.tryInstead(Array(repeating: 1, count: 2_000))
        #expect(tries == 7 && !isLonger)
        #expect(search.least.count == 1_000)
    }

    @Test("does not go on from bytes that are longer")
    func longer() {
        var search = ShortestBytes([1], mostTries: 10) { $0 }
        let isLonger = search.tryInstead([1, 2])
        #expect(!isLonger && search.least == [1])
    }
}
