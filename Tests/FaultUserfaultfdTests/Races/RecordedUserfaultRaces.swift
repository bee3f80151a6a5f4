import FaultSimulator
import Foundation

/// What came of the races of user faults: `race kernel: states transitions, states transitions under laws, outcomes
/// deadlocks brokenLaws digest digestUnderLaws`, or why a race can't be built under a kernel.
enum RecordedUserfaultRaces {
    static let lines = [first, second].flatMap { $0.split(separator: "\n") }.map(String.init)

    /// The line of a race under a kernel; empty if there is none.
    static func line(of race: String, under model: KernelModel) -> String {
        lines.first { $0.hasPrefix("\(race) \(model.name): ") } ?? ""
    }

    /// How many states a line says that there are with laws; 0 if the race can't be built.
    static func states(in line: String) -> Int {
        let parts = line.split(separator: ",")
        return parts.count > 1 ? parts[1].split(separator: " ").first.flatMap { Int($0) } ?? 0 : 0
    }

    /// Writes a part of the table beside this file.
    static func write(_ lines: some Sequence<String>, named name: String) throws {
        let text = """
            extension RecordedUserfaultRaces {
                /// Written by ``UserfaultRaceTableTests/record()``.
                static let \(name) = \"""
            \(lines.map { "        " + $0 }.joined(separator: "\n"))
                    \"""
            }

            """
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        try text.write(
            to: folder.appendingPathComponent("RecordedUserfaultRaces+\(name.capitalized).swift"), atomically: true,
            encoding: .utf8)
    }
}
