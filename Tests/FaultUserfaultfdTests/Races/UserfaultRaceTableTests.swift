import FaultSimulator
import Foundation
import Testing

@Suite("Explored races of user faults have the states and outcomes that they had", .timeLimit(.minutes(60)))
struct UserfaultRaceTableTests {
    private static let isWhole = ProcessInfo.processInfo.environment["FAULTSIM_WHOLE"] != nil

    /// Races that have more states are left out unless all are asked for.
    #if DEBUG
    private static let mostStates = 200
    #else
    private static let mostStates = isWhole ? Int.max / 4 : 2_000
    #endif

    @Test("every race, with laws and without, under every preset that has them", arguments: NamedUserfaultRace.kernels)
    func races(_ model: KernelModel) throws {
        for race in NamedUserfaultRace.all {
            let before = RecordedUserfaultRaces.line(of: race.name, under: model)
            guard RecordedUserfaultRaces.states(in: before) <= Self.mostStates else { continue }
            let now = try race.line(under: model)
            if now != before { Issue.record("\(now)\nrecorded: \(before)") }
        }
    }

    @Test("a remembered move leads where it leads when it is made", arguments: NamedUserfaultRace.kernels)
    func rememberedMoves(_ model: KernelModel) throws {
        for race in NamedUserfaultRace.all {
            let line = RecordedUserfaultRaces.line(of: race.name, under: model)
            guard 1...Self.mostStates * 4 ~= RecordedUserfaultRaces.states(in: line) else { continue }
            let found = race.explore(try race.make(model)) {
                $0.checksLaws = false
                $0.makesRememberedMoves = true
            }
            #expect(found.isComplete, "\(race.name) \(model.name): \(found.whyIncomplete ?? "")")
        }
    }

    @Test("no race breaks a law, under any preset")
    func lawful() {
        for line in RecordedUserfaultRaces.lines where RecordedUserfaultRaces.states(in: line) > 0 {
            let ends = line.split(separator: ",").last?.split(separator: " ").compactMap { Int($0) } ?? []
            #expect(ends.count >= 3 && ends[2] == 0 && !line.contains("incomplete"), "\(line)")
        }
    }

    @Test("kernels without userfaultfd(2) refuse all of them")
    func refused() {
        for model in KernelModel.presets where model.userfaults == .none {
            for race in NamedUserfaultRace.all {
                #expect(throws: WorldError.refused(.noSystemCall)) { try race.make(model) }
            }
        }
    }

    @Test("the table has a line for every race under every preset that has them, and no other")
    func complete() {
        let names = NamedUserfaultRace.kernels.flatMap { model in
            NamedUserfaultRace.all.map { "\($0.name) \(model.name)" }
        }
        #expect(RecordedUserfaultRaces.lines.map { String($0.prefix { $0 != ":" }) } == names)
    }

    @Test(
        "the table is written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() throws {
        let lines = try NamedUserfaultRace.kernels.flatMap { model in
            try NamedUserfaultRace.all.map { try $0.line(under: model) }
        }
        let half = lines.count / 2
        try RecordedUserfaultRaces.write(lines[..<half], named: "first")
        try RecordedUserfaultRaces.write(lines[half...], named: "second")
    }
}
