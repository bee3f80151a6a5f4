/// The digests of the corpus: of each program three characters for each ``CorpusObservation/Part``, in their order.
enum RecordedPrograms {
    /// How many programs are on a line.
    private static let perLine = 10
    private static let all = (first + "\n" + second).split { $0 == "\n" || $0 == " " }

    /// Stands in place of the digests of a program that does not end: under a kernel whose faults chase each other's
    /// pages out of memory forever. It is not run.
    static let endless = String(repeating: "-", count: 3 * CorpusObservation.Part.allCases.count)

    /// How many programs there are.
    static var count: Int { all.count }

    /// What is recorded of a program; nothing of one that is not there.
    static func digests(of number: Int) -> String { all.indices.contains(number) ? String(all[number]) : "" }

    /// One part of a program's digests.
    static func digest(_ part: CorpusObservation.Part, in digests: String) -> String {
        String(digests.dropFirst(part.rawValue * 3).prefix(3))
    }

    /// The source of a file with these digests.
    static func source(of digests: ArraySlice<String>, named name: String) -> String {
        let lines = stride(from: digests.startIndex, to: digests.endIndex, by: perLine).map { start in
            "        " + digests[start..<min(start + perLine, digests.endIndex)].joined(separator: " ")
        }
        return """
            extension RecordedPrograms {
                /// Programs \(digests.startIndex) to \(digests.endIndex - 1), \(perLine) on a line.
                static let \(name) = \"""
            \(lines.joined(separator: "\n"))
                    \"""
            }

            """
    }
}
