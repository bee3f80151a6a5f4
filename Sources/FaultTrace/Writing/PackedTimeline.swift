import FaultCore

/// A timeline in the form that the HTML page reads: a JSON header, and all spans as packed numbers.
///
/// First come the rows, in order. A row has the number of its spans. Each span has its kind, its lane, its text, and
/// its number (a page, a wait or a row, plus 1; 0 for none). Then come the distance of its beginning from that of the
/// previous span of the row, and its length, both in events and in nanoseconds. Then the row has the number of its
/// marks, each with its text and its moment. After the rows come the waits. Each has what ended it, the row of that,
/// the row of the task that had submitted the request (both rows plus 1; 0 for none), and how the mmap lock was held.
/// Last come the counters.
struct PackedTimeline {
    private let timeline: Timeline
    private var numbers = PackedNumbers()
    private var texts: [String] = []
    private var places: [String: Int] = [:]
    private var rowPlaces: [RowKey: Int] = [:]
    private var stagePlaces: [Int] = []

    init(_ timeline: Timeline) {
        self.timeline = timeline
        for (place, row) in timeline.rows.enumerated() { rowPlaces[row.subject.key] = place }
        stagePlaces = timeline.stages.map { place(of: $0.description) }
        for row in timeline.rows { add(row) }
        for wait in timeline.waits { add(wait) }
        for counter in timeline.counters { add(counter) }
    }

    private mutating func place(of text: String) -> Int {
        if let place = places[text] { return place }
        texts.append(text)
        places[text] = texts.count - 1
        return texts.count - 1
    }

    private func row(of subject: Timeline.Row.Subject) -> Int? { rowPlaces[subject.key] }

    // MARK: Numbers

    private mutating func add(_ row: Timeline.Row) {
        numbers.add(row.spans.count)
        var last = timeline.begin
        for span in row.spans {
            numbers.add(Int(span.what.kind.rawValue) << 1 | (span.isOpen ? 1 : 0))
            numbers.add(span.lane)
            let (text, number) = words(for: span, row.subject)
            numbers.add(text)
            numbers.add(number.map { $0 &+ 1 } ?? 0)
            add(span.begin, after: &last)
            numbers.add(span.end.order - span.begin.order)
            numbers.add(span.end.time - span.begin.time)
        }
        numbers.add(row.marks.count)
        last = timeline.begin
        for mark in row.marks {
            numbers.add(place(of: text(of: mark, row.subject)))
            add(mark.moment, after: &last)
        }
    }

    private mutating func add(_ moment: Timeline.Moment, after last: inout Timeline.Moment) {
        numbers.addSigned(Int64(moment.order - last.order))
        numbers.addSigned(Int64(bitPattern: moment.time &- last.time))
        last = moment
    }

    /// The text of a span, and the number that is not part of the text.
    private mutating func words(for span: Timeline.Span, _ subject: Timeline.Row.Subject) -> (Int, UInt64?) {
        switch span.what {
        case .stage(let stage): (stagePlaces[stage], nil)
        case .sleeps(let wait):
            (place(of: timeline.names.text(timeline.waits[wait].cause)), UInt64(wait))
        case .attempt(let page, let flags, let result):
            (place(of: "\(Timeline.text(result)) (\(flags))"), page.rawValue)
        case .fault(let page, let access, let isMajor):
            (place(of: "\(Timeline.count(isMajor)), \(access)"), page.rawValue)
        case .holds(let task, let mode), .waits(let task, let mode):
            (place(of: mode == .write ? "write" : "read"), row(of: .task(task)).map { UInt64($0) })
        default: (place(of: timeline.text(span, of: subject)), nil)
        }
    }

    private func text(of mark: Timeline.Mark, _ subject: Timeline.Row.Subject) -> String {
        guard case .counts(let page, let isMajor) = mark.what, case .task(let task) = subject else {
            return "\(mark.what)"
        }
        let map = timeline.maps[task] ?? .none
        return "counts as \(isMajor ? "major" : "minor"): \(timeline.names.text(page, of: map))"
    }

    private mutating func add(_ wait: Timeline.Wait) {
        var submitter = TaskID.none
        var ender: Timeline.Row.Subject?
        switch wait.wakeUp {
        case .task(let task), .signal(let task): ender = task == .none ? nil : .task(task)
        case .request(_, let device, let task):
            ender = .device(device)
            submitter = task
        case .stillWaiting: ender = wait.behind == .none ? nil : .task(wait.behind)
        case .time, .outside: break
        }
        numbers.add(kind(of: wait.wakeUp))
        numbers.add(ender.flatMap { row(of: $0) }.map { $0 + 1 } ?? 0)
        numbers.add(row(of: .task(submitter)).map { $0 + 1 } ?? 0)
        numbers.add(wait.mmapHeld.map { Int($0.rawValue) } ?? 0)
    }

    /// What ended a wait, as the page's script numbers it.
    private func kind(of wakeUp: Timeline.Wait.WakeUp) -> Int {
        switch wakeUp {
        case .stillWaiting: 0
        case .task: 1
        case .request: 2
        case .signal: 3
        case .time: 4
        case .outside: 5
        }
    }

    private mutating func add(_ counter: Timeline.Counter) {
        numbers.add(counter.points.count)
        var last = timeline.begin
        for point in counter.points {
            add(point.moment, after: &last)
            numbers.addSigned(Int64(point.value))
        }
    }

    // MARK: The header

    /// The header and the numbers, as the two scripts of a page.
    func write(to page: inout ByteText) {
        page.add("<script id=\"header\" type=\"application/json\">{\"title\":")
        page.addJSON(timeline.title)
        page.add(",\"axis\":\"\(timeline.axis.rawValue)\"")
        page.add(",\"begin\":[\(timeline.begin.time),\(timeline.begin.order)]")
        page.add(",\"end\":[\(timeline.end.time),\(timeline.end.order)]")
        page.add(",\"waits\":\(timeline.waits.count),\"rows\":")
        page.addList(timeline.rows) { row, page in
            page.add("[\(row.subject.key.kind),")
            page.addJSON(row.name)
            page.add(",\(row.lanes),\(map(of: row.subject)?.index ?? -1)]")
        }
        page.add(",\"areas\":")
        page.addList(timeline.names.allAreas) { area, page in
            page.add("[\(area.map.index),\(area.start.rawValue),\(area.pages),")
            page.addJSON(area.name)
            page.add("]")
        }
        page.add(",\"counters\":")
        page.addList(timeline.counters) { counter, page in page.addJSON(counter.name) }
        let attribution = timeline.attribution
        page.add(",\"columns\":")
        page.addList(WaitAttribution.columns) { column, page in page.addJSON(column) }
        page.add(",\"tableRows\":\(attribution.table.count),\"table\":")
        page.addList(attribution.table.prefix(Self.mostRows)) { row, page in
            page.addList(row) { cell, page in page.addJSON(cell) }
        }
        page.add(",\"longest\":")
        page.addList(attribution.rows.prefix(Self.mostRows)) { row, page in page.add(row.longestWait) }
        page.add(",\"texts\":")
        page.addList(texts) { text, page in page.addJSON(text) }
        page.add("}</script>\n<script id=\"numbers\" type=\"application/octet-stream\">")
        page.addBase64(numbers.bytes)
        page.add("</script>\n")
    }

    private static let mostRows = 500

    private func map(of subject: Timeline.Row.Subject) -> MapID? {
        switch subject {
        case .task(let task): timeline.maps[task].flatMap { $0 == .none ? nil : $0 }
        case .area(let map, _): map
        case .lock, .device: nil
        }
    }
}
