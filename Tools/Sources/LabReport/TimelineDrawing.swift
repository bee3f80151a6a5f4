public import FaultLab

import FaultSimulator

/// Draws timelines as one SVG picture: a row a task, one under the other.
///
/// A filled bar is who holds the lock (for reading, for writing), a hatched one who waits for it, a thin line who sleeps
/// for something else; across a bar, it sleeps holding the lock. All is text that a browser shows; nothing is loaded from
/// elsewhere.
public struct TimelineDrawing {
    private static let left = 190
    private static let width = 900
    private static let right = 48
    private static let rowHeight = 26
    private static let headHeight = 54

    private let heading: String
    private let timelines: [Timeline]

    /// Makes the drawing of `timelines` under a `heading`.
    public init(_ timelines: [Timeline], heading: String) {
        self.heading = heading
        self.timelines = timelines
    }

    /// The picture.
    public var svg: String {
        var body: [String] = []
        var top = 76
        for timeline in timelines {
            body += draw(timeline, top: top)
            top += Self.headHeight + Self.rowHeight * timeline.names.count + 24
        }
        let total = Self.left + Self.width + Self.right
        return
            ([
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(total)\" height=\"\(top)\" "
                    + "viewBox=\"0 0 \(total) \(top)\" font-family=\"sans-serif\" font-size=\"12\">",
                "<defs><pattern id=\"waits\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                    + "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#fdecea\"/>"
                    + "<rect width=\"2\" height=\"6\" fill=\"#c0392b\"/></pattern></defs>",
                "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
                "<text x=\"12\" y=\"28\" font-size=\"17\" font-weight=\"bold\">\(Self.escaped(heading))</text>",
            ] + legend + body + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static let sleepFill = "#d4ac0d"

    private var legend: [String] {
        var lines: [String] = []
        var x = Self.left
        for (fill, text) in [
            ("#5dade2", "holds the lock, reading"), ("#1a5276", "holds it, writing"), ("url(#waits)", "waits for it"),
            (Self.sleepFill, "sleeps for something else (I/O, a timer)"),
        ] {
            let height = fill == Self.sleepFill ? 3 : 12
            lines.append(
                "<rect x=\"\(x)\" y=\"\(54 - height / 2)\" width=\"24\" height=\"\(height)\" fill=\"\(fill)\"/>")
            lines.append("<text x=\"\(x + 30)\" y=\"58\">\(text)</text>")
            x += 54 + 7 * text.count
        }
        return lines
    }

    private func draw(_ timeline: Timeline, top: Int) -> [String] {
        let begin = timeline.begin
        let end = begin + Self.scale(of: timeline, among: timelines)
        func x(_ time: UInt64) -> Double {
            let inside = min(max(time, begin), end) - begin
            return Double(Self.left) + Double(inside) / Double(end - begin) * Double(Self.width)
        }
        func bar(_ from: UInt64, _ to: UInt64, _ y: Int, _ height: Int, _ fill: String, _ title: String) -> String {
            let width = max(1, x(to) - x(from))
            return "<rect x=\"\(Self.short(x(from)))\" y=\"\(y)\" width=\"\(Self.short(width))\" height=\"\(height)\" "
                + "fill=\"\(fill)\"><title>\(Self.escaped(title))</title></rect>"
        }
        var lines = [
            "<text x=\"12\" y=\"\(top + 20)\" font-size=\"14\"><tspan font-weight=\"bold\">"
                + "\(Self.escaped(timeline.title))</tspan><tspan fill=\"#666666\" dx=\"10\">"
                + "\(timeline.lock.lock)</tspan></text>",
            "<text x=\"12\" y=\"\(top + 40)\" fill=\"#666666\">virtual time</text>",
        ]
        let bottom = top + Self.headHeight + Self.rowHeight * timeline.names.count
        for offset in Self.ticks(upTo: end - begin) {
            let place = Self.short(x(begin + offset))
            lines.append(
                "<line x1=\"\(place)\" y1=\"\(top + 46)\" x2=\"\(place)\" y2=\"\(bottom)\" stroke=\"#dddddd\"/>")
            lines.append(
                "<text x=\"\(place)\" y=\"\(top + 40)\" text-anchor=\"middle\" fill=\"#666666\">"
                    + "\(Self.duration(offset))</text>")
        }
        for (row, name) in timeline.names.enumerated() {
            let y = top + Self.headHeight + row * Self.rowHeight
            lines.append("<text x=\"12\" y=\"\(y + 15)\">\(Self.escaped(name.name))</text>")
            var drawn: [String: Double] = [:]
            for span in timeline.lock.spans where span.task == name.task && span.end > begin {
                let waits = span.state == .waits
                let fill = waits ? "url(#waits)" : span.mode == .write ? "#1a5276" : "#5dade2"
                // What would lie within a pixel of the same colour need not be drawn.
                guard x(span.end) > drawn[fill, default: 0] + 0.5 else { continue }
                drawn[fill] = max(x(span.end), x(span.begin) + 1)
                let from = max(begin, span.begin) - begin
                let title =
                    "\(waits ? "waits" : "holds") (\(span.mode)) \(Self.duration(span.end - span.begin)) "
                    + "from \(from == 0 ? "the beginning" : Self.duration(from))"
                lines.append(bar(span.begin, span.end, y + 2, 17, fill, title))
            }
            // Across the bars, so that it shows who sleeps with the lock held.
            for sleep in timeline.sleeps where sleep.task == name.task {
                guard x(sleep.end) > drawn[Self.sleepFill, default: 0] + 0.5 else { continue }
                drawn[Self.sleepFill] = max(x(sleep.end), x(sleep.begin) + 1)
                lines.append(bar(sleep.begin, sleep.end, y + 9, 3, Self.sleepFill, sleep.cause))
            }
        }
        return lines
    }

    /// How long an axis is: as long as the longest that it can be compared with, so that it shows who takes less. Beside one
    /// that is more than three times as long it would be too short to see.
    static func scale(of timeline: Timeline, among timelines: [Timeline]) -> UInt64 {
        max(1, timelines.map(\.length).filter { $0 <= timeline.length * 3 }.max() ?? timeline.length)
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

extension Timeline {
    /// How long the piece lasts, in virtual nanoseconds.
    fileprivate var length: UInt64 { lock.end > begin ? lock.end - begin : 0 }
}
