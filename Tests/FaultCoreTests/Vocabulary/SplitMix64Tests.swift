import FaultCore
import Testing

@Suite("The generator of random numbers", .timeLimit(.minutes(60)))
struct SplitMix64Tests {
    @Test("gives the published numbers for a seed")
    func reference() {
        var random = SplitMix64(seed: 1_234_567)
        // The sequence that Vigna's splitmix64.c gives.
        let numbers: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        for number in numbers { #expect(random.next() == number) }
    }

    @Test("numbers below a bound and choices follow from the same sequence")
    func bounded() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.below(10) == 7)
        #expect(random.below(1000 as UInt64) == 973)
        #expect(random.pick(["a", "b", "c", "d"]) == "d")
    }
}
