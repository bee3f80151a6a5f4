import FaultCore

/// A set of lanes, which gives out the lowest free number first.
struct LaneSet {
    /// The free ones, the lowest last.
    private var free: [Int] = []
    private var count = 0

    mutating func take() -> Int {
        if let lowest = free.popLast() { return lowest }
        count += 1
        return count - 1
    }

    mutating func give(_ lane: Int) {
        var (low, high) = (0, free.count)
        while low < high {
            let middle = (low + high) / 2
            if free[middle] > lane { low = middle + 1 } else { high = middle }
        }
        free.insert(lane, at: low)
    }
}

/// The row of an object that several tasks use at the same time: a lock or a device.
struct SharedRow {
    struct Use {
        let task: TaskID
        let mode: LockMode
        let lane: Int
        let begin: Timeline.Moment
    }

    let subject: Timeline.Row.Subject
    /// The lanes of the holders.
    var lanes = LaneSet()
    /// The lanes of the waiters, below those of the holders.
    private var waitLanes = LaneSet()
    private var holders: [Use] = []
    private var queue: [Use] = []
    var spans: [Timeline.Span] = []

    init(subject: Timeline.Row.Subject) { self.subject = subject }

    mutating func hold(_ task: TaskID, _ mode: LockMode, at now: Timeline.Moment) {
        holders.append(Use(task: task, mode: mode, lane: lanes.take(), begin: now))
    }

    mutating func release(_ task: TaskID, at now: Timeline.Moment) {
        guard let place = holders.firstIndex(where: { $0.task == task }) else { return }
        let use = holders.remove(at: place)
        lanes.give(use.lane)
        add(use, isHeld: true, now, isOpen: false)
    }

    mutating func queue(_ task: TaskID, _ mode: LockMode, at now: Timeline.Moment) {
        guard !queue.contains(where: { $0.task == task }) else { return }
        queue.append(Use(task: task, mode: mode, lane: waitLanes.take(), begin: now))
    }

    mutating func leaveQueue(_ task: TaskID, at now: Timeline.Moment) {
        guard let place = queue.firstIndex(where: { $0.task == task }) else { return }
        let use = queue.remove(at: place)
        waitLanes.give(use.lane)
        add(use, isHeld: false, now, isOpen: false)
    }

    mutating func closeAll(at now: Timeline.Moment) {
        for use in holders { add(use, isHeld: true, now, isOpen: true) }
        for use in queue { add(use, isHeld: false, now, isOpen: true) }
        holders = []
        queue = []
    }

    private mutating func add(_ use: Use, isHeld: Bool, _ end: Timeline.Moment, isOpen: Bool) {
        let what: Timeline.Span.What = isHeld ? .holds(use.task, use.mode) : .waits(use.task, use.mode)
        spans.append(Timeline.Span(what: what, begin: use.begin, end: end, lane: use.lane, isOpen: isOpen))
    }

    /// The first holder other than `task`; none if there is none.
    func holder(but task: TaskID) -> TaskID { holders.first { $0.task != task }?.task ?? .none }

    /// The task behind which `task` waits in the queue: a holder, or, for a reader behind readers, the first other task
    /// in the queue.
    func blocker(of task: TaskID, _ mode: LockMode) -> TaskID {
        let first = queue.first { $0.task != task }
        if mode == .read, !holders.contains(where: { $0.mode == .write }), let first { return first.task }
        return holders.first?.task ?? first?.task ?? .none
    }

    /// The finished row, with the waiters below the holders.
    func row(_ name: String) -> Timeline.Row {
        var below = 0
        for span in spans where span.what.kind != .wait { below = max(below, span.lane + 1) }
        let placed = spans.map { span in
            guard span.what.kind == .wait else { return span }
            return Timeline.Span(
                what: span.what, begin: span.begin, end: span.end, lane: span.lane + below, isOpen: span.isOpen)
        }
        return Timeline.Row(subject: subject, name: name, spans: placed.inOrder, marks: [])
    }
}

/// A table of rows by their subject.
struct RowTable {
    var rows: [SharedRow] = []
    private var places: [RowKey: Int] = [:]

    func row(of subject: Timeline.Row.Subject) -> SharedRow? { places[subject.key].map { rows[$0] } }

    mutating func place(of subject: Timeline.Row.Subject) -> Int {
        if let place = places[subject.key] { return place }
        rows.append(SharedRow(subject: subject))
        places[subject.key] = rows.count - 1
        return rows.count - 1
    }
}

/// The subject of a row as numbers, which sort in the order of rows.
struct RowKey: Hashable, Comparable {
    let kind: Int
    let first: UInt64
    let second: UInt64

    static func < (a: Self, b: Self) -> Bool { (a.kind, a.first, a.second) < (b.kind, b.first, b.second) }
}

extension Timeline.Row.Subject {
    var key: RowKey {
        switch self {
        case .task(let task): RowKey(kind: 0, first: UInt64(bitPattern: Int64(task.index)), second: 0)
        case .lock(let lock): RowKey(kind: 1, first: UInt64(lock.rawValue), second: 0)
        case .area(let map, let page): RowKey(kind: 2, first: UInt64(map.index), second: page.rawValue)
        case .device(let device): RowKey(kind: 3, first: UInt64(device.index), second: 0)
        }
    }
}

extension [Timeline.Span] {
    /// The spans, sorted by lane and then by time.
    var inOrder: [Timeline.Span] {
        sorted { ($0.lane, $0.begin.order, $0.begin.time) < ($1.lane, $1.begin.order, $1.begin.time) }
    }
}
