import ArgumentParser
import Foundation

/// The files that a command writes. Standard error gets the name of each file, or the reason why it was not written.
enum FileOutput {
    /// Writes `text` to `path`, and makes the folder if it does not exist.
    static func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: path)
        let data = Data(text.utf8)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        } catch {
            try refuse("faultsim: \(path): can't be written: \(error.localizedDescription)", code: 1)
        }
        say("wrote \(path), \(size(data.count))")
    }

    /// Ends the command, with one line for the reason.
    static func refuse(_ message: String, code: Int32) throws -> Never {
        say(message)
        throw ExitCode(code)
    }

    private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    private static func size(_ bytes: Int) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1_000) kB"
        default: "\(bytes / 1_000_000) MB"
        }
    }
}
