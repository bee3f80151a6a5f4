import FaultSimulator
import Foundation
import Testing

@testable import FaultTrace

@Suite("The parts of a timeline", .timeLimit(.minutes(60)))
struct TimelinePartTests {
    private static func moment(_ time: UInt64) -> Timeline.Moment { Timeline.Moment(time: time, order: Int(time)) }

    private static func wait(
        _ task: Int, _ begin: UInt64, _ end: UInt64, by waker: Int, _ cause: WaitLink.Cause = .request
    ) -> Timeline.Wait {
        Timeline.Wait(
            task: TaskID(task), cause: cause, behind: .none, mmapHeld: nil, begin: moment(begin), end: moment(end),
            wakeUp: .task(TaskID(waker)))
    }

    /// A timeline of 10 ns that has just these waits, of four tasks.
    private static func timeline(_ waits: [Timeline.Wait]) -> Timeline {
        let byTask = (0..<4).map { task in waits.indices.filter { waits[$0].task == TaskID(task) } }
        return Timeline(
            title: "waits", begin: moment(0), end: moment(10), rows: [], waits: waits, counters: [],
            names: TimelineNames(), stages: [], maps: [:], waitsByTask: byTask)
    }

    @Test("a chain goes on with what delayed the task in the time that it delayed the task before, not at other times")
    func window() {
        // Task 1 delays task 0 until 6, so that the longer wait of task 2, which ends at 10, matters for 1 ns only.
        let timeline = Self.timeline([
            Self.wait(0, 0, 10, by: 1), Self.wait(1, 0, 6, by: 2), Self.wait(2, 0, 2, by: 3),
            Self.wait(2, 5, 10, by: 3),
        ])
        #expect(timeline.chain(from: 0).map(\.task) == [TaskID(0), TaskID(1), TaskID(2)])
        #expect(timeline.chain(from: 0).map(\.nanoseconds) == [10, 6, 2])
    }

    @Test("of waits that are as long, the first is the longest")
    func ties() {
        let timeline = Self.timeline([
            Self.wait(0, 0, 2, by: 3), Self.wait(1, 2, 6, by: 3), Self.wait(0, 6, 10, by: 3),
            Self.wait(1, 6, 10, by: 3),
        ])
        #expect(timeline.longestWait == 1)
        let rows = timeline.attribution.rows
        #expect(rows.map(\.waiter) == [TaskID(1), TaskID(0)])
        #expect(
            rows.map(\.longestWait) == [1, 2] && rows.map(\.nanoseconds) == [8, 6] && rows.map(\.times) == [2, 2])
    }

    @Test("waits for the locks of pages of one file are one row that says how many pages these are")
    func lockedPages() {
        let causes: [WaitLink.Cause] = [4, 7, 4].map { .pageLock(FileID(0), PageIndex($0)) }
        let timeline = Self.timeline(
            causes.enumerated().map { Self.wait(0, UInt64($0), UInt64($0) + 1, by: 1, $1) })
        #expect(timeline.attribution.rows.map(\.pages) == [2])
        #expect(timeline.attribution.table.map { $0[1] } == ["the locks of 2 pages of file 0"])
    }

    @Test("a lane that is free again is taken again, the lowest first")
    func lanes() {
        var lanes = LaneSet()
        let first = (0..<3).map { _ in lanes.take() }
        #expect(first == [0, 1, 2])
        lanes.give(1)
        lanes.give(0)
        let second = (0..<3).map { _ in lanes.take() }
        #expect(second == [0, 1, 3])
    }

    @Test("who waits for a lock is behind its writer, or, if readers hold it, a reader behind the first in the queue")
    func blockers() {
        var written = SharedRow(subject: .lock(.mmap(MapID(0))))
        written.hold(TaskID(0), .write, at: Self.moment(0))
        written.queue(TaskID(1), .read, at: Self.moment(1))
        #expect(written.blocker(of: TaskID(2), .read) == TaskID(0))
        #expect(written.blocker(of: TaskID(2), .write) == TaskID(0))
        var read = SharedRow(subject: .lock(.mmap(MapID(0))))
        read.hold(TaskID(0), .read, at: Self.moment(0))
        read.queue(TaskID(1), .write, at: Self.moment(1))
        #expect(read.blocker(of: TaskID(2), .read) == TaskID(1))
        #expect(read.blocker(of: TaskID(2), .write) == TaskID(0))
    }

    @Test("a counter has one point for all that changes it at one moment")
    func counter() {
        var track = CounterTrack("sleepers")
        track.change(by: 1, at: Self.moment(2))
        track.change(by: 1, at: Self.moment(2))
        track.change(by: -1, at: Self.moment(5))
        #expect(track.counter.points.map(\.moment.time) == [2, 5] && track.counter.points.map(\.value) == [2, 1])
    }

    @Test("durations have the largest unit of which there is one, and an axis has at most 9 ticks")
    func times() {
        let texts = [0, 999, 1_000, 1_250, 999_949, 1_000_000, 1_000_000_000].map { TimeText.duration($0) }
        #expect(texts == ["0", "999 ns", "1 µs", "1.3 µs", "999.9 µs", "1 ms", "1 s"])
        #expect(TimeText.ticks(upTo: 8) == Array(0...8))
        #expect(TimeText.ticks(upTo: 9) == [0, 2, 4, 6, 8])
    }

    @Test("bytes become Base64 with its padding, and each character that ends an attribute or a script is escaped")
    func escapes() {
        for count in 0...7 {
            var text = ByteText()
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 0xFB &- 37 * $0) }
            text.addBase64(bytes)
            #expect(text.text == Data(bytes).base64EncodedString())
        }
        #expect(ByteText.escaped("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;")
        var json = ByteText()
        json.addJSON("</script>\"\\\n")
        #expect(json.text == "\"\\u003c/script>\\\"\\\\\\u000a\"")
    }

    @Test("a page is called after the area that was named last")
    func names() {
        var names = TimelineNames()
        names.name(MapID(0), from: PageNumber(16), pages: 8, "heap")
        names.name(MapID(0), from: PageNumber(18), pages: 2, "arena")
        let texts = [16, 18, 19, 20, 24].map { names.text(PageNumber($0), of: MapID(0)) }
        #expect(texts == ["page 0 of heap", "page 0 of arena", "page 1 of arena", "page 4 of heap", "page 0x18"])
    }
}

@Suite("What a timeline says of a run", .timeLimit(.minutes(60)))
struct TimelineTruthTests {
    @Test("what lasts at the end is open: the operation, its fault and its attempt, in the page, too")
    func open() throws {
        var made = try ChainWorld(disk: .held)
        let timeline = made.world.timeline(names: made.names) { $0.run() }
        let row = try #require(timeline.row(of: made.reader))
        for kind in [Timeline.Span.Kind.operation, .fault, .attempt, .sleep] {
            #expect(row.spans(kind).map(\.isOpen) == [true], "\(kind)")
        }
        #expect(timeline.rows.flatMap(\.spans).contains { !$0.isOpen })
        try Self.check(timeline)
    }

    @Test("a fault span says whether the fault counted as major, and the longest of several holds is found")
    func majorFaults() throws {
        var made = try ChainWorld()
        let timeline = made.world.timeline { $0.run() }
        let faults = try #require(timeline.row(of: made.reader)).spans(.fault).compactMap { span -> Bool? in
            if case .fault(_, .read, let isMajor) = span.what { isMajor } else { nil }
        }
        #expect(faults == [true, false])
        let holds = try #require(timeline.row(of: .mmap(made.area.map))).spans(.hold)
        #expect(holds.count { $0.what == .holds(made.reader, .read) } == 2)
        #expect(timeline.longestHold(of: .mmap(made.area.map), by: made.reader) == 8_000_000)
        try Self.check(timeline)
    }

    @Test("an operation lasts until the time that its last stage costs is over")
    func lastStage() throws {
        var costs = CostModel()
        costs.systemCallStageNanoseconds = 100
        var world = try World(.linux6_1, costs: costs)
        let task = world.task()
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: task)
        let row = try #require(world.timeline { $0.run() }.row(of: task))
        let operation = try #require(row.spans(.operation).first)
        let last = try #require(row.spans(.stage).last)
        #expect(last.end == operation.end && last.end.time - last.begin.time == 100)
    }

    @Test("an attempt ends where its result is known, not where the next attempt begins")
    func attempts() throws {
        var made = try ChainWorld(.linux6_1)
        let attempts = try #require(made.world.timeline { $0.run() }.row(of: made.reader)).spans(.attempt)
        #expect(attempts.count >= 2)
        for (one, next) in zip(attempts, attempts.dropFirst()) { #expect(one.end.order < next.begin.order) }
    }

    @Test("the counters of faults and attempts that ended with RETRY end with as many as the spans show")
    func counters() throws {
        let timeline = try BusyWorld.run(.linux6_1).timeline()
        let attempts = timeline.rows.flatMap { $0.spans(.attempt) }
        let retries = attempts.count { span in
            if case .attempt(_, _, let result?) = span.what { result.contains(.retry) } else { false }
        }
        func last(_ name: String) -> Int? { timeline.counters.first { $0.name == name }?.points.last?.value }
        #expect(retries > 0 && attempts.count > retries && last("attempts that ended with RETRY") == retries)
        #expect(last("tasks waiting for a processor") == 0)
    }

    @Test("munmap(2) holds the lock of its area until it turns its mmap lock into a read lock (__vma_end_write_all())")
    func areaUntilDowngrade() throws {
        var costs = CostModel()
        costs.systemCallStageNanoseconds = 100
        var world = try World(.linux6_12, costs: costs)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        world.start([.write(area), .munmap(area)], in: task)
        let timeline = world.timeline { $0.run() }
        let holds = try #require(timeline.row(of: .mmap(area.map))).spans(.hold)
        let writes = holds.filter { $0.what == .holds(task, .write) }
        let held = try #require(timeline.row(of: .area(area.map, area.start))).spans(.hold)
        let written = held.filter { $0.what == .holds(task, .write) }
        #expect(writes.count == 1 && written.map(\.end) == writes.map(\.end))
        let reads = holds.filter { $0.what == .holds(task, .read) }
        #expect(try #require(reads.last).end > writes[0].end)
    }

    /// That the numbers in the page are the spans and waits of the timeline.
    private static func check(_ timeline: Timeline) throws {
        let html = timeline.html
        let mark = "type=\"application/octet-stream\">"
        let begin = try #require(html.range(of: mark)?.upperBound)
        let end = try #require(html[begin...].range(of: "</script>")?.lowerBound)
        var numbers = PackedReader([UInt8](try #require(Data(base64Encoded: String(html[begin..<end])))))
        for row in timeline.rows {
            let count = try numbers.next()
            #expect(count == row.spans.count)
            var (order, time) = (timeline.begin.order, Int(timeline.begin.time))
            for span in row.spans {
                let (kind, lane) = (try numbers.next(), try numbers.next())
                #expect(kind == Int(span.what.kind.rawValue) << 1 | (span.isOpen ? 1 : 0) && lane == span.lane)
                _ = (try numbers.next(), try numbers.next())
                order += try numbers.nextSigned()
                time += try numbers.nextSigned()
                #expect(order == span.begin.order && time == Int(span.begin.time))
                let (events, nanoseconds) = (try numbers.next(), try numbers.next())
                #expect(events == span.end.order - order && nanoseconds == Int(span.end.time) - time)
            }
            for _ in 0..<(try numbers.next()) * 3 { _ = try numbers.next() }
        }
        for wait in timeline.waits {
            let kind = try numbers.next()
            #expect((kind == 0) == (wait.wakeUp == .stillWaiting))
            _ = (try numbers.next(), try numbers.next())
            let held = try numbers.next()
            #expect(held == wait.mmapHeld.map { Int($0.rawValue) } ?? 0)
        }
    }
}

/// Reads the numbers of a packed timeline.
private struct PackedReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws -> Int {
        var (value, shift) = (0, 0)
        while true {
            try #require(place < bytes.count)
            value |= Int(bytes[place] & 0x7F) << shift
            shift += 7
            place += 1
            if bytes[place - 1] < 0x80 { return value }
        }
    }

    mutating func nextSigned() throws -> Int {
        let number = try next()
        return number & 1 == 1 ? -(number + 1) / 2 : number / 2
    }
}
