public import FaultLab

import FaultSimulator

/// Draws timelines as one SVG picture: a row a task, one under the other.
///
/// A filled bar is who holds the lock (for reading, for writing), a hatched one who waits for it, a thin line who sleeps
/// for something else. All is text that a browser shows; nothing is loaded from elsewhere.
public struct TimelineDrawing {
    private static let left = 190
    private static let width = 900
    private static let rowHeight = 26
    private static let headHeight = 54
    private static let mostSpans = 4000

    private let timelines: [Timeline]

    /// Makes the drawing of `timelines`.
    public init(_ timelines: [Timeline]) { self.timelines = timelines }

    /// The picture.
    public var svg: String {
        var body: [String] = []
        var top = 40
        for timeline in timelines {
            body += draw(timeline, top: top)
            top += Self.headHeight + Self.rowHeight * timeline.names.count + 24
        }
        let total = Self.left + Self.width + 24
        return
            ([
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(total)\" height=\"\(top)\" "
                    + "viewBox=\"0 0 \(total) \(top)\" font-family=\"sans-serif\" font-size=\"12\">",
                "<defs><pattern id=\"waits\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                    + "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#fdecea\"/>"
                    + "<rect width=\"2\" height=\"6\" fill=\"#c0392b\"/></pattern></defs>",
                "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            ] + legend + body + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private var legend: [String] {
        var lines: [String] = []
        var x = Self.left
        for (fill, text) in [
            ("#5dade2", "holds it, reading"), ("#1a5276", "holds it, writing"), ("url(#waits)", "waits for it"),
            ("#b7950b", "sleeps for something else"),
        ] {
            let height = text.hasPrefix("sleeps") ? 3 : 12
            lines.append(
                "<rect x=\"\(x)\" y=\"\(20 - height / 2)\" width=\"24\" height=\"\(height)\" fill=\"\(fill)\"/>")
            lines.append("<text x=\"\(x + 30)\" y=\"24\">\(text)</text>")
            x += 200
        }
        return lines
    }

    private func draw(_ timeline: Timeline, top: Int) -> [String] {
        let begin = timeline.begin
        let end = max(begin + 1, timeline.lock.end)
        func x(_ time: UInt64) -> Double {
            let inside = min(max(time, begin), end) - begin
            return Double(Self.left) + Double(inside) / Double(end - begin) * Double(Self.width)
        }
        func bar(_ from: UInt64, _ to: UInt64, _ y: Int, _ height: Int, _ fill: String, _ title: String) -> String {
            let width = max(0.5, x(to) - x(from))
            return "<rect x=\"\(Self.short(x(from)))\" y=\"\(y)\" width=\"\(Self.short(width))\" height=\"\(height)\" "
                + "fill=\"\(fill)\"><title>\(Self.escaped(title))</title></rect>"
        }
        var lines = [
            "<text x=\"12\" y=\"\(top + 20)\" font-size=\"14\" font-weight=\"bold\">\(Self.escaped(timeline.title)): "
                + "\(timeline.lock.lock)</text>"
        ]
        for tick in 0...5 {
            let time = begin + (end - begin) * UInt64(tick) / 5
            let bottom = top + Self.headHeight + Self.rowHeight * timeline.names.count
            lines.append(
                "<line x1=\"\(Self.short(x(time)))\" y1=\"\(top + 46)\" x2=\"\(Self.short(x(time)))\" y2=\"\(bottom)\" "
                    + "stroke=\"#dddddd\"/>")
            lines.append(
                "<text x=\"\(Self.short(x(time)))\" y=\"\(top + 40)\" text-anchor=\"middle\" fill=\"#666666\">"
                    + "\(Self.duration(time - begin))</text>")
        }
        for (row, name) in timeline.names.enumerated() {
            let y = top + Self.headHeight + row * Self.rowHeight
            lines.append("<text x=\"12\" y=\"\(y + 15)\">\(Self.escaped(name.name))</text>")
            for sleep in timeline.sleeps where sleep.task == name.task {
                lines.append(bar(sleep.begin, sleep.end, y + 9, 3, "#b7950b", sleep.cause))
            }
            let spans = timeline.lock.spans.filter { $0.task == name.task && $0.end > begin }
            for span in spans.prefix(Self.mostSpans) {
                let waits = span.state == .waits
                let fill = waits ? "url(#waits)" : span.mode == .write ? "#1a5276" : "#5dade2"
                let title =
                    "\(waits ? "waits" : "holds") (\(span.mode)) \(Self.duration(span.end - span.begin)) "
                    + "from \(Self.duration(max(begin, span.begin) - begin))"
                lines.append(bar(span.begin, span.end, y + 2, 17, fill, title))
            }
        }
        return lines
    }

    /// A duration in the largest unit that leaves a whole part.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case 0: "0"
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: "\(short(Double(nanoseconds) / 1e3)) µs"
        case ..<1_000_000_000: "\(short(Double(nanoseconds) / 1e6)) ms"
        default: "\(short(Double(nanoseconds) / 1e9)) s"
        }
    }

    private static func short(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
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
