public import FaultLab
import FaultSimulator

/// All experiments on one self-contained HTML page: questions, answers, tables, pictures.
public struct LabPage {
    private var sections: [String] = []
    private var contents: [String] = []

    /// Makes a page without experiments.
    public init() {}

    /// Adds an experiment.
    public mutating func add(_ outcome: any ExperimentOutcome, of experiment: any Experiment) {
        let name = Self.escaped(experiment.name)
        contents.append("<li><a href=\"#e\(name)\">\(name): \(Self.escaped(experiment.title))</a></li>")
        var parts = [
            "<section id=\"e\(name)\"><h2>\(name): \(Self.escaped(experiment.title))</h2>",
            "<p class=\"source\">\(Self.escaped(experiment.source))</p>",
            "<p><b>\(Self.escaped(outcome.answer))</b></p>",
            "<p class=\"\(outcome.verdict.kind.rawValue)\">\(Self.escaped(outcome.verdict.description))</p>",
            Self.table(LabTable(outcome.measurements, only: outcome.mainMeasures)),
        ]
        if !outcome.timelines.isEmpty {
            let picture = TimelinePicture(outcome.timelines, heading: "")
            parts.append("<figure>\n\(picture.svg)</figure>")
        }
        parts.append("<details><summary>all measures and remarks</summary>")
        parts.append(Self.table(LabTable(outcome.measurements)))
        parts += outcome.remarks.map { "<p>\(Self.escaped($0))</p>" }
        parts.append("</details></section>")
        sections.append(parts.joined(separator: "\n"))
    }

    private static func table(_ table: LabTable) -> String {
        let head = table.columns.map { "<th>\(escaped($0))</th>" }.joined()
        let rows = table.rows.map { row in "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>" }
        return "<div class=\"wide\"><table><tr>\(head)</tr>\n\(rows.joined(separator: "\n"))</table></div>"
    }

    /// The page.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>faultsim lab</title>
        <meta name="viewport" content="width=device-width"><style>
        :root { color-scheme: light dark; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
        table { border-collapse: collapse; font-size: 13px; }
        th, td { text-align: right; padding: 2px 12px 2px 0; border-bottom: 1px solid #8884; white-space: nowrap; }
        th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
        .wide { overflow-x: auto; } .source { color: light-dark(#5f6672, #a2aab8); }
        .agrees, .brackets { border-left: 4px solid #2f9e44; padding-left: 8px; }
        .differs { border-left: 4px solid #e8590c; padding-left: 8px; }
        .unpublished { border-left: 4px solid #868e96; padding-left: 8px; }
        figure { margin: 1em 0; overflow-x: auto; } svg { border-radius: 6px; }
        </style></head><body>
        <h1>Published experiments, done again</h1>
        <p>Tables: \(Self.escaped(LabTable.key)).</p>
        <ul>
        \(contents.joined(separator: "\n"))
        </ul>
        \(sections.joined(separator: "\n"))
        </body></html>

        """
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
