import FaultFuzzing
import FaultSimulator
import Foundation
import Testing

/// Whether tests go through all that they can, which takes many minutes, and not through a part: `.ci/long` sets it.
private let isWhole = ProcessInfo.processInfo.environment["FAULTSIM_WHOLE"] != nil

@Suite("Laws under kernels that were, and kernels that never were", .timeLimit(.minutes(60)))
struct ModelOverrideTests {
    @Test("a case that only kernels with known bugs have is known to be a bug")
    func knownBugs() {
        let bugs = KernelModel.rules.flatMap { rule in
            rule.cases.indices.filter { ModelOverrides.isKnownBug($0, of: rule) }.map {
                "\(rule.name) \(rule.cases[$0])"
            }
        }
        #expect(bugs.contains("forkAreaLocks areNotTaken") && bugs.contains("swapCacheBypass leavesSlot"), "\(bugs)")
        #expect(bugs.allSatisfy { !$0.hasPrefix("faultRetry ") }, "\(bugs)")
    }

    @Test("random programs keep every law under every preset", arguments: KernelModel.presets.map(\.name.description))
    func presets(_ name: String) throws {
        let preset = try #require(KernelModel.preset(named: name))
        if let failure = try ModelOverrides.firstFailure(under: preset, programs: 10) { Issue.record("\(failure)") }
    }

    /// Debug runs are slow.
    #if DEBUG
    static let pinPrograms = 1
    static let variantShare = 4
    #else
    static let pinPrograms = 3
    static let variantShare = 1
    #endif

    @Test(
        "so do programs that pin pages, under presets and under each change of a rule that pins know",
        arguments: KernelModel.presets.map(\.name.description))
    func pins(_ name: String) throws {
        let preset = try #require(KernelModel.preset(named: name))
        let told = ["pinTracking", "readPins", "directPins", "pinnedFork", "pinnedReclaim", "anonymousReuse"]
        var models = [preset]
        for rule in KernelModel.rules where told.contains(rule.name) {
            for value in rule.cases.indices where value != rule.value(in: preset) {
                var model = preset
                rule.override(&model, with: value)
                if model.problems.isEmpty { models.append(model) }
            }
        }
        for model in models {
            let failure = try ModelOverrides.firstFailure(
                under: model, programs: Self.pinPrograms, firstSeed: 500, features: .pins)
            if let failure { Issue.record("\(model): \(failure)") }
        }
    }

    /// All presets together run more than 10,000 programs if `FAULTSIM_WHOLE` is set, else a sample of them.
    @Test(
        "so do programs with all of it: swap, memory limits, errors, pins, user fault handling, and every other operation",
        arguments: KernelModel.presets.map(\.name.description))
    func everything(_ name: String) throws {
        let preset = try #require(KernelModel.preset(named: name))
        let programs = isWhole ? 350 : 6
        let failure = try ModelOverrides.firstFailure(under: preset, programs: programs, features: .all)
        if let failure { Issue.record("\(failure)") }
    }

    /// A sample of what `faultsim eras --laws 200` does in some hours: 200 programs under each of these models, more than 2,000
    /// for each preset. Here each sixteenth of the models near Linux 6.1, and each eight hundredth of the others, runs one
    /// program; which follows from the model's place. In debug, a quarter of these do.
    @Test(
        "random programs keep every law under kernels with one or two rules changed",
        arguments: KernelModel.presets.map(\.name.description))
    func overrides(_ name: String) throws {
        let base = try #require(KernelModel.preset(named: name))
        let variants = ModelOverrides.legal(of: base)
        #expect(variants.count > 2000)
        for place in stride(from: 0, to: variants.count, by: (base == .linux6_1 ? 16 : 800) * Self.variantShare) {
            let variant = variants[place]
            let failure = try ModelOverrides.firstFailure(under: variant.model, programs: 1, firstSeed: UInt64(place))
            if let failure { Issue.record("\(variant): \(failure)") }
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

    @Test("every preset is legal, and says in what it differs from the one before; 5.10 does in nothing")
    func presetsAreLegal() {
        for (older, newer) in zip(KernelModel.presets, KernelModel.presets.dropFirst()) {
            #expect(newer.problems.isEmpty)
            #expect(newer.differences(from: older).isEmpty == (newer.name == KernelModel.linux5_10.name))
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
