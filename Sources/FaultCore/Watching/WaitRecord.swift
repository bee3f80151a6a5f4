/// What a task waits for, without the page: the key by which waits are summed up.
public enum WaitCause: Equatable, Sendable, CustomStringConvertible {
    /// A page of the file that a device reads or writes.
    case io(FileID)
    /// A page of the file that another task has locked.
    case pageLock(FileID)
    /// A lock, wanted in this mode.
    case lock(LockName, LockMode)
    /// The lock of an area of this map, wanted for writing: the faults under it have to end.
    case areaLock(MapID)
    /// A request of its own, or the commit of a journal.
    case request
    /// A device that throttles submissions.
    case submission
    /// Too many dirty pages.
    case dirtyThrottle
    /// A time.
    case timer
    /// A page of memory, while a process is dying for it.
    case memory
    /// Something that a handler waits for.
    case channel(UInt64)
    /// The answer of a descriptor to a fault that was handed over.
    case userfault(UserfaultID)
    /// An event that the task caused, to be read from a descriptor.
    case userfaultEvent(UserfaultID)
    /// A message of a descriptor.
    case userfaultMessage(UserfaultID)

    /// Makes a cause without the page.
    package init(_ cause: WaitLink.Cause) {
        self =
            switch cause {
            case .io(let file, _): .io(file)
            case .pageLock(let file, _): .pageLock(file)
            case .lock(let lock, let mode): .lock(lock, mode)
            case .areaLock(let map): .areaLock(map)
            case .request: .request
            case .submission: .submission
            case .dirtyThrottle: .dirtyThrottle
            case .timer: .timer
            case .memory: .memory
            case .channel(let channel): .channel(channel)
            case .userfault(_, let descriptor), .spin(_, let descriptor): .userfault(descriptor)
            case .userfaultEvent(let descriptor): .userfaultEvent(descriptor)
            case .userfaultMessage(let descriptor): .userfaultMessage(descriptor)
            }
    }

    /// The cause, such as `mmap lock of map 0 (read)` or `I/O on file 1`.
    public var description: String {
        switch self {
        case .io(let file): "I/O on \(file)"
        case .pageLock(let file): "page lock of \(file)"
        case .lock(let lock, let mode): "\(lock) (\(mode))"
        case .areaLock(let map): "an area lock of \(map) (write)"
        case .request: "its own request"
        case .submission: "throttled submission"
        case .dirtyThrottle: "dirty throttling"
        case .timer: "timer"
        case .memory: "free memory"
        case .channel(let channel): "channel \(channel)"
        case .userfault(let descriptor): "an answer of \(descriptor)"
        case .userfaultEvent(let descriptor): "the reader of \(descriptor)"
        case .userfaultMessage(let descriptor): "a message of \(descriptor)"
        }
    }
}

/// One sleep of a task, from begin to end.
public struct WaitSpan: Equatable, Sendable {
    /// The sleep as it was when it began: the task, what it waited for, behind which tasks, and how it held the mmap
    /// lock.
    public let link: WaitLink
    /// When it ended, in virtual nanoseconds; `nil` if it has not ended.
    public internal(set) var end: UInt64?

    /// The task that sleeps.
    public var task: TaskID { link.task }
    /// What it sleeps for.
    public var cause: WaitCause { WaitCause(link.cause) }
    /// When it began.
    public var begin: UInt64 { link.since }

    /// How long it lasted; up to `now` if it has not ended.
    public func duration(now: UInt64) -> UInt64 { max(begin, end ?? now) - begin }
}

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
