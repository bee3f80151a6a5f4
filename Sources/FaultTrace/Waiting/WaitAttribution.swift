public import FaultCore

/// Who waited for whom, how long, on which lock, page or device, and for whose I/O in the end.
public struct WaitAttribution: Equatable, Sendable {
    /// What a wait came down to, at the end of its chain.
    public enum Root: Hashable, BitwiseCopyable, Sendable {
        /// A request on a device, which this task had submitted.
        case io(DeviceID, of: TaskID)
        /// A task, which ran meanwhile.
        case running(TaskID)
        /// A time that had to come.
        case time
        /// A signal ended it.
        case signal
        /// Somebody outside of the machine ended it.
        case outside
        /// Nothing has ended it.
        case lasts
    }

    /// The waits of one task for one thing, behind the same task, with the same root.
    public struct Row: Equatable, Sendable {
        /// Who waited.
        public let waiter: TaskID
        /// For what; of waits for several pages the first one.
        public let cause: WaitLink.Cause
        /// For how many different pages of the file, where it is I/O or the lock of a page.
        public fileprivate(set) var pages = 0
        /// Behind whom; none behind devices and times.
        public let blocker: TaskID
        /// What it came down to.
        public let root: Root
        /// How often.
        public fileprivate(set) var times = 0
        /// How long in all, in virtual nanoseconds.
        public fileprivate(set) var nanoseconds: UInt64 = 0
        /// How long at most.
        public fileprivate(set) var longest: UInt64 = 0
        /// What all are called.
        let names: TimelineNames
    }

    /// The rows, the longest total first; among equals in the order in which they came up.
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
            rows[row].longest = max(rows[row].longest, wait.nanoseconds)
        }
        let order = rows.indices.sorted { a, b in
            (rows[b].nanoseconds, a) < (rows[a].nanoseconds, b)
        }
        self.rows = order.map { rows[$0] }
    }

    /// The rows of the table, as cells: who waited, for what, behind whom, because of what, how often, how long in all and
    /// at most.
    public var table: [[String]] {
        rows.map {
            $0.cells + ["\($0.times)", TimeText.duration($0.nanoseconds), TimeText.duration($0.longest)]
        }
    }

    /// The headings of ``table``.
    public static let columns = ["who", "waits for", "behind", "because of", "times", "in all", "longest"]
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
    /// Who waited for whom, in a table.
    public var attribution: WaitAttribution { WaitAttribution(self) }

    /// What a wait came down to.
    public func root(of wait: Int) -> WaitAttribution.Root {
        guard let last = chain(from: wait).last else { return .lasts }
        return switch last.wakeUp {
        case .request(_, let device, let task): .io(device, of: task)
        case .task(let task): .running(task)
        case .signal: .signal
        case .time: .time
        case .outside: .outside
        case .nobody: .lasts
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
        case .lasts: "it lasts"
        }
    }
}
