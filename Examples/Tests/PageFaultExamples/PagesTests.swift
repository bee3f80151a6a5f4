import FaultTestSupport
import Foundation
import Testing

/// A recipe of the cookbook, as it stands in a test file.
private struct Recipe {
    var question = ""
    /// The comment above it: the answer in words.
    var answer: [String] = []
    /// The body; of a test with arguments the whole function.
    var code: [String] = []

    /// All recipes of a file, in order.
    static func all(in text: String) -> [Recipe] {
        var found: [Recipe] = []
        var comment: [String] = []
        var attribute: [String] = []
        var body: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let words = line.trimmingCharacters(in: .whitespaces)
            if var lines = body {
                guard line == "    }" else {
                    lines.append(line)
                    body = lines
                    continue
                }
                let title = attribute.joined().components(separatedBy: "\"")[1]
                let isWhole = attribute.joined().contains("arguments:")
                let code = isWhole ? attribute + lines + [line] : Array(lines.map { String($0.dropFirst(4)) })
                found.append(Recipe(question: title, answer: comment, code: code.map { String($0.dropFirst(4)) }))
                (comment, attribute, body) = ([], [], nil)
            } else if words.hasPrefix("///") {
                comment.append(String(words.dropFirst(4)))
            } else if words.hasPrefix("@Test") || !attribute.isEmpty {
                attribute.append(line)
                if words.hasPrefix("func") { body = [] }
            } else {
                comment = []
            }
        }
        return found
    }

    /// The recipe as it stands on the page.
    func text(_ number: Int) -> String {
        "### \(number). \(question)\n\n\(answer.joined(separator: "\n"))\n\n```swift\n\(code.joined(separator: "\n"))\n```\n"
    }
}

/// The pages of the documentation whose code is that of this package.
@Suite("The code of the guides", .timeLimit(.minutes(60)))
struct PagesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let documentation = folder.appending(path: "../../../Documentation").standardized
    private static let chapters = [
        ("Counting", "CountingRecipes"), ("Waiting", "WaitingRecipes"), ("Failing", "FailingRecipes"),
        ("Memory", "MemoryRecipes"), ("Repeating", "RepeatingRecipes"),
    ]

    @Test("the cookbook has all recipes of the tests, word for word, and no others")
    func cookbook() throws {
        var number = 0
        var chapters: [String] = []
        for (title, file) in Self.chapters {
            let source = try String(
                contentsOf: Self.folder.appending(path: "Cookbook/\(file).swift"), encoding: .utf8)
            let recipes = Recipe.all(in: source).map { recipe in
                number += 1
                return recipe.text(number)
            }
            chapters.append("## \(title)\n\n" + recipes.joined(separator: "\n"))
        }
        #expect(number >= 30)
        let page = Self.documentation.appending(path: "Cookbook.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "## Counting\n"))
        let made = text[..<start.lowerBound] + chapters.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["FAULTSIM_RECORD_COOKBOOK"] != nil {
            try String(made).write(to: page, atomically: true, encoding: .utf8)
        } else {
            #expect(text == made, "write it anew: FAULTSIM_RECORD_COOKBOOK=1 swift test --filter PagesTests")
        }
    }

    /// The lines without indentation, imports, comments behind code and empty lines, to be looked for.
    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n").map { line in
            let code = line.components(separatedBy: "  //")[0].trimmingCharacters(in: .whitespaces)
            return code.hasPrefix("import ") ? "" : code
        }.filter { !$0.isEmpty }
    }

    /// The pages whose blocks of Swift, and of what is printed, all stand in the tests.
    private static let guides = [
        "../README.md", "WritingTests.md", "TimeAndCosts.md", "Operations.md", "Tutorials/YourFirstFault.md",
        "Tutorials/WhoWaitsForWhom.md",
        "Tutorials/PatchAsABTest.md", "Tutorials/HandlerAndArchitecture.md",
    ]

    @Test("each block of Swift, and each that is printed, stands in a test", arguments: guides)
    func blocks(_ guide: String) throws {
        let files = try #require(FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil))
        var sources: [[String]] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            sources.append(Self.lines(of: try String(contentsOf: file, encoding: .utf8)))
        }
        let page = try String(contentsOf: Self.documentation.appending(path: guide), encoding: .utf8)
        var blocks = 0
        for part in page.components(separatedBy: "\n```").enumerated() where part.offset % 2 == 1 {
            let language = part.element.prefix { $0 != "\n" }
            guard language == "swift" || language == "text" else { continue }
            let lines = Self.lines(of: String(part.element.dropFirst(language.count)))
            if lines.first == "dependencies: [" { continue }  // a manifest's
            blocks += 1
            let isThere = sources.contains { source in
                source.indices.contains { source[$0...].starts(with: lines) }
            }
            #expect(isThere, "no test has this code:\n\(lines.joined(separator: "\n"))")
        }
        #expect(blocks >= 2)
    }

    @Test("the picture of the README is what the code of its tutorial draws")
    func picture() throws {
        func timeline(_ kernel: KernelModel) throws -> Timeline {
            var world = try World(kernel, disk: .latency(.milliseconds(8)))
            let reader = world.task("reader")
            let mapper = world.thread("mapper", of: reader)
            let monitor = world.task("monitor")
            let buffer = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)
            world.start(.read(buffer, page: 9), in: reader)
            world.start([.sleep(.milliseconds(1)), .mmap(MapRequest(pages: 1, access: .readWrite))], in: mapper)
            world.start([.sleep(.milliseconds(2)), .readProcMaps(of: buffer)], in: monitor)
            return world.timeline("\(kernel.name)") { $0.run() }
        }
        let picture = TimelinePicture(
            [try timeline(.linux2_6_36), try timeline(.linux6_1)],
            heading: "A monitor behind a writer behind a reader of the disk")
        let file = Self.documentation.appending(path: "Pictures/who-waits.svg")
        if ProcessInfo.processInfo.environment["FAULTSIM_RECORD_COOKBOOK"] != nil {
            try picture.svg.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(try String(contentsOf: file, encoding: .utf8) == picture.svg)
        }
    }

    @Test("every page that a page links to is there")
    func links() throws {
        let files = try #require(
            FileManager.default.enumerator(at: Self.documentation, includingPropertiesForKeys: nil))
        var pages: [URL] = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map {
            Self.documentation.deletingLastPathComponent().appending(path: $0)
        }
        for case let file as URL in files where file.pathExtension == "md" { pages.append(file) }
        for page in pages {
            let text = try String(contentsOf: page, encoding: .utf8)
            for part in text.components(separatedBy: "](").dropFirst() {
                let link = part.prefix { $0 != ")" && $0 != "#" }.trimmingCharacters(in: .whitespacesAndNewlines)
                if link.isEmpty || link.contains(":") { continue }
                let target = page.deletingLastPathComponent().appending(path: link).standardized
                #expect(
                    FileManager.default.fileExists(atPath: target.path),
                    "\(page.lastPathComponent) links to \(link)")
            }
        }
    }
}
