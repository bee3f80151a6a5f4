public import FaultLab

/// Figures for other programs, a line each.
extension LabMeasurement {
    /// A JSON object: `experiment`, `model`, `measure`, `unit`, `published` (or `null`), `simulated`, `input`.
    public var json: String {
        let fields = [
            "\"experiment\":\(Self.quoted(experiment))", "\"model\":\(Self.quoted(model))",
            "\"measure\":\(Self.quoted(measure))", "\"unit\":\(Self.quoted(unit.rawValue))",
            "\"published\":\(published.map(Figure.exact) ?? "null")", "\"simulated\":\(Figure.exact(simulated))",
            "\"input\":\(isInput)",
        ]
        return "{" + fields.joined(separator: ",") + "}"
    }

    /// The names of the columns of ``csv``.
    public static let csvHeader = "experiment,model,measure,unit,published,simulated,input"

    /// A line of comma-separated values; `published` is empty if nothing was published.
    public var csv: String {
        [
            experiment, model, measure, unit.rawValue, published.map(Figure.exact) ?? "", Figure.exact(simulated),
            "\(isInput)",
        ]
        .map {
            $0.contains(where: { ",\"\n".contains($0) })
                ? "\"\($0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\"" : $0
        }
        .joined(separator: ",")
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": quoted += "\\\(character)"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }
}
