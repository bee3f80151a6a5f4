import FaultLab
import FaultSimulator
import Testing

@Suite("Laws under kernels that were, and kernels that never were")
struct ModelOverrideTests {
    @Test("random programs keep every law under every preset", arguments: KernelModel.presets.map(\.name.description))
    func presets(_ name: String) throws {
        let preset = try #require(KernelModel.preset(named: name))
        if let failure = try ModelOverrides.firstFailure(under: preset, programs: 10) { Issue.record("\(failure)") }
    }

    /// `faultsim eras --laws 200` runs 200 programs under all of them, of which there are about 18,000. Here each eighth of
    /// the models near Linux 6.1, and each hundredth of the others, runs one; which program follows from the model's place.
    @Test("random programs keep every law under kernels with one or two rules changed", arguments: 0..<8)
    func overrides(_ part: Int) throws {
        for base in KernelModel.presets {
            let stride = base == .linux6_1 ? 8 : 800
            let variants = ModelOverrides.legal(of: base)
            #expect(variants.count > 100)
            for place in Swift.stride(from: part * stride / 8, to: variants.count, by: stride) {
                let variant = variants[place]
                let failure = try ModelOverrides.firstFailure(
                    under: variant.model, programs: 1, firstSeed: UInt64(place))
                if let failure { Issue.record("\(variant): \(failure)") }
            }
        }
    }

    @Test("a model is legal, or says what contradicts what and what to change", arguments: KernelModelProblem.allCases)
    func contradictions(_ problem: KernelModelProblem) throws {
        let model = try #require(Self.contradicting(problem))
        #expect(model.problems.contains(problem))
        #expect(throws: IllegalKernelModel.self) { try model.validate() }
        #expect(problem.description.contains("set "))
        do {
            _ = try World(model)
            Issue.record("a world takes it")
        } catch {
            #expect(error.description.contains(problem.description))
        }
    }

    @Test("every preset is legal, and says in what it differs from the one before")
    func presetsAreLegal() {
        for (older, newer) in zip(KernelModel.presets, KernelModel.presets.dropFirst()) {
            #expect(newer.problems.isEmpty)
            #expect(!newer.differences(from: older).isEmpty)
        }
        #expect(
            KernelModel.linux5_5.differences(from: .linux5_1) == [
                "throttledSharedWrite: keepsLock -> retries", "lockWake: leadingReaders -> allQueuedReaders",
            ])
    }

    /// The first model that differs from a preset in one rule or two, and has this problem.
    private static func contradicting(_ problem: KernelModelProblem) -> KernelModel? {
        for base in [KernelModel.linux6_1, .linux2_6_37] {
            for rule in KernelModel.rules {
                for value in rule.cases.indices {
                    var model = base
                    rule.override(&model, with: value)
                    if model.problems.contains(problem) { return model }
                    for other in KernelModel.rules {
                        for value in other.cases.indices {
                            var pair = model
                            other.override(&pair, with: value)
                            if pair.problems.contains(problem) { return pair }
                        }
                    }
                }
            }
        }
        return nil
    }
}
