public import FaultSimulator

/// A random program with the kernel that it runs under: a preset, in which up to two rules may be changed.
///
/// A seed determines all of it. Bytes do so as well: each choice that the program makes is one or more of them. With other
/// bytes it is another program, which is as legal. A fuzzer that is guided by coverage changes the bytes. So does
/// ``shrunk(mostRuns:)``, which finds a short program that fails in the same way.
public struct FuzzedProgram: Sendable {
    private struct Change {
        /// An index into `KernelModel.rules`.
        let rule: Int
        let value: Int
    }

    /// How a program ended, and what it did.
    public struct Run: Equatable, Sendable {
        /// How it ended.
        public let end: ProgramEnd
        /// What it did, a line each: operations of tasks, and what happened to them from outside. Empty if that was not
        /// asked for.
        public let steps: [String]
        /// The bytes of its choices, without those that it did not use. They make the same program.
        public let bytes: [UInt8]
    }

    /// The preset whose rules may be changed.
    public let base: KernelModel
    /// The features of the program.
    public let features: ProgramFeatures
    private var changes: [Change] = []
    /// The choices after those of the kernel and the features.
    let choices: ProgramChoices
    /// The most rounds of operations.
    let rounds: Int

    /// The most rounds of a program that is made from bytes.
    private static let mostRounds = 64

    /// The program that follows from `seed`, under a kernel that follows from it as well.
    public init(seed: UInt64) {
        var kernel = ProgramChoices(seed: seed)
        (base, features, changes) = Self.kernel(&kernel)
        choices = ProgramChoices(seed: seed)
        rounds = RandomProgram.rounds(with: features)
    }

    /// The program whose choices are `bytes`, any number of them. It ends when they are used up.
    public init(bytes: [UInt8]) {
        var all = ProgramChoices(bytes: bytes)
        (base, features, changes) = Self.kernel(&all)
        choices = ProgramChoices(bytes: Array(all.left))
        rounds = Self.mostRounds
    }

    /// The kernel that the program runs under.
    public var model: KernelModel { Self.model(base, changes) }

    /// Runs the program, with the laws checked.
    ///
    /// - Parameter tellsSteps: Whether to return what it did.
    public func run(tellsSteps: Bool = false) -> Run {
        do {
            var program = try program()
            program.tellsSteps = tellsSteps
            let end = program.run(rounds: rounds)
            return Run(end: end, steps: program.steps, bytes: kernelBytes + program.random.made)
        } catch {
            return Run(end: .failed("can't be built: \(error)"), steps: [], bytes: kernelBytes)
        }
    }

    /// The program at its beginning.
    func program() throws -> RandomProgram { try RandomProgram(model, choices, features: features) }

    /// The shortest program found that fails in the same way, with the fewest changed rules; the program itself if it
    /// does not fail.
    ///
    /// - Parameter mostRuns: How many programs to try.
    public func shrunk(mostRuns: Int = 2_000) -> FuzzedProgram {
        let whole = run()
        guard let failure = whole.end.failureKind else { return self }
        var search = ShortestBytes(whole.bytes, mostTries: mostRuns) { bytes in
            let tried = FuzzedProgram(bytes: bytes).run()
            return tried.end.failureKind == failure ? tried.bytes : nil
        }
        for place in changes.indices.reversed() {
            var fewer = FuzzedProgram(bytes: search.least)
            fewer.changes.remove(at: place)
            if fewer.model.problems.isEmpty { search.tryInstead(fewer.kernelBytes + fewer.choices.left) }
        }
        search.dropBytes(after: FuzzedProgram(bytes: search.least).kernelBytes.count)
        return FuzzedProgram(bytes: search.least)
    }

    // MARK: The kernel

    /// The choice of a kernel and of features. A rule is not changed if the model would contradict itself, or have a
    /// known bug.
    private static func kernel(
        _ choices: inout ProgramChoices
    ) -> (base: KernelModel, features: ProgramFeatures, changes: [Change]) {
        let base = choices.pick(KernelModel.presets)
        let features = ProgramFeatures(rawValue: UInt16(choices.below(Int(ProgramFeatures.all.rawValue) + 1)))
        var changes: [Change] = []
        for _ in 0..<choices.below(3) {
            let place = choices.below(KernelModel.rules.count)
            let rule = KernelModel.rules[place]
            let change = Change(rule: place, value: choices.below(rule.cases.count))
            if ModelOverrides.isKnownBug(change.value, of: rule) { continue }
            if model(base, changes + [change]).problems.isEmpty { changes.append(change) }
        }
        return (base, features, changes)
    }

    private static func model(_ base: KernelModel, _ changes: [Change]) -> KernelModel {
        var model = base
        for change in changes { KernelModel.rules[change.rule].override(&model, with: change.value) }
        return model
    }

    /// The bytes that ``kernel(_:)`` reads.
    private var kernelBytes: [UInt8] {
        var choices: [(number: Int, bound: Int)] = []
        let preset = KernelModel.presets.firstIndex { $0.name == base.name } ?? 0
        choices.append((preset, KernelModel.presets.count))
        choices.append((Int(features.rawValue), Int(ProgramFeatures.all.rawValue) + 1))
        choices.append((changes.count, 3))
        for change in changes {
            choices.append((change.rule, KernelModel.rules.count))
            choices.append((change.value, KernelModel.rules[change.rule].cases.count))
        }
        return choices.flatMap { ProgramChoices.bytes(of: $0.number, below: $0.bound) }
    }
}

extension FuzzedProgram: CustomStringConvertible {
    /// The kernel, its changed rules, and the features, such as `Linux 6.12, with pins`.
    public var description: String {
        (["\(base.name)"] + model.differences(from: base) + ["with \(features)"]).joined(separator: ", ")
    }
}

extension FuzzedProgram.Run: CustomStringConvertible {
    /// How it ended, and below it what it did.
    public var description: String { (["\(end)"] + steps.map { "  \($0)" }).joined(separator: "\n") }
}

extension ProgramEnd {
    /// What is wrong, without details: the same for all programs that fail in the same way. `nil` if it did not fail.
    fileprivate var failureKind: Substring? {
        guard case .failed(let reason) = self else { return nil }
        return reason.prefix { $0 != ":" && $0 != "(" }
    }
}
