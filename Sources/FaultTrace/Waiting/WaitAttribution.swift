public import FaultCore

/// A table of waits: which task waited behind which, how long, for which lock, page or device, and whose I/O was the
/// final cause.
public struct WaitAttribution: Equatable, Sendable {
    /// The final cause of a wait, at the end of its chain.
    public enum Root: Hashable, BitwiseCopyable, Sendable {
        /// A request on a device, which this task had submitted.
        case io(DeviceID, of: TaskID)
        /// A task that ran meanwhile.
        case running(TaskID)
        /// A timer.
        case time
        /// A signal ended it.
        case signal
        /// The code that drives the machine ended it.
        case outside
        /// Nothing: the wait has not ended.
        case stillWaiting
    }

    /// The waits of one task for one thing, behind the same task, with the same root.
    public struct Row: Equatable, Sendable {
        /// The task that waited.
        public let waiter: TaskID
        /// What it waited for; for several pages, the first one.
        public let cause: WaitLink.Cause
        /// The number of different pages of the file, if it waited for I/O or a page lock.
        public fileprivate(set) var pages = 0
        /// The task that it waited behind; none for devices and timers.
        public let blocker: TaskID
        /// The final cause.
        public let root: Root
        /// The number of waits.
        public fileprivate(set) var times = 0
        /// The total time, in virtual nanoseconds.
        public fileprivate(set) var nanoseconds: UInt64 = 0
        /// The longest wait.
        public fileprivate(set) var longest: UInt64 = 0
        /// The index of the longest wait in ``Timeline/waits``; the first of several that are equally long.
        public fileprivate(set) var longestWait = -1
        /// The names for the table.
        let names: TimelineNames
    }

    /// The rows, with the longest total first. Rows with equal totals are in the order of their first wait.
    public let rows: [Row]

    private struct Key: Hashable {
        let waiter: TaskID
        let blocker: TaskID
        let root: Root
        let cause: String
    }

    private struct PageKey: Hashable {
        let row: Int
        let page: PageIndex
    }

    init(_ timeline: Timeline) {
        var rows: [Row] = []
        var places: [Key: Int] = [:]
        var pages: Set<PageKey> = []
        let names = timeline.names
        for (place, wait) in timeline.waits.enumerated() {
            let root = timeline.root(of: place)
            let cause = WaitCause(wait.cause).description
            let key = Key(waiter: wait.task, blocker: wait.blocker, root: root, cause: cause)
            if places[key] == nil {
                places[key] = rows.count
                rows.append(
                    Row(waiter: wait.task, cause: wait.cause, blocker: wait.blocker, root: root, names: names))
            }
            guard let row = places[key] else { continue }
            rows[row].times += 1
            if case .io(_, let page) = wait.cause, pages.insert(PageKey(row: row, page: page)).inserted {
                rows[row].pages += 1
            }
            if case .pageLock(_, let page) = wait.cause, pages.insert(PageKey(row: row, page: page)).inserted {
                rows[row].pages += 1
            }
            rows[row].nanoseconds += wait.nanoseconds
            if rows[row].longestWait < 0 || wait.nanoseconds > rows[row].longest {
                rows[row].longest = wait.nanoseconds
                rows[row].longestWait = place
            }
        }
        let order = rows.indices.sorted { a, b in
            (rows[b].nanoseconds, a) < (rows[a].nanoseconds, b)
        }
        self.rows = order.map { rows[$0] }
    }

    /// The rows of the table as cells: the task that waited, what it waited for, behind which task, because of what,
    /// how often, how long in all and at most.
    public var table: [[String]] {
        rows.map {
            $0.cells + ["\($0.times)", TimeText.duration($0.nanoseconds), TimeText.duration($0.longest)]
        }
    }

    /// The headings of ``table``.
    package static let columns = ["task", "waits for", "behind", "because of", "times", "in all", "longest"]
}

extension WaitAttribution.Row {
    /// The first cells of the table's line.
    var cells: [String] {
        [names.text(waiter), causeText, blocker == .none ? "-" : names.text(blocker), root.text(names)]
    }

    private var causeText: String {
        switch cause {
        case .io(let file, _) where pages > 1: "I/O on \(pages) pages of \(names.text(file))"
        case .pageLock(let file, _) where pages > 1: "the locks of \(pages) pages of \(names.text(file))"
        default: names.text(cause)
        }
    }
}

extension Timeline {
    /// The table of which task waited for which.
    public var attribution: WaitAttribution { WaitAttribution(self) }

    /// The final cause of a wait: the end of its chain.
    public func root(of wait: Int) -> WaitAttribution.Root {
        guard let last = chain(from: wait).last else { return .stillWaiting }
        return switch last.wakeUp {
        case .request(_, let device, let task): .io(device, of: task)
        case .task(let task): .running(task)
        case .signal: .signal
        case .time: .time
        case .outside: .outside
        case .stillWaiting: .stillWaiting
        }
    }
}

extension WaitAttribution.Root {
    func text(_ names: TimelineNames) -> String {
        switch self {
        case .io(let device, let task): "I/O of \(names.text(task)) on \(names.text(device))"
        case .running(let task): "\(names.text(task)) runs"
        case .time: "a time"
        case .signal: "a signal"
        case .outside: "the test"
        case .stillWaiting: "it lasts"
        }
    }
}
