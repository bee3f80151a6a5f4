/// One row of the table: what was measured, beside what is wanted.
struct Row {
    /// What is measured.
    let title: String
    /// In what.
    var unit = "ns"
    /// The figure; of rows of two sizes that at the small one.
    let small: Double
    /// The figure at the large size.
    var large: Double?
    /// The sizes.
    var sizes: (small: Int, large: Int)?
    /// What the host's own operation takes.
    var real: Double?
    /// What the figure may be at most, or at least if `isSpeed`; `nil` if there is no goal for it.
    var goal: Double?
    /// Whether more is better.
    var isSpeed = false
    /// How many times more the large size may take.
    var mostRatio: Double?
    /// How many times cheaper than the host's operation it must be.
    var timesCheaper: Double?

    /// The figure that the goal is for: the worse one.
    var figure: Double { isSpeed ? min(small, large ?? small) : max(small, large ?? small) }
    /// How many times more the large size takes.
    var ratio: Double? { large.map { isSpeed ? small / $0 : $0 / small } }
    /// How many times cheaper than the host's operation it is.
    var cheaper: Double? { real.map { $0 / figure } }

    /// Whether there is anything to miss.
    var hasGate: Bool { goal != nil || mostRatio != nil || timesCheaper != nil }

    /// Whether all that is wanted is so.
    var isMet: Bool {
        if let goal, isSpeed ? figure < goal : figure > goal { return false }
        if let mostRatio, let ratio, ratio > mostRatio { return false }
        if let timesCheaper, let cheaper, cheaper < timesCheaper { return false }
        return true
    }

    /// What is wanted, in words.
    var wanted: String {
        var parts: [String] = []
        if let goal { parts.append((isSpeed ? ">= " : "<= ") + Self.rounded(goal)) }
        if let mostRatio { parts.append("large <= " + Self.rounded(mostRatio) + " x small") }
        if let timesCheaper { parts.append(">= " + Self.rounded(timesCheaper) + " x cheaper than real") }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    /// The row of the table that is printed.
    var text: String {
        var line = fullTitle + String(repeating: " ", count: max(1, 72 - fullTitle.count))
        let columns = [
            Self.rounded(small), large.map(Self.rounded) ?? "-", ratio.map { Self.rounded($0) + " x" } ?? "-",
            real.map(Self.rounded) ?? "-",
        ]
        for column in columns { line += String(repeating: " ", count: max(1, 10 - column.count)) + column }
        return line + "   " + wanted + (hasGate ? (isMet ? "  met" : "  MISSED") : "")
    }

    /// What is measured, in what and at which sizes.
    var fullTitle: String {
        title + (sizes.map { ", \($0.small) and \($0.large)" } ?? "") + (unit == "ns" ? "" : " (\(unit))")
    }

    /// The line above such rows.
    static var heading: String {
        "nanoseconds, or what is said" + String(repeating: " ", count: 49)
            + "small     large     ratio      real   gate"
    }

    /// The line of the table in the documentation.
    var markdown: String {
        let figures = large.map { "\(Self.rounded(small)); \(Self.rounded($0))" } ?? Self.rounded(small)
        let verdict = hasGate ? (isMet ? "yes" : "**no**") : "-"
        return "| \(fullTitle) | \(figures) | \(ratio.map(Self.rounded) ?? "-") | \(real.map(Self.rounded) ?? "-") "
            + "| \(wanted.replacing("<=", with: "≤").replacing(">=", with: "≥")) | \(verdict) |"
    }

    /// Below 100 with one decimal.
    static func rounded(_ number: Double) -> String {
        number >= 100 ? String(Int(number.rounded())) : String((number * 10).rounded() / 10)
    }
}
