/// What came of the races: `race kernel: states transitions, states transitions under laws, outcomes deadlocks brokenLaws
/// digest digestUnderLaws`. The first two parts are of ``Race/kernels``, the others of ``Race/otherKernels``.
///
/// What differs between neighbouring kernels comes from a rule that differs; `Documentation/Exploring.md` says which.
enum RecordedRaces {
    static let parts = [first, second, third, fourth, fifth, sixth, seventh]

    static let lines = parts.flatMap { $0.split(separator: "\n") }.map(String.init)

    private static let byName = Dictionary(
        lines.map { (String($0.prefix { $0 != ":" }), $0) }, uniquingKeysWith: { first, _ in first })

    /// The line of a race under a kernel; empty if there is none.
    static func line(of race: String, under kernel: String) -> String {
        byName["\(race) \(kernel)"] ?? ""
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
