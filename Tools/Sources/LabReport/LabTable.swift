public import FaultLab

/// An experiment's figures as a table: measures are rows, kernels are columns.
///
/// A published figure is in brackets after the simulated one, and rows with published figures come first. A star marks
/// an input of the experiment.
public struct LabTable {
    /// The meaning of brackets and stars.
    public static let key = "simulated [published]; * marks an input; the other figures are results"

    /// The headings: the measure, its unit, the kernels.
    let columns: [String]
    /// The cells, as many as ``columns`` in each row.
    let rows: [[String]]

    /// Makes the table of those `measurements` whose measure is in `measures`; `nil` means all.
    public init(_ measurements: [LabMeasurement], only measures: [String]? = nil) {
        let chosen = measurements.filter { measures?.contains($0.measure) ?? true }
        var models: [String] = []
        var names: [String] = []
        // The order of the kernels is that of the results, not of the inputs.
        for row in chosen.filter({ !$0.isInput }) + chosen {
            if !models.contains(row.model), row.model != Self.allModels { models.append(row.model) }
        }
        for row in chosen where !names.contains(row.measure) { names.append(row.measure) }
        if models.isEmpty { models = [Self.allModels] }
        let published = names.filter { name in chosen.contains { $0.measure == name && $0.published != nil } }
        let ordered = published + names.filter { !published.contains($0) }
        columns = ["measure", "unit"] + models
        rows = ordered.map { name in
            let figures = chosen.filter { $0.measure == name }
            let cells = models.map { model in
                let figure = figures.first { $0.model == model } ?? figures.first { $0.model == Self.allModels }
                return figure.map(Self.cell) ?? "-"
            }
            return [name, figures.first?.unit.rawValue ?? ""] + cells
        }
    }

    /// The model of figures that hold for all kernels.
    private static let allModels = "all"

    private static func cell(_ figure: LabMeasurement) -> String {
        let published = figure.published.map { " [\(Figure.text($0))]" } ?? ""
        return Figure.text(figure.simulated) + published + (figure.isInput ? "*" : "")
    }

    /// The lines, the header first; figures are aligned to the right.
    public var lines: [String] {
        let all = [columns] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column >= 2 ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
