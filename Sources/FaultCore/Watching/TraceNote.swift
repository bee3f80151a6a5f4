/// What an event leaves out and a timeline needs: the page, the request, the operation, and which task woke which.
///
/// Notes are kept in addition to ``Machine/trace`` while ``Machine/recordsTimeline`` is on. They are not events, so the
/// trace is the same with and without them.
package struct TraceNote: BitwiseCopyable, Sendable {
    /// The content of a note.
    package enum Content: BitwiseCopyable, Sendable {
        /// The record begins; what is under way follows.
        case beginning
        /// A task gets a processor, by its number.
        case tookProcessor(TaskID, Int)
        /// A task could continue to run, but another gets its processor.
        case lostProcessor(TaskID)
        /// A task of this map begins an operation.
        case began(TaskID, TaskOperation, MapID)
        /// The operation of a task ends, when the cost of its last stage has passed.
        case ends(TaskID, at: UInt64)
        /// A task falls asleep for this. If it waits for a page that another task has locked, `owner` is that task.
        case slept(TaskID, WaitLink.Cause, owner: TaskID)
        /// A task is woken: by a stage of another task, or by the end of a request. It is by neither if a time has
        /// come, or if a test woke the task.
        case woken(TaskID, by: TaskID, request: RequestID?)
        /// A request is handed to its device.
        case submitted(IORequest)
        /// A device has finished a request.
        case completed(RequestID)
        /// A task reads the area of this map that begins at this page, under its own lock.
        case readsArea(TaskID, MapID, PageNumber)
        /// A task that holds the mmap lock of this map for writing locks an area for writing, for as long as it holds
        /// the mmap lock.
        case writesArea(TaskID, MapID, PageNumber, pages: Int)
        /// A task already holds this lock when the record begins.
        case held(TaskID, LockName, LockMode)
    }

    /// How many events of the trace came before the note.
    package let position: Int
    /// The time, in virtual nanoseconds.
    package let time: UInt64
    /// The content.
    package let content: Content

    /// Makes a note.
    package init(position: Int, time: UInt64, content: Content) {
        self.position = position
        self.time = time
        self.content = content
    }
}

extension TraceNote: CustomStringConvertible {
    /// The note, such as `120: task 0 falls asleep for I/O on page 9 of file 0`.
    public var description: String { "\(time): \(content)" }
}

extension TraceNote.Content: CustomStringConvertible {
    /// The content, such as `task 0 falls asleep for I/O on page 9 of file 0`.
    public var description: String {
        switch self {
        case .beginning: return "the record begins"
        case .tookProcessor(let task, let number): return "\(task) gets processor \(number)"
        case .lostProcessor(let task): return "\(task) loses its processor"
        case .began(let task, let operation, _): return "\(task) begins to \(operation)"
        case .ends(let task, let time): return "\(task) ends its operation at \(time) ns"
        case .slept(let task, let cause, let owner):
            return "\(task) falls asleep for \(cause)" + (owner == .none ? "" : ", of \(owner)")
        case .woken(let task, let waker, let request):
            if let request { return "\(task) is woken by \(request)" }
            return waker == .none ? "\(task) is woken" : "\(task) is woken by \(waker)"
        case .submitted(let request): return FieldText.cut("\(request)")
        case .completed(let request): return "\(request) is done"
        case .readsArea(let task, let map, let page): return "\(task) reads the area at \(page) of \(map)"
        case .writesArea(let task, let map, let page, let pages):
            return "\(task) writes the area of \(FieldText.count(pages, "page")) at \(page) of \(map)"
        case .held(let task, let lock, let mode): return "\(task) holds the \(lock) (\(mode))"
        }
    }
}

/// Recording what a timeline needs.
extension Machine {
    /// Whether everything is kept that a timeline shows: all events in ``trace``, and what was under way. Off by default.
    /// When it is turned on, what is under way is noted.
    public var recordsTimeline: Bool {
        get { recorder.recordsTimeline }
        set {
            guard newValue != recorder.recordsTimeline else { return }
            recorder.recordsTimeline = newValue
            recorder.isTracing = newValue
            guard newValue else { return }
            recorder.tracedKinds = .max
            noteBeginning()
        }
    }

    /// The notes kept in addition to ``trace``, in order; ``takeTrace()`` forgets them, too.
    package var traceNotes: [TraceNote] { recorder.notes }

    /// Keeps a note, if a timeline is recorded.
    @inline(__always)
    mutating func note(_ content: TraceNote.Content) {
        if recorder.recordsTimeline { keepNote(content) }
    }

    @inline(never)
    private mutating func keepNote(_ content: TraceNote.Content) {
        recorder.keep(TraceNote(position: recorder.trace.count, time: clock, content: content))
    }

    /// Notes what is under way.
    private mutating func noteBeginning() {
        keepNote(.beginning)
        for task in tasks.indices {
            let state = tasks[task]
            if state.hasOperation { keepNote(.began(state.id, state.operation, state.map)) }
            for held in heldLocks(of: state.id) { keepNote(.held(state.id, held.lock, held.mode)) }
            if state.status == .sleeping { noteSleep(of: state) }
        }
        for map in maps {
            for reader in map.areaLocks.readers { keepNote(.readsArea(reader.task, map.id, reader.area)) }
        }
        for request in scheduler.requests { keepNote(.submitted(request)) }
        for (number, processor) in scheduler.processors.enumerated() where processor.task != .none {
            keepNote(.tookProcessor(processor.task, number))
        }
    }

    /// Notes what a task sleeps for.
    @inline(never)
    mutating func noteSleep(of task: TaskState) {
        let owner = task.wait.kind == .folio ? lockOwner(of: task.wait.frame) : nil
        keepNote(.slept(task.id, cause(ofSleep: task), owner: owner ?? .none))
    }

    /// Notes what wakes a task.
    @inline(never)
    mutating func noteWaker(of task: TaskID) {
        let request = recorder.completing
        keepNote(.woken(task, by: request == nil ? scheduler.current : .none, request: request))
    }
}
