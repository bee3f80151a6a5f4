/// Text that is built from many pieces.
struct ByteText {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ number: Int) {
        if (0..<10).contains(number) { bytes.append(0x30 + UInt8(number)) } else { add(String(number)) }
    }

    /// Adds text as a JSON string.
    mutating func addJSON(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            // "</script>" would end the script that contains the text.
            case 0x3C: add("\\u003c")
            case ..<0x20: add("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Adds a list, with commas between its members.
    mutating func addList<Members: Sequence>(_ members: Members, _ add: (Members.Element, inout Self) -> Void) {
        self.add("[")
        var isFirst = true
        for member in members {
            if !isFirst { self.add(",") }
            isFirst = false
            add(member, &self)
        }
        self.add("]")
    }

    /// Adds bytes as base 64.
    mutating func addBase64(_ data: [UInt8]) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        bytes.reserveCapacity(bytes.count + data.count * 4 / 3 + 4)
        var place = 0
        while place < data.count {
            let left = min(3, data.count - place)
            var word = UInt32(data[place]) << 16
            if left > 1 { word |= UInt32(data[place + 1]) << 8 }
            if left > 2 { word |= UInt32(data[place + 2]) }
            bytes.append(alphabet[Int(word >> 18)])
            bytes.append(alphabet[Int(word >> 12 & 63)])
            bytes.append(left > 1 ? alphabet[Int(word >> 6 & 63)] : 0x3D)
            bytes.append(left > 2 ? alphabet[Int(word & 63)] : 0x3D)
            place += 3
        }
    }

    /// All of it.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// `text` escaped for HTML and XML.
    static func escaped(_ text: String) -> String {
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

/// Numbers in a compact form: seven bits a byte, the lowest first.
struct PackedNumbers {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func add(_ number: Int) { add(UInt64(number)) }

    /// Adds a number that may be negative: its sign is the lowest bit.
    mutating func addSigned(_ number: Int64) {
        add(UInt64(bitPattern: number << 1 ^ number >> 63))
    }
}
