import FaultSimulator
import Foundation
import Testing

@testable import FaultTrace

@Suite("Names in timelines, killed waiters, and pictures with too many rows", .timeLimit(.minutes(60)))
struct NamesAndPictureTests {
    @Test("given names stand for files, devices and pages in all texts")
    func names() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 4)
        let area = try world.map(file, .read, in: task)
        world.start([.read(area, page: 2), .dropCache(file)], in: task)
        var names = TimelineNames()
        names.name(file, "catalogue")
        names.name(area, "index")
        names.name(world.disk, "slow disk")
        let timeline = world.timeline(names: names) { $0.run() }
        let rows = timeline.rows.map(\.name)
        #expect(rows.contains("slow disk"), "\(rows)")
        #expect(names.text(.dropCache(file), in: area.map) == "fadvise(DONTNEED) catalogue")
        #expect(names.text(.read(area, page: 2), in: area.map).contains("page 2 of index"))
        #expect(names.text(.dropCache(FileID(5)), in: area.map) == "fadvise(DONTNEED) file 5")
        #expect(TimelineNames().text(.dropCache(file), in: area.map) == "fadvise(DONTNEED) file 0")
    }

    @Test("a task that a signal ends while it waits for a lock leaves the lock's row then")
    func killedWaiter() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 8_000_000))
        let reader = world.task()
        let mapper = world.thread(of: reader)
        let area = try world.map(world.file(pages: 1), .read, in: reader)
        // A caller that allows no retry holds the lock for 8 ms.
        world.start(.faultIn(.fixup, .read, area, page: 0), in: reader)
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
        let timeline = world.timeline { world in
            world.run(until: .time(1_000_000))
            world.kill(mapper)
            world.run()
        }
        let waits = timeline.rows.flatMap(\.spans).filter {
            if case .waits(mapper, .write) = $0.what { true } else { false }
        }
        let wait = try #require(waits.first)
        #expect(waits.count == 1 && !wait.isOpen && wait.end.time >= 1_000_000 && wait.end.time < 2_000_000)
    }

    @Test("a picture has sixty rows, and says how many more there are")
    func rows() throws {
        var world = try World(.linux6_1)
        let first = world.task()
        let area = try world.map(anonymousPages: 100, in: first)
        for page in 0..<70 {
            world.start(.write(area, page: page), in: page == 0 ? first : world.thread(of: first))
        }
        let timeline = world.timeline { $0.run() }
        // All rows have spans that are no writes only.
        #expect(timeline.rows.count >= 70)
        let picture = timeline.svg
        #expect(picture.contains(">and \(timeline.rows.count - 60) rows more</text>"))
        #expect(picture.contains(">\(timeline.rows[59].name)</text>"))
        #expect(!picture.contains(">\(timeline.rows[60].name)</text>"))
    }
}
