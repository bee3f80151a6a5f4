/// Figures as text.
enum Figure {
    /// A figure for people: whole numbers in full with thousands separators, others with four digits.
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
