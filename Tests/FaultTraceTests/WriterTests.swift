import FaultSimulator
import Foundation
import Testing

@Suite("Timelines as files", .timeLimit(.minutes(60)))
struct WriterTests {
    /// A slice of a trace, in whole nanoseconds.
    struct Slice {
        let track: [Int]
        let begin: Int
        let end: Int
    }

    private func events(_ timeline: Timeline) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(timeline.chromeTrace.utf8))
        return try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
    }

    private func nanoseconds(_ value: Any?) throws -> Int {
        Int((try #require(value as? Double) * 1000).rounded())
    }

    @Test("slices on a track nest, in the order in which they are written", arguments: TimelineTests.kernels)
    func nesting(_ kernel: KernelModel) throws {
        for isFree in [false, true] {
            let timeline = try BusyWorld.run(kernel, free: isFree).timeline()
            var open: [[Int]: [Slice]] = [:]
            var slices = 0
            for event in try events(timeline) where event["ph"] as? String == "X" {
                let track = [try #require(event["pid"] as? Int), try #require(event["tid"] as? Int)]
                let begin = try nanoseconds(event["ts"])
                let slice = Slice(track: track, begin: begin, end: begin + (try nanoseconds(event["dur"])))
                if let last = open[track]?.last { #expect(last.begin <= slice.begin, "\(event)") }
                // Who has ended does not contain it; who has not ended has to.
                while let last = open[track]?.last, last.end <= slice.begin { open[track]?.removeLast() }
                if let outer = open[track]?.last { #expect(slice.end <= outer.end, "\(event)") }
                open[track, default: []].append(slice)
                slices += 1
            }
            #expect(slices == timeline.spanCount)
        }
    }

    @Test("each wake-up by a task or a device is a flow that begins and ends")
    func flows() throws {
        let timeline = try BusyWorld.run(.linux6_1).timeline()
        let all = try events(timeline)
        let begun = all.filter { $0["ph"] as? String == "s" }.compactMap { $0["id"] as? Int }
        let ended = all.filter { $0["ph"] as? String == "f" }.compactMap { $0["id"] as? Int }
        #expect(begun == ended && Set(begun).count == begun.count && begun.count > 20)
        let names = all.filter { $0["name"] as? String == "thread_name" }
        #expect(names.count >= timeline.rows.count)
    }

    @Test("the page has all spans, few bytes each, names that can't end its script, and loads nothing")
    func page() throws {
        var made = try ChainWorld()
        made.names.name(made.mapper, "</script><b>&")
        let busy = try BusyWorld.run(.linux6_12, threads: 12).timeline()
        for timeline in [busy, made.world.timeline(names: made.names) { $0.run() }] {
            let html = timeline.html
            #expect(html.components(separatedBy: "</script>").count == 4)
            #expect(html.contains("<h1 id=\"title\">\(timeline.title)</h1>"))
            #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("src="))
            let header = try #require(part(of: html, after: "type=\"application/json\">"))
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(header.utf8)) as? [String: Any])
            let rows = try #require(object["rows"] as? [[Any]])
            #expect(rows.map { $0[1] as? String } == timeline.rows.map(\.name))
            let longest = try #require(object["longest"] as? [Int])
            #expect(longest.count == (object["table"] as? [[String]])?.count && !longest.isEmpty)
            for (row, wait) in zip(timeline.attribution.rows, longest) {
                #expect(timeline.waits[wait].task == row.waiter && timeline.waits[wait].nanoseconds == row.longest)
            }
            let numbers = try #require(part(of: html, after: "type=\"application/octet-stream\">"))
            let bytes = [UInt8](try #require(Data(base64Encoded: numbers)))
            #expect(try spans(in: bytes, rows: rows.count) == timeline.spanCount)
        }
        #expect(busy.html.utf8.count - made.world.timeline().html.utf8.count < busy.spanCount * 60)
    }

    private func part(of html: String, after mark: String) -> String? {
        guard let begin = html.range(of: mark)?.upperBound else { return nil }
        return html[begin...].range(of: "</script>").map { String(html[begin..<$0.lowerBound]) }
    }

    /// How many spans the packed rows have.
    private func spans(in bytes: [UInt8], rows: Int) throws -> Int {
        var place = 0
        func number() throws -> Int {
            var (value, shift) = (0, 0)
            while true {
                try #require(place < bytes.count)
                value |= Int(bytes[place] & 0x7F) << shift
                shift += 7
                place += 1
                if bytes[place - 1] < 0x80 { return value }
            }
        }
        var count = 0
        for _ in 0..<rows {
            let spans = try number()
            count += spans
            for _ in 0..<spans * 8 { _ = try number() }
            for _ in 0..<(try number()) * 3 { _ = try number() }
        }
        return count
    }

    @Test("pictures share one axis, with named rows and escaped texts")
    func pictures() throws {
        var slow = try ChainWorld()
        let long = slow.world.timeline("long", names: slow.names) { $0.run() }
        var quick = try ChainWorld(disk: .latency(nanoseconds: 800_000))
        let short = quick.world.timeline("short", names: quick.names) { $0.run() }
        let svg = TimelinePicture([long, short], heading: "a < b").svg
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains("a &lt; b</text>"))
        #expect(svg.contains(">second &lt;reader&gt;</text>") && svg.contains(">virtual time</text>"))
        // The I/O sleep of the reader: the whole axis in one, a tenth of it in the other.
        let widths = svg.split(separator: "\n").filter { $0.contains("reader waits") && $0.contains("for I/O") }
            .compactMap { $0.split(separator: "\"")[5] }.compactMap { Double($0) }
        #expect(widths == [900, 90])
        #expect(svg.components(separatedBy: ">8 ms</text>").count == 3, "each panel has all ticks")
    }

    @Test("a picture has an arrow for each wait that a task or a device has ended, and a legend of what it shows")
    func arrows() throws {
        var made = try ChainWorld()
        let timeline = made.world.timeline("chain", names: made.names) { $0.run() }
        let ended = timeline.waits.filter { wait in
            switch wait.wakeUp {
            case .task, .request: true
            default: false
            }
        }
        let svg = timeline.svg
        #expect(ended.count >= 3 && svg.components(separatedBy: "<circle ").count == ended.count + 1)
        #expect(svg.contains(">wakes</text>") && svg.contains(">sleeps: lock</text>"))
        // All sleeps are for locks and I/O, and the title stands only in the head.
        #expect(!svg.contains(">sleeps: other</text>") && svg.components(separatedBy: ">chain<").count == 2)
        // Which task holds the lock can be read in its lane.
        #expect(svg.contains(">reader (read)</text>") && svg.contains(">mapper (write)</text>"))
        // So many that they would hide everything else are left out.
        let busy = try BusyWorld.run(.linux6_1, threads: 24).timeline()
        #expect(busy.waits.count > 100 && !busy.svg.contains("<circle ") && !busy.svg.contains(">wakes</text>"))
    }

    @Test("an arrow from a device begins in the lane of the request that has ended")
    func arrowsFromLanes() throws {
        var world = try World(.linux6_1, disk: .latency(.milliseconds(1)))
        let file = try world.file("log", pages: 256)
        let tasks = [world.task("first"), world.task("second")]
        for (place, task) in tasks.enumerated() {
            let area = try world.map(file, in: task)
            world.start(.read(area, page: 100 * place), in: task)
        }
        let timeline = world.timeline { $0.run() }
        let row = try #require(timeline.rows.first { $0.name == "device 0" })
        #expect(row.lanes == 2)
        let heights = timeline.svg.split(separator: "\n").filter { $0.contains("<circle ") }
            .compactMap { $0.split(separator: "cy=\"").last?.split(separator: "\"").first }.compactMap { Int($0) }
        #expect(heights.count == 2 && heights.last.map { $0 - 12 } == heights.first)
    }

    @Test("the same run gives the same bytes")
    func deterministic() throws {
        let (one, other) = (try BusyWorld.run(.linux6_12).timeline(), try BusyWorld.run(.linux6_12).timeline())
        #expect(one == other && one.html == other.html && one.svg == other.svg && one.chromeTrace == other.chromeTrace)
    }

    @Test("without virtual time, files show the order of events")
    func order() throws {
        var made = try ChainWorld(disk: .held)
        let timeline = made.world.timeline { $0.run() }
        #expect(timeline.svg.contains(">events</text>") && timeline.html.contains("\"axis\":\"order\""))
        let last = try events(timeline).compactMap { $0["ts"] as? Double }.max()
        #expect(last == Double(timeline.eventCount))
    }
}
