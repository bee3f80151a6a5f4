/// The differences between two lists of lines, with the lines around them.
public struct TextDifference: Equatable, Sendable {
    /// A line of the comparison.
    public enum Line: Equatable, Sendable {
        /// In both.
        case same(String)
        /// Expected, and not there.
        case missing(String)
        /// There, and not expected.
        case extra(String)
    }

    /// All lines, in order.
    public let lines: [Line]

    /// Whether both are the same.
    public var isEmpty: Bool { lines.allSatisfy { if case .same = $0 { true } else { false } } }

    /// Compares `found` with `expected`, with as few missing and extra lines as possible.
    ///
    /// - Complexity: O(*nd*) in *n* lines with *d* differences.
    public init(from expected: [String], to found: [String]) {
        let changes = found.difference(from: expected)
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var (old, new) = (0, 0)
        while old < expected.count || new < found.count {
            if old < expected.count, removed.contains(old) {
                lines.append(.missing(expected[old]))
                old += 1
            } else if new < found.count, inserted.contains(new) {
                lines.append(.extra(found[new]))
                new += 1
            } else {
                lines.append(.same(found[new]))
                old += 1
                new += 1
            }
        }
        self.lines = lines
    }
}

extension TextDifference: CustomStringConvertible {
    /// Each difference with two lines before and after it: `-` was expected and is missing, `+` is there and was not
    /// expected.
    public var description: String {
        if isEmpty { return "no difference" }
        let changed = lines.indices.filter { if case .same = lines[$0] { false } else { true } }
        var text = ["- expected, + found:"]
        var last: Int?
        for number in lines.indices where changed.contains(where: { abs($0 - number) <= 2 }) {
            if let last, last + 1 != number { text.append("  ...") }
            last = number
            text.append(FieldText.cut("\(lines[number])"))
        }
        return FieldText.lines(text, atMost: ScreenText.height - 1, of: "lines").joined(separator: "\n")
    }
}

extension TextDifference.Line: CustomStringConvertible {
    /// The line after its sign.
    public var description: String {
        switch self {
        case .same(let line): "  \(line)"
        case .missing(let line): "- \(line)"
        case .extra(let line): "+ \(line)"
        }
    }
}
