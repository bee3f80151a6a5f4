import Testing

@testable import FaultCore

/// What tells arrays apart that were one.
@Suite("Arrays that share storage", .timeLimit(.minutes(60)))
struct SharedStorageTests {
    @Test("copies share their storage until one is changed")
    func shares() {
        let words = (0..<20).map { UInt64($0) }
        var copy = words
        #expect(copy.sharesStorage(with: words))
        copy[3] = 3
        #expect(!copy.sharesStorage(with: words) && copy == words)
    }

    @Test("each place with another word is found, and no other", arguments: [0, 1, 7, 8, 9, 16, 511, 512])
    func differences(count: Int) {
        let words = (0..<count).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let choices = count == 0 ? [[]] : [[], [0], [count - 1], [count / 2], Array(0..<count)]
        for places in choices {
            var other = words
            for place in places { other[place] ^= 1 << UInt64(place % 64) }
            var found: [Int] = []
            words.forEachDifference(to: other) { found.append($0) }
            #expect(found == places)
        }
    }
}
