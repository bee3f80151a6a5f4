#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The rows that have a goal, as a picture: how many times the goal each figure is.
struct Plot {
    let rows: [Row]

    private static let (left, width, step, top) = (430.0, 420.0, 20.0, 50.0)
    /// How many times the goal the left and the right edge are.
    private static let (lowest, highest) = (1.0 / 16, 16.0)

    /// The picture, as SVG.
    var svg: String {
        let shown = rows.filter(\.hasGate)
        let height = Self.top + Self.step * Double(shown.count) + 20
        let all = Self.left + Self.width + 70
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Int(all))\" height=\"\(Int(height))\" "
                + "font-family=\"sans-serif\" font-size=\"11\">",
            "<title>How many times its goal each figure is</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"\(Self.left)\" y=\"16\">How many times its goal each figure is. Blue: within it; orange: beyond it"
                + "</text>",
        ]
        for power in -4...4 {
            let times = exp2(Double(power))
            let place = Self.place(of: times)
            let label = power < 0 ? "1/\(1 << -power)" : "\(1 << power)"
            lines.append(
                "<line x1=\"\(place)\" x2=\"\(place)\" y1=\"\(Self.top - 8)\" y2=\"\(height - 12)\" "
                    + "stroke=\"\(power == 0 ? "black" : "#dddddd")\"/>")
            lines.append("<text x=\"\(place)\" y=\"\(Self.top - 14)\" text-anchor=\"middle\">\(label)</text>")
        }
        for (number, row) in shown.enumerated() {
            let middle = Self.top + Self.step * Double(number) + 6
            let times = Self.times(row)
            let end = Self.place(of: times)
            let start = Self.place(of: 1)
            lines.append(
                "<text x=\"\(Self.left - 8)\" y=\"\(middle + 4)\" text-anchor=\"end\">"
                    + Self.escaped(row.fullTitle) + "</text>")
            lines.append(
                "<rect x=\"\(min(start, end))\" y=\"\(middle - 5)\" width=\"\(max(1, abs(end - start)))\" height=\"10\" "
                    + "fill=\"\(row.isMet ? "#4a90c2" : "#d9722e")\"/>")
            lines.append(
                "<text x=\"\(Self.left + Self.width + 8)\" y=\"\(middle + 4)\">\(Row.rounded(times)) x</text>")
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many times what is wanted a row has, of the rule that it is nearest to missing.
    private static func times(_ row: Row) -> Double {
        var times: [Double] = []
        if let goal = row.goal { times.append(row.isSpeed ? goal / row.figure : row.figure / goal) }
        if let most = row.mostRatio, let ratio = row.ratio { times.append(ratio / most) }
        if let least = row.timesCheaper, let cheaper = row.cheaper { times.append(least / cheaper) }
        return times.max() ?? 1
    }

    private static func place(of times: Double) -> Double {
        let share = log2(min(max(times, lowest), highest) / lowest) / log2(highest / lowest)
        return left + (share * width).rounded()
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
