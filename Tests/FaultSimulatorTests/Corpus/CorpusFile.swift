import Foundation

/// Writes what is recorded where it is read from: beside this file.
enum CorpusFile {
    static func write(_ text: String, to name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
}
