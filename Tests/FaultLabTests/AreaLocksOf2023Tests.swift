import FaultLab
import FaultSimulator
import Testing

@Suite("2023: faults in one area while another is mapped and unmapped", .timeLimit(.minutes(60)))
struct AreaLocksOf2023Tests {
    static let outcome = Result {
        var experiment = AreaLocksOf2023()
        if isDebug { experiment.nanoseconds /= 10 }
        return try experiment.run()
    }

    @Test("where the area's lock guards them, faults and mappings elsewhere never wait for each other")
    func independent() throws {
        let guarded: [(AreaLocksOf2023.Case, [String])] = [
            (.anonymous, ["linux6_4", "linux6_6", "linux6_12"]), (.file, ["linux6_6", "linux6_12"]),
        ]
        let runs = try Self.outcome.get().runs
        #expect(runs.count == 8)
        for run in runs {
            let isGuarded = guarded.contains { $0.0 == run.what && $0.1.contains(run.model) }
            let name = "\(run.what.rawValue) under \(run.model)"
            // A whole area given back and begun anew is the one time that the mmap lock is taken.
            #expect(isGuarded ? run.locksPerFault < 0.002 : run.locksPerFault > 0.99, "\(name)")
            #expect((run.mapperWaiting > 0.02) == !isGuarded, "\(name)")
            if isGuarded, run.what == .anonymous {
                #expect(run.locksPerFault == 0 && run.waiting == 0 && run.longestWait == 0, "\(name)")
                #expect(run.mapperWaiting == 0, "\(name)")
            }
            if !isGuarded { #expect(run.waiting > 0.02 && run.longestWait > 0, "\(name)") }
        }
    }

    @Test("without waiting for the other, both sides get more done")
    func faster() throws {
        let runs = try Self.outcome.get().runs
        for what in AreaLocksOf2023.Case.allCases {
            let before = try #require(runs.first { $0.what == what && $0.model == "linux6_1" })
            let after = try #require(runs.first { $0.what == what && $0.model == "linux6_12" })
            #expect(after.faultsPerSecond > 1.02 * before.faultsPerSecond, "\(what.rawValue)")
            #expect(after.mappingsPerSecond > 1.02 * before.mappingsPerSecond, "\(what.rawValue)")
        }
    }

    @Test("in the picture with area locks only the mapper holds the mmap lock, and every row has faults")
    func picture() throws {
        let timelines = try Self.outcome.get().timelines
        #expect(timelines.count == 4)
        for (number, timeline) in timelines.enumerated() {
            let lock = try #require(timeline.rows.first { $0.name.hasPrefix("mmap lock") }?.subject)
            guard case .lock(let name) = lock else { return }
            let holders = timeline.holders(of: name).map { timeline.names.text($0) }
            #expect(holders.count == (number == 0 ? 4 : 1), "\(timeline.title)")
            #expect(holders.contains("mmap, munmap"))
            let faulting = timeline.rows.filter { $0.name.hasPrefix("faults in") }
            #expect(faulting.count == 3 && faulting.allSatisfy { !$0.spans(.fault).isEmpty }, "\(timeline.title)")
            let areas = timeline.rows.filter { if case .area = $0.subject { true } else { false } }
            #expect(number == 0 ? areas.isEmpty : areas.count >= 3, "\(timeline.title)")
        }
    }
}
