import Foundation
import Testing

@Suite("The page of the public API", .timeLimit(.minutes(60)))
struct PublicAPIPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// The public types of a module that are not nested: what a line at its left edge declares.
    private static func types(of module: String) throws -> [String] {
        let folder = root.appending(path: "Sources/\(module)")
        let found = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        let kinds: Set<Substring> = ["struct", "enum", "class", "protocol", "typealias"]
        var types: [String] = []
        for case let file as URL in found where file.pathExtension == "swift" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix(" ")
            {
                let words = line.split { " :{<(".contains($0) }
                guard words.contains("public"), let kind = words.firstIndex(where: kinds.contains) else { continue }
                if kind + 1 < words.count { types.append(String(words[kind + 1])) }
            }
        }
        return types
    }

    /// What stands between backticks on the page.
    private static func quoted() throws -> [String] {
        let page = root.appending(path: "Documentation/PublicAPI.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        return text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0 % 2 == 1 ? String($1) : nil }
    }

    private static let modules = [
        "FaultCore", "FaultFilemap", "FaultSimulator", "FaultExplorer", "FaultTrace", "FaultTestSupport",
        "FaultUserfaultfd", "FaultLab", "FaultFuzzing", "FaultArchX86", "FaultArchitectures",
    ]

    @Test("each public type has its readers", arguments: modules)
    func complete(_ module: String) throws {
        let types = try Self.types(of: module)
        #expect(types.count > (module == "FaultCore" ? 100 : 0))
        let quoted = Set(try Self.quoted())
        #expect(types.filter { !quoted.contains($0) } == [])
    }

    @Test("the page names no type that is not public")
    func current() throws {
        let types = Set(try Self.modules.flatMap { try Self.types(of: $0) })
        let others = ["public", "package", "import FaultSimulator"] + Self.modules
        #expect(try Self.quoted().filter { !types.contains($0) && !others.contains($0) && !$0.contains(".") } == [])
    }
}
