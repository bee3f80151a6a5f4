import FaultCore
import Testing

@Suite("kernel models", .timeLimit(.minutes(60)))
struct KernelModelTests {
    @Test("every stored property but the name is listed as a rule")
    func everyRuleIsListed() {
        let stored = Mirror(reflecting: KernelModel.linux6_1).children.compactMap(\.label)
        #expect(["name"] + KernelModel.rules.map(\.name) == stored)
    }

    @Test("overriding a rule changes that rule alone, and prints as a difference")
    func overriding() {
        for rule in KernelModel.rules {
            let old = rule.value(in: .linux6_1)
            for value in rule.cases.indices where value != old {
                var model = KernelModel.linux6_1
                rule.override(&model, with: value)
                #expect(
                    model.differences(from: .linux6_1) == ["\(rule.name): \(rule.cases[old]) -> \(rule.cases[value])"])
            }
        }
    }

    @Test("a preset is found by its name")
    func presetsByName() {
        for preset in KernelModel.presets {
            #expect(KernelModel.preset(named: preset.name.description) == preset)
        }
        #expect(KernelModel.preset(named: "linux0_01") == nil)
    }
}
