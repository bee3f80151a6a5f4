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
                if line.hasPrefix("    public enum "),
                    let match = line.wholeMatch(of: /\s{4}public enum (\w+): UInt8, KernelRule \{/)
                {
                    rule = match.1
                } else if line == "    }" {
                    rule = nil
                } else if let rule, let match = line.wholeMatch(of: /\s+case (\w+)/) {
                    cases.append(DocumentedCase(name: "\(rule).\(match.1)", text: text))
                }
                // A comment may have several paragraphs, which a line "///" separates.
                text = line.hasPrefix("        ///") ? text + " " + line.dropFirst("        /// ".count) : ""
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
        let known: Int = KernelModel.rules.reduce(0) { $0 + $1.cases.count }
        #expect(cases.count == known, "all of them are found")
        let unsourced = try Self.unsourced()
        for one in cases { #expect(one.namesSource != unsourced.contains(one.name), "\(one.name):\(one.text)") }
        #expect(unsourced.subtracting(cases.map(\.name)).isEmpty)
    }

    /// The commits of the page of commits, with the first release that has each.
    private static func releases() throws -> [String: String] {
        let page = try String(contentsOf: root.appending(path: "Documentation/Commits.md"), encoding: .utf8)
        var releases: [String: String] = [:]
        for line in page.split(separator: "\n") {
            guard let row = line.wholeMatch(of: /\| ([0-9a-f]{12}) \| ([0-9.]+) \| \S.* \|/) else { continue }
            #expect(releases.updateValue(String(row.2), forKey: String(row.1)) == nil, "\(row.1) is named once")
        }
        return releases
    }

    @Test("the page of commits has every commit that the sources and the page of eras name, and no other")
    func everyCommitIsListed() throws {
        let listed = Set(try Self.releases().keys)
        var named: Set<String> = []
        var texts = try Self.sources().map { $0.lines.joined(separator: "\n") }
        for page in ["Eras", "Exploring", "TwentyYears"] {
            let file = Self.root.appending(path: "Documentation/\(page).md")
            texts.append(try String(contentsOf: file, encoding: .utf8))
        }
        for text in texts { for match in text.matches(of: /\b[0-9a-f]{12}\b/) { named.insert(String(match.0)) } }
        try #require(named.count > 100)
        #expect(named.subtracting(listed).isEmpty, "not on the page")
        #expect(listed.subtracting(named).isEmpty, "named nowhere else")
    }

    @Test("where a rule says which release has a commit first, it is the one that the page of commits says")
    func everyReleaseAgrees() throws {
        let releases = try Self.releases()
        var compared = 0
        for (path, lines) in try Self.sources() {
            let text = lines.map { $0.drop { $0 == " " || $0 == "/" } }.joined(separator: " ")
            for match in text.matches(of: /commits? ((?:[0-9a-f]{12}(?:, | and )?)+), Linux ([0-9.]*[0-9])/) {
                for commit in match.1.matches(of: /[0-9a-f]{12}/) {
                    compared += 1
                    #expect(releases[String(commit.0)] == String(match.2), "\(path): \(commit.0)")
                }
            }
        }
        #expect(compared > 150)
    }

    @Test("every rule is consulted by the code, not only listed")
    func everyRuleIsConsulted() throws {
        let code = try Self.sources().filter {
            !$0.path.hasPrefix("FaultCore/Model/") && !$0.path.hasPrefix("FaultLab/")
        }
        try #require(code.count > 100)
        var words: Set<Substring> = []
        for file in code {
            for line in file.lines { words.formUnion(line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }) }
        }
        for rule in KernelModel.rules { #expect(words.contains(Substring(rule.name)), "\(rule.name)") }
    }
}
