import FaultCore

extension Timeline {
    /// The timeline in Chrome's trace event format, which Perfetto (ui.perfetto.dev) and `chrome://tracing` open.
    ///
    /// Tasks, locks, locks of areas, and devices are four processes. Spans that can overlap are in separate threads, so
    /// the slices of a thread nest. Flows lead from the waker to the woken task. Times are in microseconds. If no
    /// virtual time passes, events are one microsecond apart.
    public var chromeTrace: String { ChromeTrace(self).text }
}

/// A writer of trace events.
struct ChromeTrace {
    private let timeline: Timeline
    private let axis: Timeline.Axis
    private var out = ByteText()
    private var isFirst = true
    /// The thread of each row's lane 0.
    private var threads: [RowKey: (process: Int, thread: Int)] = [:]
    private var nextThread = 1
    /// The thread that each request lies in.
    private var requests: [RequestID: Int] = [:]

    private static let processes = ["tasks", "locks", "locks of areas", "devices", "counters"]

    init(_ timeline: Timeline) {
        self.timeline = timeline
        axis = timeline.axis
        out.add("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"title\":")
        out.addJSON(timeline.title)
        out.add(",\"axis\":\"\(axis.rawValue)\"},\"traceEvents\":[")
        for (number, name) in Self.processes.enumerated() {
            metadata("process_name", number + 1, 0, name)
            event("M", number + 1, 0)
            out.add(",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":\(number)}}")
        }
        for row in timeline.rows { add(row) }
        for place in timeline.waits.indices { addFlow(of: place) }
        for counter in timeline.counters { add(counter) }
        out.add("\n]}\n")
    }

    var text: String { out.text }

    // MARK: Rows

    private mutating func add(_ row: Timeline.Row) {
        let process = row.subject.key.kind + 1
        var places: [Int] = []
        // A task's lanes from 1 on nest in each other.
        let isTask = process == 1
        let count = isTask ? min(2, row.lanes) : row.lanes
        for lane in 0..<max(1, count) {
            places.append(nextThread)
            let more = isTask ? (lane == 0 ? "" : ": operations") : (lane == 0 ? "" : " (\(lane + 1))")
            metadata("thread_name", process, nextThread, row.name + more)
            event("M", process, nextThread)
            out.add(",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":\(nextThread)}}")
            nextThread += 1
        }
        threads[row.subject.key] = (process, places[0])
        // A span that contains others comes first.
        let spans = isTask ? row.spans.sorted { Self.isBefore($0, $1) } : row.spans
        for span in spans {
            let thread = isTask ? places[span.lane == 0 ? 0 : 1] : places[span.lane]
            if case .request(let request) = span.what { requests[request.id] = thread }
            event("X", process, thread)
            out.add(",\"ts\":")
            add(span.begin)
            out.add(",\"dur\":")
            add(length: axis == .time ? span.end.time - span.begin.time : UInt64(span.end.order - span.begin.order))
            out.add(",\"cat\":\"\(span.what.kind)\",\"name\":")
            out.addJSON(timeline.text(span, of: row.subject))
            out.add("}")
        }
        for mark in row.marks {
            event("i", process, places[places.count - 1])
            out.add(",\"s\":\"t\",\"ts\":")
            add(mark.moment)
            out.add(",\"name\":")
            out.addJSON(mark.what.description)
            out.add("}")
        }
    }

    private static func isBefore(_ a: Timeline.Span, _ b: Timeline.Span) -> Bool {
        (a.lane == 0 ? 0 : 1, a.begin.order, a.lane) < (b.lane == 0 ? 0 : 1, b.begin.order, b.lane)
    }

    private mutating func addFlow(of place: Int) {
        let wait = timeline.waits[place]
        var source: (process: Int, thread: Int)?
        switch wait.wakeUp {
        case .task(let task): source = threads[Timeline.Row.Subject.task(task).key]
        case .request(let id, let device, _):
            source = threads[Timeline.Row.Subject.device(device).key]
            if let thread = requests[id] { source?.thread = thread }
        case .signal, .time, .outside, .stillWaiting: return
        }
        guard let from = source, let to = threads[Timeline.Row.Subject.task(wait.task).key] else { return }
        for (phase, thread) in [("s", from), ("f", to)] {
            event(phase, thread.process, thread.thread)
            out.add(phase == "f" ? ",\"bp\":\"e\"" : "")
            out.add(",\"id\":\(place + 1),\"cat\":\"wakes\",\"name\":\"wakes\",\"ts\":")
            add(wait.end)
            out.add("}")
        }
    }

    private mutating func add(_ counter: Timeline.Counter) {
        for point in counter.points {
            event("C", Self.processes.count, 0)
            out.add(",\"ts\":")
            add(point.moment)
            out.add(",\"name\":")
            out.addJSON(counter.name)
            out.add(",\"args\":{\"value\":\(point.value)}}")
        }
    }

    // MARK: Parts of events

    /// Begins an event, without its closing brace.
    private mutating func event(_ phase: String, _ process: Int, _ thread: Int) {
        out.add(isFirst ? "\n" : ",\n")
        isFirst = false
        out.add("{\"ph\":\"\(phase)\",\"pid\":\(process),\"tid\":\(thread)")
    }

    private mutating func metadata(_ what: String, _ process: Int, _ thread: Int, _ name: String) {
        event("M", process, thread)
        out.add(",\"name\":\"\(what)\",\"args\":{\"name\":")
        out.addJSON(name)
        out.add("}}")
    }

    private mutating func add(_ moment: Timeline.Moment) {
        add(length: axis == .time ? moment.time - timeline.begin.time : UInt64(moment.order))
    }

    /// Adds nanoseconds as microseconds with three digits after the point, or a number of events unchanged.
    private mutating func add(length: UInt64) {
        guard axis == .time else { return out.add(Int(length)) }
        out.add(Int(length / 1000))
        let rest = length % 1000
        if rest > 0 { out.add("." + (rest < 100 ? "0" : "") + (rest < 10 ? "0" : "") + "\(rest)") }
    }
}
