public import FaultLab

/// An experiment's figures as a table of text.
public struct LabTable {
    private static let header = ["measure", "model", "published", "simulated", "unit", ""]
    private let rows: [[String]]

    /// Makes the table of `measurements`.
    public init(_ measurements: [LabMeasurement]) {
        rows = measurements.map { row in
            [
                row.measure, row.model, row.published.map(Figure.text) ?? "-", Figure.text(row.simulated),
                row.unit.rawValue, row.calibrated ? "calibrated" : "prediction",
            ]
        }
    }

    /// The lines, the header first; figures are aligned to the right.
    public var lines: [String] {
        let all = [Self.header] + rows
        let widths = Self.header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 2 || column == 3 ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Figures as text.
enum Figure {
    /// A figure for people: whole numbers in full with their thousands apart, others with four digits.
    static func text(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return grouped(Int(value)) }
        if abs(value) >= 1000 { return grouped(Int(value.rounded())) }
        var digits = 3
        var scale = abs(value)
        while scale >= 10, digits > 0 {
            scale /= 10
            digits -= 1
        }
        return fixed(value, digits: digits)
    }

    /// A figure for machines: the shortest text that reads back the same, without `.0`.
    static func exact(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(value)
    }

    private static func grouped(_ value: Int) -> String {
        var text = ""
        for (place, digit) in String(abs(value)).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    private static func fixed(_ value: Double, digits: Int) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let scaled = Int((abs(value) * factor).rounded())
        let whole = scaled / Int(factor)
        let rest = String(scaled % Int(factor))
        let zeroes = String(repeating: "0", count: max(0, digits - rest.count))
        return (value < 0 ? "-" : "") + "\(whole)" + (digits > 0 ? "." + zeroes + rest : "")
    }
}
