/// A description in parts, cut to fit on a screen.
package struct ScreenText {
    /// How many lines a description has at most.
    package static let height = 23

    private let head: String
    private var parts: [(lines: [String], least: Int, noun: String, count: Int)] = []

    package init(_ head: String) { self.head = head }

    /// Adds a part. At least `least` of its lines are shown, if it has that many.
    ///
    /// - Parameter count: How many there are in all, if `lines` holds only the first of them.
    package mutating func add(_ lines: [String], atLeast least: Int, of noun: String, _ count: Int? = nil) {
        parts.append((lines, least, noun, count ?? lines.count))
    }

    /// The head and the parts. Lines that short parts don't need go to the first of the long parts.
    package var text: String {
        var left = Self.height - 1 - parts.reduce(0) { $0 + min($1.count, $1.least) }
        var lines = [head]
        for part in parts {
            var room = min(part.count, part.least)
            let more = max(0, min(part.count - room, left))
            room += more
            left -= more
            if part.count <= room {
                lines += part.lines
            } else if room > 0 {
                lines += part.lines.prefix(room - 1)
                lines.append("... and \(part.count - room + 1) more \(part.noun)")
            }
        }
        return lines.map { FieldText.cut($0) }.joined(separator: "\n")
    }
}
