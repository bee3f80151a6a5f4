import Testing

@testable import FaultFuzzing

@Suite("Choices of a random program", .timeLimit(.minutes(60)))
struct ProgramChoicesTests {
    /// Bounds whose numbers take no byte, one, two and more.
    static let bounds = [1, 2, 255, 256, 257, 65_536, 65_537, 1 << 24, 1 << 32]

    @Test("choices by a seed are kept as bytes, which give the same choices", arguments: [0, 7, .max] as [UInt64])
    func sameChoices(seed: UInt64) {
        var seeded = ProgramChoices(seed: seed)
        let numbers = (0..<50).map { seeded.below(Self.bounds[$0 % Self.bounds.count]) }
        var given = ProgramChoices(bytes: Array(seeded.made))
        #expect((0..<50).map { given.below(Self.bounds[$0 % Self.bounds.count]) } == numbers)
        #expect(given.areUsedUp)
        #expect(given.made == seeded.made)
        #expect(!seeded.areUsedUp)
    }

    @Test("a choice takes as many bytes as hold any of its numbers, the most significant first")
    func sizes() {
        #expect(Self.bounds.map { ProgramChoices.bytes(of: 0, below: $0).count } == [0, 1, 1, 1, 2, 2, 3, 3, 4])
        #expect(ProgramChoices.bytes(of: 0x1234, below: 65_536) == [0x12, 0x34])
        var given = ProgramChoices(bytes: [0x12, 0x34, 0x56])
        let number = given.below(65_536)
        #expect(number == 0x1234)
        #expect(given.left == [0x56])
    }

    @Test("a byte too large for its choice is taken modulo the number of possibilities")
    func modulo() {
        var given = ProgramChoices(bytes: [7, 9])
        let numbers = [given.below(5), given.below(9)]
        #expect(numbers == [2, 0])
        let letter = given.pick(["a", "b"])
        #expect(letter == "a", "after the end of the bytes each choice is the first possibility")
        #expect(given.made == [7, 9])
    }
}
