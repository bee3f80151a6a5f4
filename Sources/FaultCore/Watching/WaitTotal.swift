/// How long a task has waited for one cause.
public struct WaitTotal: Equatable, Sendable, CustomStringConvertible {
    /// The task.
    public let task: TaskID
    /// What it waited for.
    public let cause: WaitCause
    /// How often it waited, how long in all, and how long at most.
    public fileprivate(set) var durations: DurationStatistics
    /// The names of the task and of what it waited for.
    let names: ObjectNames

    /// A line such as `task 2 waited 3 times for mmap lock of map 0 (read): 400 ns in all, 200 ns at most`.
    public var description: String {
        names.applied(to: "\(task) waited \(durations.count) times for \(cause)")
            + ": \(durations.total) ns in all, \(durations.maximum) ns at most"
    }
}

/// Recording which task waited for what, and how long.
extension Machine {
    /// Whether each sleep is kept, for ``waits``, ``waitTotals`` and ``longestChain``. Off by default.
    public var recordsWaits: Bool {
        get { recorder.recordsWaits }
        set { recorder.recordsWaits = newValue }
    }

    /// The sleeps since ``recordsWaits`` was set, in the order in which they began.
    public var waits: [WaitSpan] { recorder.waits }

    /// How long each task has waited for each cause, by task, then in the order in which the causes first occurred. A
    /// wait that has not ended counts up to now.
    public var waitTotals: [WaitTotal] {
        var totals: [[WaitTotal]] = Array(repeating: [], count: tasks.count)
        for span in recorder.waits {
            let cause = span.cause
            let task = span.task.index
            let place = totals[task].firstIndex { $0.cause == cause } ?? totals[task].count
            if place == totals[task].count {
                totals[task].append(
                    WaitTotal(task: span.task, cause: cause, durations: DurationStatistics(), names: names))
            }
            totals[task][place].durations.record(span.duration(now: clock))
        }
        return totals.flatMap { $0 }
    }

    /// The longest chain of tasks that waited for each other at one time; of several equally long ones, the first. It
    /// goes from the task that waits for all the others to the task that waits for something else.
    public var longestChain: [WaitLink] { recorder.longestChain }

    /// Begins the record of a sleep.
    @inline(never)
    mutating func noteSleep(of task: TaskID) {
        let links = waitLinks
        guard let link = links.first(where: { $0.task == task }) else { return }
        while recorder.openWaits.count <= task.index { recorder.openWaits.append(nil) }
        recorder.openWaits[task.index] = recorder.waits.count
        recorder.waits.append(WaitSpan(link: link, end: nil))
        let chain = WaitLink.longestPath(in: links)
        if chain.count > recorder.longestChain.count { recorder.longestChain = chain }
    }

    /// Ends the record of a sleep.
    @inline(never)
    mutating func noteWakeUp(of task: TaskID) {
        guard task.index < recorder.openWaits.count, let open = recorder.openWaits[task.index] else { return }
        recorder.waits[open].end = clock
        recorder.openWaits[task.index] = nil
    }
}
