import Foundation

/// The public types of the sources, found by reading them.
struct PublicTypes {
    /// A public structure, enumeration or class.
    struct Declaration: Sendable {
        /// Its name with those that it is nested in: `TaskSignal.BusCode`.
        let name: String
        /// Whether it is an enumeration whose cases have no payloads, or that has no cases. Such a value prints as its
        /// case.
        fileprivate(set) var isPlain: Bool
    }

    private(set) var all: [Declaration] = []

    /// Reads all files of the sources.
    init() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources")
            .standardized
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { read(try String(contentsOf: file, encoding: .utf8)) }
        }
        all.sort { $0.name < $1.name }
    }

    /// Reads one file. What a declaration is nested in follows from its indentation.
    private mutating func read(_ text: String) {
        var open: [(indentation: Int, name: String, place: Int?)] = []
        for line in text.split(separator: "\n") {
            let indentation = line.prefix { $0 == " " }.count
            let words = line.split { " :{<(".contains($0) }
            if words.first == "}", let inner = open.last, indentation <= inner.indentation { open.removeLast() }
            if words.first == "case", let inner = open.last, indentation == inner.indentation + 4,
                let place = inner.place,
                line.prefix(while: { $0 != "=" }).contains("(")
            {
                all[place].isPlain = false
            }
            guard let keyword = words.firstIndex(where: { ["struct", "enum", "class", "extension"].contains($0) }),
                keyword + 1 < words.count, words[..<keyword].allSatisfy(Self.modifiers.contains)
            else { continue }
            open.removeAll { $0.indentation >= indentation }
            let name = (open.map(\.name) + [String(words[keyword + 1])]).joined(separator: ".")
            let isPublic = words[..<keyword].contains("public") && words[keyword] != "extension"
            if isPublic { all.append(Declaration(name: name, isPlain: words[keyword] == "enum")) }
            let place = isPublic && words[keyword] == "enum" ? all.count - 1 : nil
            open.append((indentation, String(words[keyword + 1]), place))
        }
    }

    private static let modifiers: Set<Substring> = [
        "public", "package", "fileprivate", "private", "final", "indirect", "@frozen",
    ]
}
