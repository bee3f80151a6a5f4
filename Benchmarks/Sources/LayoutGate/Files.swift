#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The files of the documentation that the table and the picture are written to.
enum Files {
    private static let (begin, end) = ("<!-- table of gate: begin -->", "<!-- table of gate: end -->")

    /// A file that is not as it should be.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Writes `rows` as a table into the page, in place of the one that is there, and as a picture beside it.
    ///
    /// - Parameter folder: The folder of the documentation.
    static func write(_ rows: [Row], to folder: String) throws {
        let page = folder + "/Performance.md"
        let text = try read(page)
        guard let start = text.firstRange(of: begin), let stop = text.firstRange(of: end),
            start.upperBound <= stop.lowerBound
        else { throw Problem(description: "\(page) has no lines \(begin) and \(end) to write the table between") }
        let table =
            ["| what | now | large / small | the host's own | goal | met |", "|---|---|---|---|---|---|"]
            + rows.map(\.markdown)
        let new = text[..<start.upperBound] + "\n\n" + table.joined(separator: "\n") + "\n\n" + text[stop.lowerBound...]
        try write(String(new), to: page)
        try write(Plot(rows: rows).svg, to: folder + "/Pictures/performance.svg")
    }

    private static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "rb") else { throw Problem(description: "\(path) can't be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "wb") else { throw Problem(description: "\(path) can't be written") }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw Problem(description: "\(path) can't be written") }
    }
}
