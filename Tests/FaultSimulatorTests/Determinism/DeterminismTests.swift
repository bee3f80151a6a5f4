import FaultSimulator
import Testing

@Suite("The same inputs give the same bytes", .timeLimit(.minutes(60)))
struct DeterminismTests {
    /// The digest of the full trace, the outcomes and the fingerprint of one random world.
    static func digest(seed: UInt64) throws -> UInt64 {
        var random = try RandomWorld(seed: seed)
        random.world.machine.isTracing = true
        _ = random.world.run()
        var digest = Digest()
        for event in random.world.machine.trace { event.words.forEach { digest.add($0) } }
        for task in random.tasks {
            let report = random.world.report(of: task)
            digest.add(UInt64(report.minorFaults))
            digest.add(UInt64(report.majorFaults))
            digest.add(UInt64(bitPattern: report.outcome.value))
        }
        digest.add(random.world.machine.fingerprint)
        return digest.value
    }

    @Test("the traces of 100 random programs have the digests that were checked in, in debug and release")
    func digestsAreAsCheckedIn() throws {
        let found = try (0..<100).map { try Self.digest(seed: 1000 + UInt64($0)) }
        let expected = TraceDigests.values
        for (number, pair) in zip(found, expected).enumerated() where pair.0 != pair.1 {
            Issue.record(
                "seed \(1000 + number): 0x\(String(pair.0, radix: 16)), checked in 0x\(String(pair.1, radix: 16))")
        }
        #expect(found.count == expected.count)
    }

    @Test("two runs in one process agree in every event")
    func runsAgree() throws {
        for seed in 0..<20 as Range<UInt64> { #expect(try Self.digest(seed: seed) == Self.digest(seed: seed)) }
    }
}
