/// Puts plain values into words, for descriptions. Nothing that simulates calls it.
package enum FieldText {
    /// The stored fields of `value` by name, such as `pgfault 3, pgmajfault 1`; those that are 0, false, nil or empty are
    /// left out.
    ///
    /// - Parameters:
    ///   - always: The names of fields that are never left out.
    ///   - nothing: The result if all fields are left out.
    package static func set(of value: some Any, always: [String] = [], nothing: String = "nothing") -> String {
        let parts = fields(of: value).filter {
            always.contains($0.name) || !["0", "0.0", "false", "none", ""].contains($0.text)
        }
        return parts.isEmpty ? nothing : parts.map { "\($0.name) \($0.text)" }.joined(separator: ", ")
    }

    /// All stored fields of `value` by name, such as `model linux6_1, attempts 2`.
    package static func all(of value: some Any) -> String {
        fields(of: value).map { "\($0.name) \($0.text)" }.joined(separator: ", ")
    }

    /// The stored fields in which `value` differs from `other`, a line for each: `name: other's -> value's`.
    package static func changes(of value: some Any, from other: some Any) -> [String] {
        zip(fields(of: value), fields(of: other)).compactMap { mine, others in
            mine.text == others.text ? nil : "\(mine.name): \(others.text) -> \(mine.text)"
        }
    }

    private static func fields(of value: some Any) -> [(name: String, text: String)] {
        Mirror(reflecting: value).children.map { ($0.label ?? "", text(of: $0.value)) }
    }

    private static func text(of value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { text(of: $0.value) } ?? "none"
        case .collection: return list(mirror.children.map { text(of: $0.value) }, atMost: 8)
        default: return "\(value)"
        }
    }

    /// The elements with commas between them, `...` for those beyond the first `limit`.
    package static func list(_ parts: [String], atMost limit: Int) -> String {
        parts.prefix(limit).joined(separator: ", ") + (parts.count > limit ? ", ..." : "")
    }

    /// Inclusive runs of numbers, such as `0-3, 8`.
    package static func runs(_ runs: [ClosedRange<Int>]) -> String {
        if runs.isEmpty { return "none" }
        return list(
            runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }, atMost: 6)
    }

    /// A number of things: `1 page`, `4 pages`.
    package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// A number in hexadecimal, such as `0x10`.
    package static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    /// A range of memory, such as `page 0x10` or `4 pages from page 0x10`.
    package static func pages(_ pages: Int, from page: PageNumber) -> String {
        pages == 1 ? "\(page)" : "\(pages) pages from \(page)"
    }

    /// A range of a file, such as `page 9 of file 0` or `4 pages of file 0 from page 8`.
    package static func pages(_ pages: Int, from index: PageIndex, of file: FileID) -> String {
        pages == 1 ? "page \(index) of \(file)" : "\(pages) pages of \(file) from page \(index)"
    }

    /// How many characters a line of a description has at most.
    package static var width: Int { 160 }

    /// `line`, cut off at ``width``.
    package static func cut(_ line: String) -> String { line.count > width ? line.prefix(width - 3) + "..." : line }

    /// `line` on as many lines as it takes, broken at spaces; all but the first are indented.
    package static func wrapped(_ line: String) -> [String] {
        var lines = [""]
        for word in line.split(separator: " ") {
            let isFirst = lines[lines.count - 1].isEmpty
            if !isFirst, lines[lines.count - 1].count + 1 + word.count > width {
                lines.append("    " + word)
            } else {
                lines[lines.count - 1] += isFirst ? word : " " + word
            }
        }
        return lines
    }

    /// The lines, at most `limit`; the last says how many were left out.
    package static func lines(_ lines: some Collection<String>, atMost limit: Int, of noun: String) -> [String] {
        guard lines.count > limit else { return Array(lines) }
        return lines.prefix(limit - 1) + ["... and \(lines.count - limit + 1) more \(noun)"]
    }
}
