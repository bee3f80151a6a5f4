import FaultSimulator

/// A preset with one rule taken for another value.
struct RuleMutant: Sendable, CustomStringConvertible {
    let preset: KernelModel
    let rule: AnyKernelRule
    let value: Int

    /// Such as `linux5_5.faultRetry: onceTried -> anyNumber`.
    var description: String {
        "\(preset.name).\(rule.name): \(rule.caseName(in: preset)) -> \(rule.cases[value])"
    }

    var model: KernelModel {
        var model = preset
        rule.override(&model, with: value)
        return model
    }

    /// What comes of it.
    enum Outcome: Equatable, Sendable {
        /// A behaviour told it, or no world takes the model.
        case noticed
        /// It can't matter, for this reason.
        case excused(String)
        /// Nothing told it.
        case unnoticed
    }

    /// Lets the behaviours of the rule tell it, until one has.
    func outcome() -> Outcome {
        guard model.problems.isEmpty else { return .noticed }
        if let excuse = Indifference.of(rule, value, under: preset) { return .excused(excuse.reason) }
        return isNoticed ? .noticed : .unnoticed
    }

    /// Whether a behaviour of the rule is another one under the model.
    var isNoticed: Bool {
        Behaviour.all.contains { behaviour in
            behaviour.rules.contains(rule.name)
                && behaviour.text(under: model) != behaviour.expected(under: preset)
        }
    }

    /// All of them, preset by preset.
    static let all: [RuleMutant] = KernelModel.presets.flatMap { preset in
        KernelModel.rules.flatMap { rule in
            rule.cases.indices.filter { $0 != rule.value(in: preset) }.map {
                RuleMutant(preset: preset, rule: rule, value: $0)
            }
        }
    }

    /// Those that a preset would be if it did not bring what it brings: with the values that a preset near to it has.
    static func lost(by preset: KernelModel) -> [RuleMutant] {
        guard let place = KernelModel.presets.firstIndex(of: preset) else { return [] }
        let near = KernelModel.presets[max(0, place - 1)...min(KernelModel.presets.count - 1, place + 1)]
        return all.filter { mutant in
            mutant.preset == preset && near.contains { mutant.rule.value(in: $0) == mutant.value }
        }
    }
}
