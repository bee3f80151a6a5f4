import FaultSimulator
import Testing

/// The rules of all presets, each by something that a program, or an observer of the kernel, can see.
@Suite("Every rule of every preset is noticed", .timeLimit(.minutes(60)))
struct RuleMutantTests {
    // A debug run takes a third of the kernels for each behaviour, not the same for all.
    #if DEBUG
    private static let step = 3
    #else
    private static let step = 1
    #endif

    @Test("each kernel behaves as its sources say", arguments: Behaviour.all.indices)
    func behaviour(_ number: Int) {
        let behaviour = Behaviour.all[number]
        for place in stride(from: number % Self.step, to: KernelModel.presets.count, by: Self.step) {
            let preset = KernelModel.presets[place]
            #expect(behaviour.text(under: preset) == behaviour.expected(under: preset), "\(preset.name): \(behaviour)")
        }
    }

    @Test("a preset that loses a rule is another kernel", arguments: KernelModel.presets.map(\.name.description))
    func lostRule(_ name: String) throws {
        let mutants = RuleMutant.lost(by: try #require(KernelModel.preset(named: name)))
        #expect(!mutants.isEmpty)
        for mutant in mutants { #expect(mutant.outcome() != .unnoticed, "nothing notices \(mutant)") }
    }

    @Test("every rule has a behaviour, and every behaviour tells kernels apart")
    func isWhole() {
        let known = Set(KernelModel.rules.map(\.name))
        for rule in KernelModel.rules {
            #expect(Behaviour.all.contains { $0.rules.contains(rule.name) }, "\(rule.name)")
        }
        for behaviour in Behaviour.all {
            #expect(known.isSuperset(of: behaviour.rules), "\(behaviour)")
            #expect(!behaviour.expected.isEmpty, "\(behaviour)")
        }
        for excuse in Indifference.all { #expect(known.isSuperset(of: excuse.rules), "\(excuse.reason)") }
        #expect(Set(Behaviour.all.map(\.name)).count == Behaviour.all.count, "names are used once")
    }

    @Test("each reason why a rule can't matter is needed, and true of what it is said of")
    func reasons() {
        var drawn = SplitMix64(seed: 3)
        for excuse in Indifference.all {
            let mutants = RuleMutant.all.filter { mutant in
                mutant.model.problems.isEmpty
                    && Indifference.of(mutant.rule, mutant.value, under: mutant.preset)?.reason == excuse.reason
            }
            #expect(!mutants.isEmpty, "nothing needs to be excused: \(excuse.reason)")
            guard !mutants.isEmpty else { continue }
            for _ in 0..<3 {
                let mutant = drawn.pick(mutants)
                #expect(!mutant.isNoticed, "\(mutant) is noticed, but \(excuse.reason)")
            }
        }
    }
}
