import Testing

@testable import FaultCore

@Suite("What a routine is told", .timeLimit(.minutes(60)))
struct ResumedTests {
    @Test("what told a stage to go on is gone while the routine that it calls runs")
    func calls() {
        var activation = Activation(.none)
        activation.resumed = .value(3)
        var payload = StepPayload()
        let kind = activation.run(of: Self.self, &payload) {
            (stage: OnlyStage, frame: inout EmptyFrame, resumed) -> RoutineStep<OnlyStage, Completion> in
            #expect(resumed == .value(3))
            return .call(.none, then: .whole)
        }
        #expect(kind == .call && activation.resumed == .plain)
    }
}

@Suite("Activation stack", .timeLimit(.minutes(60)))
struct ActivationStackTests {
    @Test("it is what an array would be, however deep")
    func likeAnArray() {
        var stack = ActivationStack()
        var model: [UInt64] = []
        var random = SplitMix64(seed: 7)
        for step in 0..<2_000 {
            // Long climbs and long descents, so that it often crosses the border between what is near and what is far.
            if random.below(16) < (step / 50 % 2 == 0 ? 11 : 5) {
                stack.append(activation(UInt64(step)))
                model.append(UInt64(step))
            } else {
                #expect(stack.popLast()?.mark == model.popLast())
            }
            if !model.isEmpty, random.below(4) == 0 {
                let place = Int(random.below(UInt64(model.count)))
                stack[place].mark += 1
                model[place] += 1
            }
            #expect(stack.map(\.mark) == model)
            #expect(stack.count == model.count && stack.isEmpty == model.isEmpty)
            #expect(stack.last?.mark == model.last)
            let top = model.last
            #expect(stack.hasAny { $0.mark == top } == !model.isEmpty)
        }
    }

    @Test("a copy keeps what it had, near and far")
    func copies() {
        var stack = ActivationStack()
        for word in 0..<9 { stack.append(activation(UInt64(word))) }
        let copy = stack
        stack[0].mark = 100
        stack[8].mark = 108
        _ = stack.popLast()
        #expect(copy.map(\.mark) == Array(0..<9))
        #expect(stack.map(\.mark) == [100, 1, 2, 3, 4, 5, 6, 7])
    }
}

/// An activation that can be told from others.
private func activation(_ mark: UInt64) -> Activation {
    Activation(
        RoutineCall(TouchRoutine.self, TouchRoutine.Frame(page: PageNumber(mark), left: 1, stride: 0, access: .read)))
}

extension Activation {
    /// What tells it from others.
    fileprivate var mark: UInt64 {
        get { bytes.frame(TouchRoutine.Frame.self).page.rawValue }
        set { bytes.withFrame(TouchRoutine.Frame.self) { $0.page = PageNumber(newValue) } }
    }
}
