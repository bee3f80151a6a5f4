import FaultSimulator
import Foundation
import Testing

@Suite("Explored races have the states and outcomes that they had", .timeLimit(.minutes(60)))
struct RaceTableTests {
    /// Races that have more states are left out: debug runs are slow, and all of them take minutes in release, too. A debug
    /// run takes every third race under each kernel, and other ones under the next kernel.
    #if DEBUG
    static let mostStates = 250
    static let share = 3
    #else
    static let mostStates = isWhole ? Int.max : 500
    static let share = 1
    #endif

    @Test("every race, with laws and without, under every kernel of the table", arguments: Race.kernels)
    func races(_ kernel: String) throws {
        let number = Race.kernels.firstIndex(of: kernel) ?? 0
        for (place, race) in Race.all.enumerated() where (place + number) % Self.share == 0 {
            let before = RecordedRaces.line(of: race.name, under: kernel)
            guard RecordedRaces.states(in: before) <= Self.mostStates else { continue }
            let now = try race.line(under: kernel)
            if now != before { Issue.record("\(now)\nrecorded: \(before)") }
        }
    }

    /// Of the kernels that are explored by no other test of all races, a debug run takes every eighth line.
    #if DEBUG
    static let step = 8
    #else
    static let step = 1
    #endif

    @Test("the same under every other preset", arguments: Race.otherKernels)
    func otherRaces(_ kernel: String) throws {
        let number = Race.otherKernels.firstIndex(of: kernel) ?? 0
        for (place, race) in Race.all.enumerated() where (place + number) % Self.step == 0 {
            let before = RecordedRaces.line(of: race.name, under: kernel)
            guard RecordedRaces.states(in: before) <= Self.mostStates else { continue }
            let now = try race.line(under: kernel)
            if now != before { Issue.record("\(now)\nrecorded: \(before)") }
        }
    }

    @Test("a broken law or a task left asleep is recorded only where a handler or an architecture is at fault")
    func lawful() {
        for line in RecordedRaces.lines {
            let ends = line.split(separator: ",").last?.split(separator: " ").compactMap { Int($0) } ?? []
            let isAtFault = ["bell", "deaf", "leaky", "guestAsPosted"].contains { line.hasPrefix("\($0) ") }
            #expect(ends.count >= 3 && (isAtFault || ends[1] == 0 && ends[2] == 0), "\(line)")
        }
    }

    @Test("the table has a line for every race under every preset, and no other")
    func complete() {
        #expect(Set(Race.kernels + Race.otherKernels) == Set(KernelModel.presets.map(\.name.description)))
        let names = (Race.kernels + Race.otherKernels).flatMap { kernel in Race.all.map { "\($0.name) \(kernel)" } }
        #expect(RecordedRaces.lines.map { String($0.prefix { $0 != ":" }) } == names)
    }

    /// The line of a race under a kernel: the recorded one, if only lines that are missing are wanted.
    private static func line(of race: Race, under kernel: String) throws -> String {
        let before = RecordedRaces.line(of: race.name, under: kernel)
        let wantsMissing = ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] == "missing"
        return wantsMissing && !before.isEmpty ? before : try race.line(under: kernel)
    }

    /// Records anew with `FAULTSIM_RECORD_CORPUS=1`, and only what has no line with `FAULTSIM_RECORD_CORPUS=missing`.
    @Test(
        "the table is written anew on demand",
        .enabled(if: ProcessInfo.processInfo.environment["FAULTSIM_RECORD_CORPUS"] != nil))
    func record() async throws {
        let parts = try await Self.lines(under: Race.kernels)
        try Self.write(parts, in: ["first", "second"])
        try Self.write(
            try await Self.lines(under: Race.otherKernels), in: ["third", "fourth", "fifth", "sixth", "seventh"])
    }

    private static func lines(under kernels: [String]) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for (number, kernel) in kernels.enumerated() {
                group.addTask { (number, try Race.all.map { try Self.line(of: $0, under: kernel) }) }
            }
            var found: [(Int, [String])] = []
            for try await part in group { found.append(part) }
            return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    /// Writes lines in files of the same size.
    private static func write(_ lines: [String], in names: [String]) throws {
        for (number, name) in names.enumerated() {
            let part = lines[(lines.count * number / names.count)..<(lines.count * (number + 1) / names.count)]
            try CorpusFile.write(
                RecordedRaces.source(of: part, named: name), to: "RecordedRaces+\(name.capitalized).swift")
        }
    }
}
