import Foundation
import Testing

/// A line of `programs.txt`: the bytes of a program, and the digest of what it does, both in hexadecimal digits.
struct FuzzedProgramLine {
    let bytes: [UInt8]
    /// `nil` for a program that was added and not recorded yet.
    var digest: UInt64?

    private init(_ line: Substring) throws {
        let parts = line.split(separator: " ")
        let values = try parts[0].map { try #require($0.hexDigitValue, "\(line)") }
        bytes = stride(from: 0, to: values.count - 1, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
        if parts.count > 1 { digest = try Self.number(parts[1]) }
    }

    private var text: String {
        bytes.map { Self.digits($0, 2) }.joined() + (digest.map { " " + Self.digits($0, 16) } ?? "")
    }

    private static func number(_ digits: Substring) throws -> UInt64 {
        guard let number = UInt64(digits, radix: 16) else { throw CorpusLineError(text: String(digits)) }
        return number
    }

    private static func digits(_ number: some BinaryInteger, _ count: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: count - digits.count) + digits
    }

    // MARK: Files

    /// All programs.
    static func all() throws -> [Self] { try lines(of: "programs.txt").map(Self.init) }

    /// The digest of the program of each seed, from seed 0 on.
    static func digestsOfSeeds() throws -> [UInt64] { try lines(of: "seeds.txt").map(number) }

    static func write(_ all: [Self]) throws { try write(all.map(\.text), to: "programs.txt") }

    static func write(_ digestsOfSeeds: [UInt64]) throws {
        try write(digestsOfSeeds.map { digits($0, 16) }, to: "seeds.txt")
    }

    private static func lines(of name: String) throws -> [Substring] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    }

    private static func write(_ lines: [String], to name: String) throws {
        try CorpusFile.write(lines.joined(separator: "\n") + "\n", to: name)
    }
}

/// What should be a digest, and is not.
private struct CorpusLineError: Error {
    let text: String
}
