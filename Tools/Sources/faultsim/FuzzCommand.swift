import ArgumentParser
import FaultFuzzing
import FaultSimulator

/// `faultsim fuzz`: random programs under random kernels, until a law is broken or the time is up.
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Run random programs under random kernels, with the simulator's own laws checked.",
        discussion: """
            Each program comes from a seed, and runs under a preset with at most two changed rules, which is still a legal \
            model. A program that breaks a law, hangs or is stuck is printed with its seed, and with as few of the changed \
            rules as needed.

            Exit status: 0 if nothing was found, 1 if anything was, 64 if the command line is wrong.
            """)

    @Option(help: "How long to run, in seconds.")
    var seconds = 60

    @Option(help: "The seed of the first program; the seeds of the others follow.")
    var seed: UInt64 = 1

    func validate() throws {
        if seconds < 1 { throw ValidationError("--seconds: must be at least 1, not \(seconds)") }
    }

    func run() throws {
        let end = ContinuousClock.now + .seconds(seconds)
        var programs: UInt64 = 0
        var found = 0
        while ContinuousClock.now < end {
            let trial = Trial(seed: seed &+ programs)
            programs += 1
            guard try trial.failure() != nil else { continue }
            found += 1
            let least = try trial.withFewestChanges()
            print("\(least): \(try least.failure() ?? "passed when it ran again")")
        }
        print("fuzz: \(programs) programs from seed \(seed), \(found) failed")
        if found > 0 { throw ExitCode(1) }
    }
}

/// A program, and the kernel that it runs under.
private struct Trial: CustomStringConvertible {
    let seed: UInt64
    let base: KernelModel
    /// The changed rules, with their new cases.
    private var changes: [(rule: AnyKernelRule, value: Int)] = []
    private let features: ProgramFeatures

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed)
        base = random.pick(KernelModel.presets)
        features = ProgramFeatures(rawValue: UInt8(random.below(Int(ProgramFeatures.all.rawValue) + 1)))
        for _ in 0..<random.below(3) {
            let rule = random.pick(KernelModel.rules)
            let change = (rule, random.below(rule.cases.count))
            if ModelOverrides.isKnownBug(change.1, of: rule) { continue }
            if Self.model(base, changes + [change]).problems.isEmpty { changes.append(change) }
        }
    }

    private static func model(_ base: KernelModel, _ changes: [(rule: AnyKernelRule, value: Int)]) -> KernelModel {
        var model = base
        for change in changes { change.rule.override(&model, with: change.value) }
        return model
    }

    private var model: KernelModel { Self.model(base, changes) }

    var description: String {
        let told = model.differences(from: base)
        return (["\(base.name)"] + told + ["with \(features)"]).joined(separator: ", ")
    }

    /// What is wrong; `nil` if nothing is.
    func failure() throws -> String? {
        try ModelOverrides.firstFailure(under: model, programs: 1, firstSeed: seed, features: features)
    }

    /// The same trial, without the changes that are not needed for the failure.
    func withFewestChanges() throws -> Trial {
        var least = self
        for place in changes.indices.reversed() {
            var fewer = least
            fewer.changes.remove(at: place)
            if fewer.model.problems.isEmpty, try fewer.failure() != nil { least = fewer }
        }
        return least
    }
}
