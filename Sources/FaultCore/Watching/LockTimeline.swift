/// Which tasks held one lock or waited for it, and when: read from a trace.
///
///     world.machine.trace(only: LockTimeline.kinds)
///     _ = world.run()
///     let timeline = LockTimeline(of: .mmap(map), in: world.machine)
public struct LockTimeline: Equatable, Sendable {
    /// What a task does with the lock during a span.
    public enum State: Equatable, BitwiseCopyable, Sendable {
        /// It sleeps until it has the lock.
        case waits
        /// It has the lock.
        case holds
    }

    /// A stretch of time in which a task waits for the lock, or holds it.
    public struct Span: Equatable, BitwiseCopyable, Sendable {
        /// The task.
        public let task: TaskID
        /// Whether it waits or holds.
        public let state: State
        /// The mode, for reading or for writing.
        public let mode: LockMode
        /// When it began, in virtual nanoseconds.
        public let begin: UInt64
        /// When it ended, or the end of the timeline if it had not ended.
        public let end: UInt64
    }

    /// The lock.
    public let lock: LockName
    /// The spans, in the order in which they ended.
    public let spans: [Span]
    /// When the timeline ends.
    public let end: UInt64
    /// The names of the tasks.
    private(set) var names = ObjectNames()

    /// The kinds of event that it reads; others may be left out of the trace.
    public static let kinds: [TraceEvent.Kind] = [.lockQueued, .lockTaken, .lockReleased, .lockDowngraded, .woken]

    /// Reads the events of `lock` from the trace of `machine`, up to now. Prints tasks by their names.
    public init(of lock: LockName, in machine: Machine) {
        self.init(of: lock, in: machine.trace, until: machine.clock)
        names = machine.names
    }

    /// Reads the events of `lock` from `trace`; spans that last longer are cut at `end`.
    public init(of lock: LockName, in trace: [TraceEvent], until end: UInt64) {
        var open: [(task: TaskID, state: State, mode: LockMode, begin: UInt64)] = []
        var spans: [Span] = []
        func close(_ task: TaskID, at time: UInt64, _ state: State? = nil) {
            guard let place = open.firstIndex(where: { $0.task == task && (state == nil || $0.state == state) }) else {
                return
            }
            let span = open.remove(at: place)
            spans.append(Span(task: task, state: span.state, mode: span.mode, begin: span.begin, end: time))
        }
        for event in trace where event.time <= end {
            // A task that is woken and still waits was woken by a signal: a grant comes before the wake-up.
            if event.kind == .woken { close(event.task, at: event.time, .waits) }
            switch event.detail {
            case .lockQueued(lock, let mode): open.append((event.task, .waits, mode, event.time))
            case .lockTaken(lock, let mode):
                close(event.task, at: event.time)
                open.append((event.task, .holds, mode, event.time))
            case .lockReleased(lock, _), .lockDowngraded(lock): close(event.task, at: event.time)
            default: break
            }
        }
        for task in open.map(\.task) { close(task, at: end) }
        self.lock = lock
        self.spans = spans
        self.end = end
    }

    /// The tasks in the timeline, by number.
    public var tasks: [TaskID] {
        var found: [TaskID] = []
        for span in spans where !found.contains(span.task) { found.append(span.task) }
        return found.sorted { $0.index < $1.index }
    }

    /// How long `task` was in `state` in total.
    public func duration(_ state: State, of task: TaskID) -> UInt64 {
        spans.filter { $0.task == task && $0.state == state }.reduce(0) { $0 + ($1.end - $1.begin) }
    }

    /// The longest time that `task` was in `state` without a break.
    public func longest(_ state: State, of task: TaskID) -> UInt64 {
        spans.filter { $0.task == task && $0.state == state }.map { $0.end - $0.begin }.max() ?? 0
    }
}
