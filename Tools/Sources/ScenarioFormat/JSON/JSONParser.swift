/// A strict JSON reader (RFC 8259) over the UTF-8 bytes of one line.
///
/// Foundation's parser can't report what a reader of scenarios needs. On some platforms it does not say whether a value
/// is a bool or a number. It does not report duplicate keys, the column of an error, or too deep nesting before it
/// follows it. This parser never traps, and takes time proportional to the length of the text.
struct JSONParser {
    /// How deep arrays and objects may nest. The scenario format needs seven levels.
    static let maxDepth = 32

    private let bytes: [UInt8]
    private let start: Int
    private let end: Int
    private var position: Int
    private var depth = 0

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        start = range.lowerBound
        end = range.upperBound
        position = range.lowerBound
    }

    /// Reads the bytes of `range` as one JSON value.
    ///
    /// The bytes must be valid UTF-8 (see `isValidUTF8`).
    static func parse(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, range)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == parser.end else {
            throw parser.error("one JSON value a line, and nothing after it, is expected")
        }
        return value
    }

    private func error(_ message: String) -> JSONError {
        JSONError(column: position - start + 1, message: message)
    }

    /// The byte at the current position; at the end 0, which begins no token.
    private var byte: UInt8 {
        position < end ? bytes[position] : 0
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default:
            throw error(position < end ? "a JSON value is expected here" : "the line ends where a value is expected")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard end - position >= count else { throw error("a JSON value is expected here") }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            throw error("a JSON value is expected here")
        }
        position += count
        return value
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= Self.maxDepth else {
            throw error("arrays and objects nest deeper than \(Self.maxDepth) levels")
        }
        position += 1
        skipSpace()
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if byte == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipSpace()
            elements.append(try value())
            skipSpace()
            switch byte {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return elements
            default: throw error("\",\" or \"]\" is expected here")
            }
        }
    }

    private mutating func object() throws(JSONError) -> [JSONValue.Member] {
        try enter()
        defer { depth -= 1 }
        var members: [JSONValue.Member] = []
        var keys = SeenKeys()
        if byte == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw error("a key in quotes is expected here") }
            let keyStart = position
            let key = try string()
            guard keys.insert(key, after: members) else {
                position = keyStart
                throw error("the key \(quoted(key)) is used twice in one object; keep one")
            }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw error("\":\" is expected here") }
            position += 1
            skipSpace()
            members.append(JSONValue.Member(key: key, value: try value()))
            skipSpace()
            switch byte {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return members
            default: throw error("\",\" or \"}\" is expected here")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let first = position
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let digits = position
        var magnitude = 0
        var fits = true
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = byte {
            let digit = Int(byte - UInt8(ascii: "0"))
            let (times, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = times.addingReportingOverflow(digit)
            fits = fits && !overflow && !carry
            magnitude = sum
            position += 1
        }
        guard position > digits else { throw error("a digit is expected here") }
        guard position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
            position = digits
            throw error("a number does not begin with 0")
        }
        var isWhole = true
        if byte == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try skipDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        if isWhole && fits { return .integer(isNegative ? -magnitude : magnitude) }
        return .number(String(decoding: bytes[first..<position], as: UTF8.self))
    }

    private mutating func skipDigits() throws(JSONError) {
        let first = position
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = byte { position += 1 }
        guard position > first else { throw error("a digit is expected here") }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let first = position
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = String(decoding: bytes[first..<position], as: UTF8.self)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(from: first)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                position += 1
            }
        }
        throw error("the line ends inside a string")
    }

    /// Reads the rest of a string that has escapes; its text began at `first`.
    private mutating func escapedString(from first: Int) throws(JSONError) -> String {
        var text = Array(bytes[first..<position])
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: UTF8.encode(try escape())!)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                text.append(bytes[position])
                position += 1
            }
        }
        throw error("the line ends inside a string")
    }

    /// Reads the character of the escape at the current position, after its backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let letter = byte
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            position += 1
            return Unicode.Scalar(letter)
        case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
            return switch letter {
            case UInt8(ascii: "b"): "\u{8}"
            case UInt8(ascii: "f"): "\u{C}"
            case UInt8(ascii: "n"): "\n"
            case UInt8(ascii: "r"): "\r"
            default: "\t"
            }
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
            guard unit < 0xDC00, byte == UInt8(ascii: "\\") else { throw error("half a surrogate pair in a string") }
            position += 1
            guard byte == UInt8(ascii: "u") else { throw error("half a surrogate pair in a string") }
            let low = try hexUnit()
            guard 0xDC00..<0xE000 ~= low else { throw error("half a surrogate pair in a string") }
            let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair in a string") }
            return scalar
        default:
            throw error("an unknown escape in a string")
        }
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits are expected here")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

/// An error in a text that is not JSON, with the byte at which it is, from 1.
struct JSONError: Error, Equatable {
    let column: Int
    let message: String
}

/// The keys of one object so far: searched one by one if there are few, in a set if there are many.
private struct SeenKeys {
    private var many: Set<String> = []

    /// Whether `key` is new; `members` are those read before it.
    mutating func insert(_ key: String, after members: [JSONValue.Member]) -> Bool {
        if members.count < 16 { return !members.contains { $0.key == key } }
        if many.isEmpty { many = Set(members.map(\.key)) }
        return many.insert(key).inserted
    }
}

/// Whether the bytes of `range` are valid UTF-8.
func isValidUTF8(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    guard bytes[range].contains(where: { $0 >= 0x80 }) else { return true }
    var iterator = bytes[range].makeIterator()
    var decoder = UTF8()
    while true {
        switch decoder.decode(&iterator) {
        case .scalarValue: continue
        case .emptyInput: return true
        case .error: return false
        }
    }
}
