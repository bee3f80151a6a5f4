import FaultSimulator
import Foundation
import Testing

/// The code of `Documentation/SeeingWhatHappened.md`, compiled and run: each block of the page stands here, word for word.
@Suite("The code of \"Seeing what happened\"", .timeLimit(.minutes(60)))
struct SnippetTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    @Test("each block of Swift in the page is code of this file")
    func blocks() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "Documentation/SeeingWhatHappened.md"), encoding: .utf8)
        let source = Self.lines(of: try String(contentsOf: URL(filePath: #filePath), encoding: .utf8))
        let blocks = page.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count >= 4)
        for block in blocks {
            #expect(source.contains(Self.lines(of: block)), "\(block)")
        }
    }

    @Test("what the page says that is printed is printed")
    func printed() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "Documentation/SeeingWhatHappened.md"), encoding: .utf8)
        let timeline = try Self.recorded()
        for line in "\(timeline)\n\(timeline.attribution)".split(separator: "\n") {
            #expect(page.contains(line), "\(line)")
        }
    }

    /// The lines without indentation and empty ones, to be looked for.
    private static func lines(of text: String) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    static func recorded() throws -> Timeline {
        var world = try World(.linux2_6_36, disk: .latency(nanoseconds: 8_000_000))
        let reader = world.task()
        let mapper = world.thread(of: reader)
        let other = world.thread(of: reader)
        let area = try world.map(try world.file(pages: 64), in: reader)
        let heap = try world.map(anonymousPages: 4, in: reader)

        world.recordsTimeline = true
        world.start(.read(area, page: 9), in: reader)
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
        world.start(.read(heap, page: 0), in: other)
        world.run()

        var names = TimelineNames([(reader, "reader"), (mapper, "mapper"), (other, "other")])
        names.name(area, "data")
        let timeline = world.timeline("a reader of the disk, and two behind it", names: names)
        print(timeline)
        print(timeline.attribution)
        return timeline
    }

    @Test("the page's expectations hold")
    func expectations() throws {
        let timeline = try Self.recorded()
        let other = TaskID(2)
        let waited = try #require(timeline.waits.indices.last { timeline.waits[$0].task == other })
        let chain = timeline.chain(from: waited)
        #expect(chain.map(\.task) == [other, TaskID(1), TaskID(0)])
        #expect(chain.last?.mmapHeld == .read)
        #expect(timeline.row(of: other)?.spans(.attempt).count == 1)
    }

    @Test("a copy kept from before can be run again and looked at")
    func again() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(try world.file(pages: 64), in: task)
        world.start(.read(area, page: 9), in: task)

        var before = world
        world.run()
        #expect(world.report(of: task).majorFaults == 0)
        // Had it failed:
        let timeline = before.timeline { $0.run() }
        print(timeline.attribution)
        #expect(timeline.waits.count == 1)
    }

    @Test("the files are written")
    func files() throws {
        let timeline = try Self.recorded()
        let folder = FileManager.default.temporaryDirectory.appending(path: "timeline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        try timeline.html.write(to: folder.appending(path: "run.html"), atomically: true, encoding: .utf8)
        try timeline.chromeTrace.write(to: folder.appending(path: "run.json"), atomically: true, encoding: .utf8)
        try timeline.svg.write(to: folder.appending(path: "run.svg"), atomically: true, encoding: .utf8)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
    }
}
