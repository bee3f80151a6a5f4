import FaultSimulator
import Foundation
import Testing

/// The rules of `KernelModel` as their source files document them.
@Suite("Where the rules come from", .timeLimit(.minutes(60)))
struct RuleSourceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// A case of a rule, and what is said of it.
    private struct DocumentedCase {
        let name: String
        let text: String

        /// Whether a commit, the subject of a patch, or a mail is named.
        var namesSource: Bool {
            text.contains(/\b[0-9a-f]{12}\b/) || text.contains(/"[^"]+ [^"]+ [^"]+"/)
                || text.contains(/[A-Z][a-z]+[^.]*, ([A-Z][a-z]+ )?20[0-9]{2}\b/)
        }
    }

    private static func sources() throws -> [(path: String, lines: [Substring])] {
        let folder = root.appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: folder.path))
        return try found.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            return (path, text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    private static func cases() throws -> [DocumentedCase] {
        var cases: [DocumentedCase] = []
        for (_, lines) in try sources() {
            var rule: Substring?
            var text = ""
            for line in lines {
                if let match = line.wholeMatch(of: /\s{4}public enum (\w+): UInt8, KernelRule \{/) {
                    rule = match.1
                } else if line == "    }" {
                    rule = nil
                } else if let rule, let match = line.wholeMatch(of: /\s+case (\w+)/) {
                    cases.append(DocumentedCase(name: "\(rule).\(match.1)", text: text))
                }
                text = line.hasPrefix("        /// ") ? text + " " + line.dropFirst("        /// ".count) : ""
            }
        }
        return cases
    }

    private static func unsourced() throws -> Set<String> {
        let page = try String(contentsOf: root.appending(path: "Documentation/Eras.md"), encoding: .utf8)
        let section = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("Rules without a source") })
        return Set(section.matches(of: /`(\w+\.\w+)`/).map { String($0.1) })
    }

    @Test("every case of every rule names a commit, a patch or a mail, or stands among those without a source")
    func everyCaseNamesItsSource() throws {
        let cases = try Self.cases()
        #expect(cases.count == KernelModel.rules.map(\.cases.count).reduce(0, +), "all of them are found")
        let unsourced = try Self.unsourced()
        for one in cases { #expect(one.namesSource != unsourced.contains(one.name), "\(one.name):\(one.text)") }
        #expect(unsourced.subtracting(cases.map(\.name)).isEmpty)
    }

    @Test("every rule is consulted by the code, not only listed")
    func everyRuleIsConsulted() throws {
        let code = try Self.sources().filter {
            !$0.path.hasPrefix("FaultCore/Model/") && !$0.path.hasPrefix("FaultLab/")
        }
        try #require(code.count > 100)
        for rule in KernelModel.rules {
            let use = try Regex("(^|\\W)\(rule.name)(\\W|$)")
            #expect(code.contains { $0.lines.contains { $0.contains(use) } }, "\(rule.name)")
        }
    }
}
