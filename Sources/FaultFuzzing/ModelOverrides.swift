public import FaultSimulator

/// Kernel models that never existed: presets with one or two rules changed, and a check that they keep the laws.
public enum ModelOverrides {
    /// A preset with some of its rules changed.
    public struct Variant: Sendable, CustomStringConvertible {
        /// The model.
        public let model: KernelModel
        /// The preset that it was made from.
        public let base: KernelModel

        /// The preset, and the changed rules.
        public var description: String {
            let changes = model.differences(from: base)
            return ([base.name.description] + changes).joined(separator: ", ")
        }
    }

    /// All legal models that differ from `base` in one rule, or in two.
    public static func legal(of base: KernelModel, pairs: Bool = true) -> [Variant] {
        var variants: [Variant] = []
        for (place, rule) in KernelModel.rules.enumerated() {
            for value in rule.cases.indices where value != rule.value(in: base) {
                var single = base
                rule.override(&single, with: value)
                if single.problems.isEmpty { variants.append(Variant(model: single, base: base)) }
                guard pairs else { continue }
                for other in KernelModel.rules[(place + 1)...] {
                    for value in other.cases.indices where value != other.value(in: base) {
                        var pair = single
                        other.override(&pair, with: value)
                        if pair.problems.isEmpty { variants.append(Variant(model: pair, base: base)) }
                    }
                }
            }
        }
        return variants
    }

    /// Whether only kernels with known bugs have this case of a rule: `KernelModel.withKnownBugs`. Under such a case a
    /// broken law is no finding.
    public static func isKnownBug(_ value: Int, of rule: AnyKernelRule) -> Bool {
        func has(_ model: KernelModel) -> Bool { rule.value(in: model) == value }
        return KernelModel.withKnownBugs.contains(where: has) && !KernelModel.presets.contains(where: has)
    }

    /// Runs random programs under `model`.
    ///
    /// - Parameters:
    ///   - model: The kernel model.
    ///   - programs: How many programs to run.
    ///   - firstSeed: The seed of the first program; the next has the next number.
    ///   - features: Additional features of the programs.
    /// - Returns: The first program that breaks a law, or that hangs in a way in which its kernel does not
    ///   (``KernelHang``), with its seed; `nil` if there is none.
    public static func firstFailure(
        under model: KernelModel, programs: Int, firstSeed: UInt64 = 0, features: ProgramFeatures = []
    ) throws -> String? {
        for seed in firstSeed..<firstSeed + UInt64(programs) {
            if case .failed(let reason) = try end(under: model, seed: seed, features: features) {
                return "seed \(seed): \(reason)"
            }
        }
        return nil
    }

    /// Runs one random program under `model`.
    ///
    /// - Parameters:
    ///   - model: The kernel.
    ///   - seed: The seed of the program.
    ///   - features: Additional features of the program.
    /// - Returns: How it ended.
    /// - Throws: `WorldError` if the model contradicts itself.
    public static func end(
        under model: KernelModel, seed: UInt64, features: ProgramFeatures = []
    ) throws -> ProgramEnd {
        var program = try RandomProgram(model, ProgramChoices(seed: seed), features: features)
        return program.run(rounds: RandomProgram.rounds(with: features))
    }
}
