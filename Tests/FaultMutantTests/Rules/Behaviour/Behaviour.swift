import FaultSimulator

/// Something that a kernel does, told in a line: what the rules of a ``KernelModel`` are seen by.
struct Behaviour: Sendable, CustomStringConvertible {
    /// What happens.
    let name: String
    /// The rules that it is there to tell.
    let rules: [String]
    private let play: @Sendable (KernelModel) throws -> String

    init(_ rules: String..., name: String, _ play: @escaping @Sendable (KernelModel) throws -> String) {
        self.name = name
        self.rules = rules
        self.play = play
    }

    /// What happens under `model`. A broken law, a world that refuses the model, and a run without end are told too.
    func text(under model: KernelModel) -> String {
        do { return try play(model) } catch { return "\(error)" }
    }

    var description: String { name }

    /// What happens under the presets, oldest first; each line is true up to the next.
    var expected: [(preset: String, text: String)] { Self.expectations[name] ?? [] }

    /// What should happen under a preset.
    func expected(under preset: KernelModel) -> String? {
        var text: String?
        var lines = expected[...]
        for known in KernelModel.presets {
            if let line = lines.first, line.preset == known.name.description {
                text = line.text
                lines.removeFirst()
            }
            if known.name == preset.name { break }
        }
        return text
    }

    private static let expectations: [String: [(preset: String, text: String)]] = [
        attemptsExpected, locksExpected, areaLocksExpected, filesExpected, memoryExpected, swapExpected, pinsExpected,
        userfaultsExpected, entriesExpected, fixedBugsExpected,
    ].reduce(into: [:]) { $0.merge($1) { old, _ in old } }

    /// All of them.
    static let all = attempts + locks + areaLocks + files + memory + swap + pins + userfaults + entries + fixedBugs
}
