import FaultSimulator
import Foundation
import Testing

/// A fault that `LifeOfAFault.md` follows from stage to stage, under the heading of the same words.
enum FollowedFault: String, CaseIterable, CustomTestStringConvertible {
    case coldRead = "## A cold file read"
    case coldReadUnderAreaLock = "### The same under Linux 6.12"
    case sharedStore = "## The first store to a shared page"
    case privateStore = "## The first store to a private page"

    var testDescription: String { String(rawValue.drop { $0 == "#" || $0 == " " }) }

    /// Runs the page's scenario, and names its stages in the order of the trace.
    func tracedStages() throws -> [String] {
        var world = try World(self == .coldReadUnderAreaLock ? .linux6_12 : .linux6_1)
        let isCold = self == .coldRead || self == .coldReadUnderAreaLock
        let file = try world.file(pages: 64, resident: isCold ? .none : .all)
        let task = world.task()
        let area = try world.map(file, isCold ? .read : .readWrite, self == .sharedStore ? .shared : .private, in: task)
        if self == .privateStore { _ = try world.perform(.read(area, page: 3), in: task) }
        world.machine.isTracing = true
        world.start(isCold ? .read(area, page: 9) : .write(area, page: 3), in: task)
        if isCold {
            #expect(world.run() == .blocked)
            world.completeReads()
        }
        #expect(world.run() == .finished)
        return world.machine.trace.filter { $0.kind == .stage }.map { event in
            String(world.machine.text(of: event).split(separator: " ").last ?? "")
        }
    }
}

@Suite("The documentation", .timeLimit(.minutes(60)))
struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private func lines(of page: String) throws -> [Substring] {
        let page = Self.root.appending(path: "Documentation/\(page)")
        return try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// What stands between backticks.
    private func quoted(_ text: Substring) -> [String] {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
    }

    @Test(
        "the life of a fault names the stages that a trace of it shows, all of them, in order",
        arguments: FollowedFault.allCases)
    func stagesAreTraced(_ fault: FollowedFault) throws {
        let page = try lines(of: "LifeOfAFault.md")
        let start = try #require(page.firstIndex { $0 == fault.rawValue }, "the page has no such heading")
        let section = page[(start + 1)...].prefix { !$0.hasPrefix("#") }
        let named = section.filter { $0.hasPrefix("|") }.flatMap { row in
            quoted(row.split(separator: "|", omittingEmptySubsequences: false)[2])
        }
        #expect(named == (try fault.tracedStages()))
    }

    @Test(
        "every source file that is named exists",
        arguments: ["LifeOfAFault.md", "KernelMap.md", "Engine.md", "Eras.md", "Locking.md"])
    func filesExist(_ page: String) throws {
        let sources = Self.root.appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: sources.path))
        let files = found.compactMap { ($0 as? String).map { "/" + $0 } }.filter { $0.hasSuffix(".swift") }
        try #require(files.count > 100)
        for line in try lines(of: page) {
            for name in quoted(line) where name.hasSuffix(".swift") && !name.contains(" ") {
                // `Readahead*.swift` stands for all whose names begin so.
                let parts = name.split(separator: "*", omittingEmptySubsequences: false)
                let isThere = files.contains { file in
                    parts.count == 1
                        ? file.hasSuffix("/" + name) : file.contains("/" + parts[0]) && file.hasSuffix(parts[1])
                }
                #expect(isThere, "\(page) names \(name)")
            }
        }
    }
}
