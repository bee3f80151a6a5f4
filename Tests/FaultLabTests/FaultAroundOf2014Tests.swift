import FaultLab
import Testing

@Suite("2014: reading what is cached", .timeLimit(.minutes(60)))
struct FaultAroundOf2014Tests {
    static func small() throws -> FaultAroundOf2014.Outcome {
        var experiment = FaultAroundOf2014()
        if isDebug { experiment.parts = 64 }  // every part is the same
        return try experiment.run()
    }

    @Test("faults by window: none, as proposed, as landed; clipped, half cached, partly locked")
    func faults() throws {
        let outcome = try Self.small()
        func faults(_ what: FaultAroundOf2014.Case) -> [Int] {
            outcome.readings.filter { $0.what == what }.map(\.faults)
        }
        #expect(faults(.whole) == [1024, 32, 64])
        #expect(faults(.begunLate) == [1024, 33, 65])
        #expect(faults(.halfResident) == [512, 32, 64])
        #expect(faults(.locked) == [896, 32, 64])
        #expect(outcome.readings.allSatisfy { $0.faults == $0.attempts }, "nothing is waited for")
        #expect(outcome.readings.allSatisfy { $0.mapped == $0.pages }, "what is not cached or locked is not mapped")
    }

    @Test("the commit's counts, but for the faults of the program itself")
    func published() throws {
        let outcome = try Self.small()
        #expect(outcome.sequential.map(\.faults) == [0, 1, 3, 4, 5, 7, 9].map { 1 << (22 - $0) })
        #expect(outcome.random.map(\.faults) == [1 << 18, 1 << 14])
        #expect(outcome.sparse.map(\.faults) == [8192, 8192])
        #expect(outcome.sparse.map(\.mappedPerRead) == [1, 16])
        for row in outcome.measurements {
            guard let published = row.published else { continue }
            #expect(row.simulated <= published && published - row.simulated < 0.06 * published + 60, "\(row.measure)")
        }
    }
}
