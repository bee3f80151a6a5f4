import FaultSimulator
import Foundation
import Testing

@Suite("Random programs are seen to do what they did")
struct CorpusTests {
    /// How many programs there are, and how many tests they are cut into, which run beside each other.
    static let programs = 5000
    static let batches = 8

    /// Debug runs are slow, and take every seventh program: of all kernels and costs, as 7 divides neither 25 nor 6.
    #if DEBUG
    static let every = 7
    #else
    static let every = 1
    #endif

    /// The digests of a program, three characters for each ``CorpusObservation/Part``, and what else there is to say.
    private static func play(_ seed: UInt64) throws -> (digests: String, hangs: Bool, agree: Bool) {
        var watched = try CorpusProgram(seed: seed, isWatched: true)
        var plain = try CorpusProgram(seed: seed, isWatched: false)
        watched.run()
        plain.run()
        let digests = CorpusObservation.Part.allCases.map { part in
            WordDigest.characters(of: (part == .unwatched ? plain : watched).observation[part])
        }
        return (
            digests.joined(), watched.hangs || plain.hangs,
            watched.observation.plain.value == plain.observation.plain.value
        )
    }

    @Test("every program, watched and not, has the digests that were recorded", arguments: 0..<batches)
    func programs(_ batch: Int) throws {
        for number in stride(from: batch * Self.every, to: Self.programs, by: Self.batches * Self.every) {
            let found = try Self.play(UInt64(number))
            let recorded = RecordedPrograms.digests(of: number)
            for part in CorpusObservation.Part.allCases {
                let now = RecordedPrograms.digest(part, in: found.digests)
                let before = RecordedPrograms.digest(part, in: recorded)
                if now != before { Issue.record("seed \(number): \(part) \(now), recorded \(before)") }
            }
        }
    }

    /// Writes the digests of today, and a table of what the programs do, if `FAULTSIM_RECORD_CORPUS` is set. For a change
    /// of behaviour that is meant: say in its commit which parts of which programs have changed, and why.
    @Test(
        "the digests are written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() async throws {
        let all = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for batch in 0..<Self.batches {
                group.addTask {
                    let share = Self.programs / Self.batches
                    return (batch, try (batch * share..<(batch + 1) * share).map { try Self.play(UInt64($0)).digests })
                }
            }
            var found: [(Int, [String])] = []
            for try await part in group { found.append(part) }
            return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
        for (name, range) in [("first", 0..<Self.programs / 2), ("second", Self.programs / 2..<Self.programs)] {
            let text = RecordedPrograms.source(of: all[range], named: name)
            let file = "RecordedPrograms+\(name.capitalized).swift"
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            try text.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
        }
    }
}
