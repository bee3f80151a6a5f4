/// What came of the races: `race kernel: states transitions, states transitions under laws, outcomes deadlocks brokenLaws
/// digest digestUnderLaws`.
enum RecordedRaces {
    static let lines = [first, second].flatMap { $0.split(separator: "\n") }.map(String.init)

    /// The line of a race under a kernel; empty if there is none.
    static func line(of race: String, under kernel: String) -> String {
        lines.first { $0.hasPrefix("\(race) \(kernel): ") } ?? ""
    }

    /// How many states a line says that there are with laws.
    static func states(in line: String) -> Int {
        let parts = line.split(separator: ",")
        return parts.count > 1 ? parts[1].split(separator: " ").first.flatMap { Int($0) } ?? 0 : 0
    }

    /// The source of a part of the table.
    static func source(of lines: some Sequence<String>, named name: String) -> String {
        """
        extension RecordedRaces {
            /// Written by ``RaceTableTests/record()``.
            static let \(name) = \"""
        \(lines.map { "        " + $0 }.joined(separator: "\n"))
                \"""
        }

        """
    }
}
