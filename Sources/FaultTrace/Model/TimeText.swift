import FaultCore

/// Times in a readable form.
enum TimeText {
    /// A duration in the largest unit that leaves a whole part, such as `18.2 ms`.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case 0: "0"
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: "\(short(Double(nanoseconds) / 1e3)) µs"
        case ..<1_000_000_000: "\(short(Double(nanoseconds) / 1e6)) ms"
        default: "\(short(Double(nanoseconds) / 1e9)) s"
        }
    }

    /// A number with one digit after the point, if that is not 0.
    static func short(_ value: Double) -> String {
        let tenths = nearest(value * 10)
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// Round times from 0 to `length`, four to nine of them.
    static func ticks(upTo length: UInt64) -> [UInt64] {
        var step: UInt64 = 1
        var factor = 0
        while length / step > 8 {
            step = factor % 3 == 1 ? step / 2 * 5 : step * 2
            factor += 1
        }
        return Array(stride(from: 0, through: length, by: Int(step)))
    }

    /// The lines of a table, with two spaces between columns. The last `figures` columns are aligned to the right.
    static func table(_ rows: [[String]], figures: Int) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column >= row.count - figures ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
