import FaultSimulator
import Foundation
import ScenarioFormat
import ScenarioPlayer
import Testing

@Suite("The timeline of a scenario", .timeLimit(.minutes(60)))
struct ScenarioTimelineTests {
    private func timeline(_ name: String, _ kernel: KernelName = .linux6_1) throws -> Timeline {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/linux-6.1-threads")
        let scenario = try Scenario(contentsOfFile: folder.appending(path: "\(name).jsonl").path)
        return try ScenarioTimeline.play(scenario, on: kernel)
    }

    @Test("it is of the whole scenario, and calls threads, files and areas as the scenario does")
    func names() throws {
        let timeline = try timeline("between-attempts-munmap")
        #expect(timeline.title == "between-attempts-munmap, linux6_1")
        #expect(timeline.rows.prefix(4).map(\.name) == ["first thread", "t1", "t2", "t3"])
        let table = "\(timeline.attribution)"
        #expect(table.contains("t3            the mmap lock of map 0 (write)  t1      I/O of t1 on device 1"))
        let operations = timeline.rows.flatMap { row in
            row.spans(.operation).map { timeline.text($0, of: row.subject) }
        }
        #expect(operations.contains("read page 20 of a"))
        #expect(operations.contains("munmap 64 pages from page 0 of a"))
        #expect(operations.contains { $0.hasPrefix("mmap 64 pages of f from page 0") })
    }

    @Test("another kernel has another timeline")
    func kernels() throws {
        let old = try timeline("between-attempts-munmap", KernelName(.linux2_6_36))
        #expect(old.title.hasSuffix("linux2_6_36"))
        #expect(old.rows.flatMap { $0.spans(.attempt) }.count != 0)
    }
}
