import Testing

@testable import FaultCore

@Suite("Activation stack")
struct ActivationStackTests {
    @Test("it is what an array would be, however deep")
    func likeAnArray() {
        var stack = ActivationStack()
        var model: [UInt64] = []
        var random = SplitMix64(seed: 7)
        for step in 0..<2_000 {
            // Long climbs and long descents, so that it often crosses the border between what is near and what is far.
            if random.below(16) < (step / 50 % 2 == 0 ? 11 : 5) {
                stack.append(Activation(Call(.touch, first: UInt64(step))))
                model.append(UInt64(step))
            } else {
                #expect(stack.popLast()?.words.0 == model.popLast())
            }
            if !model.isEmpty, random.below(4) == 0 {
                let place = Int(random.below(UInt64(model.count)))
                stack[place].words.0 += 1
                model[place] += 1
            }
            #expect(stack.map(\.words.0) == model)
            #expect(stack.count == model.count && stack.isEmpty == model.isEmpty)
            #expect(stack.last?.words.0 == model.last)
            let top = model.last
            #expect(stack.hasAny { $0.words.0 == top } == !model.isEmpty)
        }
    }

    @Test("a copy keeps what it had, near and far")
    func copies() {
        var stack = ActivationStack()
        for word in 0..<9 { stack.append(Activation(Call(.touch, first: UInt64(word)))) }
        let copy = stack
        stack[0].words.0 = 100
        stack[8].words.0 = 108
        _ = stack.popLast()
        #expect(copy.map(\.words.0) == Array(0..<9))
        #expect(stack.map(\.words.0) == [100, 1, 2, 3, 4, 5, 6, 7])
    }
}
