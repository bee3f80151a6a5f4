public import FaultLab

/// An experiment as text: the question, the answer, the verdict, a table.
public struct LabBlock {
    /// The lines.
    public let lines: [String]

    /// Makes the block of `outcome`.
    ///
    /// - Parameter isVerbose: Whether all measures and remarks are in it.
    public init(_ outcome: any ExperimentOutcome, of experiment: any Experiment, isVerbose: Bool = false) {
        var lines = ["\(experiment.name): \(experiment.title)", "  \(experiment.source)"]
        lines += Self.wrapped("Answer: " + outcome.answer)
        lines += Self.wrapped("Verdict: \(outcome.verdict)")
        let table = LabTable(outcome.measurements, only: isVerbose ? nil : outcome.mainMeasures)
        lines += table.lines.map { "  " + $0 }
        if isVerbose { lines += outcome.remarks.flatMap { Self.wrapped($0) } }
        self.lines = lines
    }

    private static let width = 120

    /// Lines of at most 120 characters, indented by two.
    static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = " "
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > width, line.count > 2 {
                lines.append(line)
                line = "   "
            }
            line += " " + word
        }
        return lines + [line]
    }
}
