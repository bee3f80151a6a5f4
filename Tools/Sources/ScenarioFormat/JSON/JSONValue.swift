/// One JSON value, as `JSONParser` read it.
///
/// Whole numbers are separate from other numbers, because the scenario format has no fractions. An object keeps its
/// members in the order of the text, so that the first wrong one is reported.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number with a fraction, an exponent, or more digits than an `Int` holds, as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One `"key": value` of an object.
    struct Member: Equatable, Sendable {
        let key: String
        let value: JSONValue
    }

    /// What the value is, for the end of an error message: `the string "x"`, `an array`.
    var summary: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let text): excerpt(text)
        case .string(let text): "the string \(quoted(text))"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// `text` on one line, in quotes and cut to a length that fits an error message.
func quoted(_ text: String) -> String {
    "\"\(excerpt(text))\""
}

/// `text` cut to `limit` characters so that it fits an error message, with line breaks escaped.
func excerpt(_ text: String, limit: Int = 40) -> String {
    let head = text.unicodeScalars.prefix(limit + 1)
    let cut = oneLine(String(String.UnicodeScalarView(head.prefix(limit))))
    return head.count > limit ? cut + "..." : cut
}

/// `text` with control characters and line separators escaped, so that it prints as one line.
func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: breaksLine) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if breaksLine(scalar) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    default: false
    }
}
