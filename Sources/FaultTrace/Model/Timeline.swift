public import FaultCore

/// The history of a run: when tasks ran, slept and faulted, which tasks held which locks, what devices did, and which
/// task woke which.
///
///     world.recordsTimeline = true
///     world.run()
///     let timeline = world.timeline()
///     print(timeline.attribution)                       // who waited for whom, how long, for whose I/O
///     try timeline.html.write(toFile: "run.html", atomically: true, encoding: .utf8)
///
/// It is made from a machine's trace and notes. Set `Machine.recordsTimeline` before the run.
public struct Timeline: Equatable, Sendable {
    /// A moment of a run, on both of its axes.
    public struct Moment: Comparable, BitwiseCopyable, Sendable {
        /// The virtual time, in nanoseconds. Without costs and latencies it does not change.
        public let time: UInt64
        /// The number of earlier events.
        public let order: Int

        /// Makes a moment.
        init(time: UInt64, order: Int) {
            self.time = time
            self.order = order
        }

        /// Compares the order.
        public static func < (a: Self, b: Self) -> Bool { (a.order, a.time) < (b.order, b.time) }
    }

    /// The quantity on the horizontal axis of a picture.
    public enum Axis: String, Equatable, BitwiseCopyable, Sendable {
        /// Virtual time.
        case time
        /// The order of events, at equal distances: for runs in which nothing takes time.
        case order
    }

    /// A number that changes.
    public struct Counter: Equatable, Sendable {
        /// What is counted.
        public let name: String
        /// The moments at which it changed, with the new values.
        public internal(set) var points: [(moment: Moment, value: Int)] = []

        /// Compares name and points.
        public static func == (a: Self, b: Self) -> Bool {
            a.name == b.name && a.points.elementsEqual(b.points) { $0.moment == $1.moment && $0.value == $1.value }
        }
    }

    /// The title, on one line.
    public let title: String
    /// When it begins.
    public let begin: Moment
    /// When it ends.
    public let end: Moment
    /// The rows: tasks, locks, locks of areas, devices, each by number.
    public let rows: [Row]
    /// The sleeps, in the order in which they began.
    public let waits: [Wait]
    /// Counters of sleeping tasks, of requests under way on devices, and of faults.
    public let counters: [Counter]
    /// The names of tasks, files and areas.
    public let names: TimelineNames
    /// The stages that ``Span/What/stage(_:)`` numbers.
    public let stages: [StageName]
    /// The memory that each task worked on last.
    let maps: [TaskID: MapID]
    /// The waits of each task, in order.
    let waitsByTask: [[Int]]

    /// The useful axis: time, or the order if no virtual time has passed.
    public var axis: Axis { end.time > begin.time ? .time : .order }

    /// The row of a task; `nil` if it has none.
    public func row(of task: TaskID) -> Row? { row(of: .task(task)) }

    /// The row of a lock; `nil` if no task has wanted it.
    public func row(of lock: LockName) -> Row? { row(of: .lock(lock)) }

    /// The row of something; `nil` if it has none.
    public func row(of subject: Row.Subject) -> Row? { rows.first { $0.subject == subject } }

    /// How long a span lasts in virtual nanoseconds.
    public func nanoseconds(_ span: Span) -> UInt64 { span.end.time - span.begin.time }

    /// How many spans all rows have.
    public var spanCount: Int { rows.reduce(0) { $0 + $1.spans.count } }

    /// How many events the trace had.
    public var eventCount: Int { end.order }
}

extension Timeline {
    /// The longest time for which `task` held `lock` without a break, in virtual nanoseconds.
    public func longestHold(of lock: LockName, by task: TaskID) -> UInt64 {
        guard let row = row(of: lock) else { return 0 }
        let held = row.spans.filter { if case .holds(task, _) = $0.what { true } else { false } }
        return held.map { nanoseconds($0) }.max() ?? 0
    }

    /// The tasks that held `lock` at any time, by number.
    public func holders(of lock: LockName) -> [TaskID] {
        let all = (row(of: lock)?.spans ?? []).compactMap { span -> TaskID? in
            if case .holds(let task, _) = span.what { task } else { nil }
        }
        return all.sorted().reduce(into: []) { found, task in if found.last != task { found.append(task) } }
    }
}
