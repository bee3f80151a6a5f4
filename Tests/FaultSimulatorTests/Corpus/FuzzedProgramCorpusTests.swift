import FaultSimulator
import Foundation
import Testing

@testable import FaultFuzzing

/// What fuzzed programs did when it was recorded: digests of what could be seen after each round and at the end.
///
/// Some programs stand in `programs.txt` as bytes. Fuzzing begins with them: for each place of the simulator that short
/// programs reach, one reaches it. The others follow from seeds, and have longer rounds.
@Suite("Fuzzed programs do what they did", .timeLimit(.minutes(60)))
struct FuzzedProgramCorpusTests {
    /// Debug runs are slow, and take one program of 16.
    #if DEBUG
    private static let every = 16
    #else
    private static let every = 1
    #endif

    private static let batches = 8
    private static let seeds = 2_000

    @Test("the programs with which fuzzing begins, which keep the laws", arguments: 0..<batches)
    func programs(batch: Int) throws {
        let lines = try FuzzedProgramLine.all()
        for number in stride(from: batch * Self.every, to: lines.count, by: Self.batches * Self.every) {
            try check(FuzzedProgram(bytes: lines[number].bytes), lines[number].digest, "line \(number + 1)")
        }
    }

    @Test("programs of seeds, which keep the laws", arguments: 0..<batches)
    func seeds(batch: Int) throws {
        let digests = try FuzzedProgramLine.digestsOfSeeds()
        #expect(digests.count == Self.seeds)
        for seed in stride(from: batch * Self.every, to: digests.count, by: Self.batches * Self.every) {
            try check(FuzzedProgram(seed: UInt64(seed)), digests[seed], "seed \(seed)")
        }
    }

    private func check(_ program: FuzzedProgram, _ digest: UInt64?, _ name: String) throws {
        let found = try Self.run(program)
        if case .failed(let reason) = found.end { Issue.record("\(name), \(program): \(reason)") }
        if found.digest != digest { Issue.record("\(name), \(program): does something else") }
    }

    /// Runs a program, and observes it.
    private static func run(_ program: FuzzedProgram) throws -> (end: ProgramEnd, digest: UInt64) {
        var random = try program.program()
        var observation = CorpusObservation(isWatched: true)
        random.afterRun = { observation.add($1, $0) }
        let end = random.run(rounds: program.rounds)
        var digest = WordDigest()
        for part in CorpusObservation.Part.allCases { digest.add(observation[part]) }
        return (end, digest.value)
    }

    @Test("the programs with which fuzzing begins run under most presets, and with each feature")
    func wide() throws {
        let programs = try FuzzedProgramLine.all().map { FuzzedProgram(bytes: $0.bytes) }
        #expect(programs.count > 300)
        #expect(Set(programs.map(\.base.name.description)).count > KernelModel.presets.count * 3 / 4)
        for bit in 0..<9 {
            let feature = ProgramFeatures(rawValue: 1 << bit)
            #expect(programs.contains { $0.features.contains(feature) }, "\(feature)")
        }
    }

    /// Writes the digests of today, if `FAULTSIM_RECORD_CORPUS` is set: for a change of behaviour that is meant, and after
    /// `.ci/fuzz corpus`. Say in the commit how many have changed, and why.
    @Test(
        "the digests are written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() throws {
        var lines = try FuzzedProgramLine.all()
        for place in lines.indices {
            lines[place].digest = try Self.run(FuzzedProgram(bytes: lines[place].bytes)).digest
        }
        try FuzzedProgramLine.write(lines)
        try FuzzedProgramLine.write(try (0..<Self.seeds).map { try Self.run(FuzzedProgram(seed: UInt64($0))).digest })
    }
}
