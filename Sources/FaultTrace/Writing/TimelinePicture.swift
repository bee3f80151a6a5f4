import FaultCore

/// One picture of several timelines, one under the other, on the same axis.
///
/// For a task it shows its state, its operations and its attempts; for a lock or device, the tasks that use it and that
/// wait for it. Arrows go from the task or device that ends a wait to the task that waited. Locks of areas that only a
/// writer of the map has taken are left out. The picture is one self-contained SVG text.
public struct TimelinePicture: Equatable, Sendable {
    static let left = 200
    static let width = 900
    private static let right = 60
    static let headHeight = 54
    /// The most rows of a panel; further rows are only counted.
    static let mostRows = 60
    /// The most lanes of a row; further lanes are left out.
    static let mostLanes = 12
    /// The most arrows of a panel; if there are more, none is drawn.
    static let mostArrows = 30

    let timelines: [Timeline]
    let heading: String
    private let axis: Timeline.Axis

    /// Makes the picture of `timelines` under a `heading`. Without virtual time in any of them it shows the order of events.
    public init(_ timelines: [Timeline], heading: String) {
        self.timelines = timelines
        self.heading = heading
        axis = timelines.contains { $0.axis == .time } ? .time : .order
    }

    /// The length of the common axis of all panels.
    var length: UInt64 { max(1, timelines.map { length(of: $0) }.max() ?? 1) }

    private func length(of timeline: Timeline) -> UInt64 { value(timeline.end, in: timeline) }

    /// The position of a moment on the axis.
    func value(_ moment: Timeline.Moment, in timeline: Timeline) -> UInt64 {
        axis == .time
            ? moment.time - min(moment.time, timeline.begin.time) : UInt64(moment.order - timeline.begin.order)
    }

    /// The picture.
    public var svg: String {
        var (head, body) = (ByteText(), ByteText())
        var top = 12
        if !heading.isEmpty {
            head.add(
                "<text x=\"12\" y=\"28\" font-size=\"17\" font-weight=\"bold\">\(ByteText.escaped(heading))</text>\n")
            top = 50
        }
        addLegend(&top, &head)
        for timeline in timelines { draw(timeline, &top, &body) }
        let total = Self.left + Self.width + Self.right
        var picture = ByteText()
        picture.add(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(total)\" height=\"\(top)\" "
                + "viewBox=\"0 0 \(total) \(top)\" font-family=\"sans-serif\" font-size=\"12\">\n"
                + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n")
        picture.add(head.text)
        picture.add(body.text)
        picture.add("</svg>\n")
        return picture.text
    }

    /// Adds the legend at `top`, on as many lines as it needs.
    private func addLegend(_ top: inout Int, _ out: inout ByteText) {
        var used: Set<String> = []
        for timeline in timelines {
            for row in timeline.rows { for span in row.spans { used.insert(timeline.fill(of: span)) } }
        }
        var items = PictureColours.legend.filter { used.contains($0.0) }
        if timelines.contains(where: { drawsArrows(of: $0) }) { items.append((PictureColours.wakes, "wakes")) }
        var x = 12
        for (fill, text) in items {
            let length = 34 + 7 * text.count
            if x + length > Self.left + Self.width + Self.right { (x, top) = (12, top + 18) }
            if fill == PictureColours.wakes {
                let place = Double(x + 12)
                out.add("<path d=\"M\(x),\(top + 6)h12\" stroke=\"\(fill)\" fill=\"none\"/>")
                out.add("<path d=\"M\(TimeText.short(place + 4)),\(top + 6)l-6,-3v6z\" fill=\"\(fill)\"/>")
            } else {
                out.add("<rect x=\"\(x)\" y=\"\(top)\" width=\"16\" height=\"11\" fill=\"\(fill)\"/>")
            }
            out.add("<text x=\"\(x + 21)\" y=\"\(top + 10)\">\(text)</text>\n")
            x += length
        }
        top += 34
    }

    // MARK: Panels

    private func draw(_ timeline: Timeline, _ top: inout Int, _ out: inout ByteText) {
        let shown = timeline.rows.filter { !$0.isOnlyWritten }
        let rows = shown.prefix(Self.mostRows)
        let left = shown.count - rows.count
        let heights = rows.map { Self.height(of: $0) }
        let bottom = top + Self.headHeight + heights.reduce(0, +)
        // A lone timeline may have the heading as its title.
        let title = timeline.title == heading ? "" : ByteText.escaped(timeline.title)
        let total = axis == .time ? TimeText.duration(length(of: timeline)) : "\(length(of: timeline)) events"
        out.add(
            "<text x=\"12\" y=\"\(top + 20)\" font-size=\"14\"><tspan font-weight=\"bold\">"
                + "\(title)</tspan><tspan fill=\"#666666\" dx=\"\(title.isEmpty ? 0 : 10)\">\(total)</tspan></text>\n"
                + "<text x=\"12\" y=\"\(top + 40)\" fill=\"#666666\">\(axis == .time ? "virtual time" : "events")</text>\n"
        )
        for tick in TimeText.ticks(upTo: length) {
            let x = TimeText.short(place(tick))
            out.add(
                "<line x1=\"\(x)\" y1=\"\(top + 46)\" x2=\"\(x)\" y2=\"\(bottom)\" stroke=\"#dddddd\"/>"
                    + "<text x=\"\(x)\" y=\"\(top + 40)\" text-anchor=\"middle\" fill=\"#666666\">"
                    + "\(axis == .time ? TimeText.duration(tick) : "\(tick)")</text>\n")
        }
        var y = top + Self.headHeight
        var tops: [RowKey: Int] = [:]
        for (row, height) in zip(rows, heights) {
            tops[row.subject.key] = y
            out.add("<text x=\"12\" y=\"\(y + 12)\">\(ByteText.escaped(Self.cut(row.name)))</text>\n")
            draw(row, of: timeline, y, &out)
            y += height
        }
        if drawsArrows(of: timeline) {
            for wait in timeline.waits { drawArrow(of: wait, in: timeline, tops, &out) }
        }
        if left > 0 {
            out.add("<text x=\"12\" y=\"\(y + 12)\" fill=\"#666666\">and \(left) rows more</text>\n")
            y += 16
        }
        top = y + 24
    }

    private func draw(_ row: Timeline.Row, of timeline: Timeline, _ y: Int, _ out: inout ByteText) {
        // A span within a pixel of its lane that is already drawn is skipped.
        var drawn: [Int: Double] = [:]
        for span in row.spans {
            guard let (top, height) = Self.lane(span.lane, of: row) else { continue }
            let (from, to) = (place(value(span.begin, in: timeline)), place(value(span.end, in: timeline)))
            guard to > drawn[span.lane, default: 0] + 0.5 else { continue }
            let width = max(1, to - from)
            drawn[span.lane] = from + width
            out.add(
                "<rect x=\"\(TimeText.short(from))\" y=\"\(y + top)\" width=\"\(TimeText.short(width))\" "
                    + "height=\"\(height)\" fill=\"\(timeline.fill(of: span))\"><title>"
                    + "\(ByteText.escaped(title(of: span, in: row, timeline)))</title></rect>\n")
            let room = Int((width - 8) / 6)
            var text = timeline.barText(span, of: row.subject)
            // Of a long text, a few letters say nothing.
            if text.count > room { text = room < 8 ? "" : Self.cut(text, to: room) }
            if height >= 11, !text.isEmpty {
                let ink = if case .holds(_, .write) = span.what { " fill=\"white\"" } else { "" }
                out.add(
                    "<text x=\"\(TimeText.short(from + 4))\" y=\"\(y + top + height - 2)\" font-size=\"10\" "
                        + "pointer-events=\"none\"\(ink)>\(ByteText.escaped(text))</text>\n")
            }
        }
    }

    private func title(of span: Timeline.Span, in row: Timeline.Row, _ timeline: Timeline) -> String {
        let (from, to) = (value(span.begin, in: timeline), value(span.end, in: timeline))
        let text: String
        if case .sleeps(let wait) = span.what {
            text = timeline.text(timeline.waits[wait])
        } else {
            text = "\(row.name): \(timeline.text(span, of: row.subject))"
        }
        guard axis == .time else { return "\(text), events \(from) to \(to)" }
        return "\(text), \(TimeText.duration(to - from)) from \(TimeText.duration(from))"
    }

    private func place(_ value: UInt64) -> Double {
        Double(Self.left) + Double(value) / Double(length) * Double(Self.width)
    }

    // MARK: Arrows

    /// Whether the arrows of a timeline are few enough to be told apart.
    private func drawsArrows(of timeline: Timeline) -> Bool {
        var count = 0
        for wait in timeline.waits where wait.waker != nil {
            count += 1
            if count > Self.mostArrows { return false }
        }
        return count > 0
    }

    /// An arc from what ended `wait` to the task that waited. Arcs over more rows reach out further.
    private func drawArrow(
        of wait: Timeline.Wait, in timeline: Timeline, _ tops: [RowKey: Int], _ out: inout ByteText
    ) {
        guard let waker = wait.waker, waker != .task(wait.task), let from = tops[waker.key],
            let to = tops[Timeline.Row.Subject.task(wait.task).key],
            let lane = timeline.lane(ofWakerOf: wait, in: waker)
        else { return }
        let (x, y0, y1) = (place(value(wait.end, in: timeline)), from + lane, to + (to > from ? 1 : 14))
        let (start, reach) = (TimeText.short(x), TimeText.short(x + Double(min(40, 8 + abs(y1 - y0) / 6))))
        out.add(
            "<path d=\"M\(start),\(y0)C\(reach),\(y0) \(reach),\(y1) \(start),\(y1)\" fill=\"none\" "
                + "stroke=\"\(PictureColours.wakes)\"/><circle cx=\"\(start)\" cy=\"\(y0)\" r=\"2\"/>"
                + "<path d=\"M\(start),\(y1)l6,-3v6z\" fill=\"\(PictureColours.wakes)\"/>\n")
    }

    // MARK: Rows

    /// The position of a lane in its row; `nil` if it is not drawn.
    fileprivate static func lane(_ lane: Int, of row: Timeline.Row) -> (top: Int, height: Int)? {
        guard case .task = row.subject else { return lane < mostLanes ? (2 + lane * 12, 11) : nil }
        return switch lane {
        case TaskRow.Lane.state: (2, 11)
        case TaskRow.Lane.operation: (14, 5)
        case TaskRow.Lane.attempt: (20, 4)
        default: nil
        }
    }

    private static func height(of row: Timeline.Row) -> Int {
        guard case .task = row.subject else { return 6 + 12 * max(1, min(mostLanes, row.lanes)) }
        return 30
    }

    /// A text, cut to a number of characters.
    private static func cut(_ text: String, to most: Int = 28) -> String {
        guard text.count > most else { return text }
        return most > 1 ? text.prefix(most - 1) + "…" : ""
    }
}

extension Timeline {
    /// The timeline as a static picture.
    public var svg: String { TimelinePicture([self], heading: title).svg }
}

extension Timeline.Row {
    /// Whether it is the lock of an area in which no task has faulted, and for which none has waited.
    fileprivate var isOnlyWritten: Bool {
        guard case .area = subject else { return false }
        return spans.allSatisfy { if case .holds(_, .write) = $0.what { true } else { false } }
    }
}

/// The colours of pictures.
enum PictureColours {
    static let runs = "#69c07f"
    static let ready = "#f1d06b"
    static let lock = "#e8645f"
    static let io = "#6aabec"
    static let other = "#aab3c2"
    static let operation = "#c4cedd"
    static let attempt = "#86cfc8"
    static let retry = "#ee8dab"
    static let reads = "#7cc5e3"
    static let writes = "#2f75b5"
    static let waits = "#f6b5b2"
    static let request = "#9c92ec"
    static let wakes = "#333333"

    static let legend = [
        (runs, "runs"), (ready, "ready"), (lock, "sleeps: lock"), (io, "sleeps: I/O"), (other, "sleeps: other"),
        (operation, "operation"), (attempt, "attempt"), (retry, "attempt: RETRY"), (reads, "held: read"),
        (writes, "held: write"), (waits, "waits for it"), (request, "request"),
    ]
}

extension Timeline.Wait {
    /// The task or device that ended it; `nil` if a timer or something outside of the machine did, or if it has not ended.
    fileprivate var waker: Timeline.Row.Subject? {
        switch wakeUp {
        case .task(let task): .task(task)
        case .request(_, let device, _): .device(device)
        case .signal, .time, .outside, .stillWaiting: nil
        }
    }
}

extension Timeline {
    /// The middle of the lane of what ended a wait, below the top of its row; `nil` if the picture does not show it.
    fileprivate func lane(ofWakerOf wait: Wait, in waker: Row.Subject) -> Int? {
        guard case .request(let id, _, _) = wait.wakeUp, let row = row(of: waker) else { return 7 }
        let request = row.spans.last { if case .request(let request) = $0.what { request.id == id } else { false } }
        guard let request, let (top, height) = TimelinePicture.lane(request.lane, of: row) else { return nil }
        return top + height / 2
    }

    /// The text in a bar, which has little room: what its colour does not say.
    fileprivate func barText(_ span: Span, of subject: Row.Subject) -> String {
        switch span.what {
        case .sleeps(let wait):
            let text = names.text(waits[wait].cause)
            return text.hasPrefix("the ") ? String(text.dropFirst(4)) : text
        case .holds(let task, let mode), .waits(let task, let mode): return "\(names.text(task)) (\(mode))"
        case .runs, .ready: return ""
        default: return text(span, of: subject)
        }
    }

    fileprivate func fill(of span: Span) -> String {
        switch span.what {
        case .runs: PictureColours.runs
        case .ready: PictureColours.ready
        case .sleeps(let wait):
            switch waits[wait].cause {
            case .lock, .areaLock, .pageLock: PictureColours.lock
            case .io, .request, .submission: PictureColours.io
            default: PictureColours.other
            }
        case .operation, .fault, .stage: PictureColours.operation
        case .attempt(_, _, let result):
            result?.contains(.retry) == true ? PictureColours.retry : PictureColours.attempt
        case .holds(_, let mode): mode == .write ? PictureColours.writes : PictureColours.reads
        case .waits: PictureColours.waits
        case .request: PictureColours.request
        }
    }
}
