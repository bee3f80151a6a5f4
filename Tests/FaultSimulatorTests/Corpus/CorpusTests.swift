import FaultSimulator
import Foundation
import Testing

/// Behaviour as it was when it was recorded: 5,000 random programs, each run twice, watched and not.
///
/// A failure names the seed and what differs; `CorpusProgram(seed:isWatched:)` runs that program alone.
@Suite("Random programs are seen to do what they did", .timeLimit(.minutes(60)))
struct CorpusTests {
    /// How many programs there are, and into how many tests they are cut, which run beside each other.
    static let programs = 5000
    static let batches = 8

    /// Debug runs are slow, and take one program of 37: of all kernels and costs, as 37 divides neither 25 nor 6.
    #if DEBUG
    static let every = 37
    #else
    static let every = 1
    #endif

    @Test("every program, watched and not, has the digests that were recorded", arguments: 0..<batches)
    func programs(_ batch: Int) throws {
        for number in stride(from: batch * Self.every, to: Self.programs, by: Self.batches * Self.every) {
            let recorded = RecordedPrograms.digests(of: number)
            guard recorded != RecordedPrograms.endless else { continue }
            let pair = try CorpusPair(seed: UInt64(number))
            if pair.hangs { Issue.record("seed \(number) hangs") }
            for broken in pair.watched.base.world.machine.violations { Issue.record("seed \(number): \(broken)") }
            if !pair.agree { Issue.record("seed \(number) ends otherwise if nobody watches") }
            let found = pair.digests
            for part in CorpusObservation.Part.allCases {
                let now = RecordedPrograms.digest(part, in: found)
                let before = RecordedPrograms.digest(part, in: recorded)
                if now != before { Issue.record("seed \(number): \(part) \(now), recorded \(before)") }
            }
        }
    }

    @Test("there is a digest of every program")
    func complete() { #expect(RecordedPrograms.count == Self.programs) }

    /// Writes the digests of today, and prints how often the programs begin each operation and take each stage, if
    /// `FAULTSIM_RECORD_CORPUS` is set: for a change of behaviour that is meant. Say in its commit which parts of how many
    /// programs have changed, and why.
    @Test(
        "the digests are written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() async throws {
        let shares = try await withThrowingTaskGroup(of: (Int, [String], CorpusCoverage).self) { group in
            for batch in 0..<Self.batches {
                group.addTask {
                    let share = Self.programs / Self.batches
                    var coverage = CorpusCoverage()
                    let digests = try (batch * share..<(batch + 1) * share).map { number in
                        let pair = try CorpusPair(seed: UInt64(number), counts: true)
                        coverage.add(pair.watched)
                        return pair.hangs ? RecordedPrograms.endless : pair.digests
                    }
                    return (batch, digests, coverage)
                }
            }
            var found: [(Int, [String], CorpusCoverage)] = []
            for try await part in group { found.append(part) }
            return found.sorted { $0.0 < $1.0 }
        }
        let all = shares.flatMap(\.1)
        for (name, range) in [("first", 0..<Self.programs / 2), ("second", Self.programs / 2..<Self.programs)] {
            let text = RecordedPrograms.source(of: all[range], named: name)
            try CorpusFile.write(text, to: "RecordedPrograms+\(name.capitalized).swift")
        }
        var coverage = CorpusCoverage()
        for share in shares { coverage.add(share.2) }
        print(coverage)
    }
}

/// A program, run watched and not.
struct CorpusPair {
    private(set) var watched: CorpusProgram
    private(set) var plain: CorpusProgram

    init(seed: UInt64, counts: Bool = false) throws {
        watched = try CorpusProgram(seed: seed, isWatched: true, countsOperations: counts)
        plain = try CorpusProgram(seed: seed, isWatched: false)
        watched.run()
        plain.run()
    }

    /// Whether one of them does not end, so that how far it comes is a matter of stages.
    var hangs: Bool { watched.hangs || plain.hangs }

    /// Whether all is the same that can be seen unwatched.
    var agree: Bool { watched.observation.plain.value == plain.observation.plain.value }

    /// Three characters for each part.
    var digests: String {
        CorpusObservation.Part.allCases
            .map { part in
                WordDigest.characters(of: (part == .unwatched ? plain : watched).observation[part])
            }
            .joined()
    }
}

/// How often operations were begun and stages taken.
struct CorpusCoverage: CustomStringConvertible {
    private var counts: [String: Int] = [:]

    mutating func add(_ program: CorpusProgram) {
        for (name, times) in program.operations { counts["operation \(name)", default: 0] += times }
        for (name, times) in program.observation.stageNames { counts["stage \(name)", default: 0] += times }
    }

    mutating func add(_ other: CorpusCoverage) {
        for (name, times) in other.counts { counts[name, default: 0] += times }
    }

    var description: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
    }
}
