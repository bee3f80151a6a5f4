/// A task: what it runs, what it waits for, what it holds. Models `task_struct`.
struct TaskState: Sendable {
    /// Whether the task can run.
    enum Status: UInt8, BitwiseCopyable, Sendable {
        /// No operation is under way, and its program has ended or it has none.
        case idle
        /// It can take a stage.
        case runnable
        /// It sleeps on ``TaskState/wait``.
        case sleeping
        /// It has ended.
        case exited
    }

    var id: TaskID
    /// Its memory map; none after exit, and for a kernel thread.
    var map: MapID
    var status: Status = .idle
    var wait: TaskWait = .none
    /// When it fell asleep.
    var sleepingSince: UInt64 = 0
    /// Its place in the order in which tasks fell asleep.
    var sleepOrder: UInt64 = 0
    var stack = ActivationStack()
    var fault = VMFault()
    var held: (HeldLock, HeldLock, HeldLock, HeldLock)
    var operation: TaskOperation = .exit
    var hasOperation = false
    var outcome = OperationOutcome()
    /// Signals sent and not yet acted on.
    var pendingSignals: PendingSignals = []
    /// The kind of program that it runs of ``Machine/programs``.
    var program: TaskPrograms.Kind = .none
    /// The next operation of its program.
    var programCounter: Int = 0
    /// What the program remembers.
    var programState = StateBytes()
    /// When its next stage may start.
    var readyAt: UInt64 = 0
    /// How long it has had its processor since it got it.
    var sliceUsed: UInt64 = 0
    /// How many pages it has dirtied since the last check whether it has to be throttled: `nr_dirtied`.
    var dirtiedPages: Int = 0
    /// What the architecture keeps of it.
    var archWords = ArchWords()
    /// How many pages of its folio batch, from the first on, are pinned, not only referenced; holes count.
    var pinsInBatch = 0
    /// Whether it was chosen to die because memory is short.
    var isOOMVictim = false
    /// When a victim's memory is taken away even if the victim has not ended. `.max` if never.
    var reapTime = UInt64.max
    /// Whether the OOM killer no longer waits for this victim to end, because its memory is gone or can't be taken:
    /// `MMF_OOM_SKIP`.
    var isPassedOver = false
    /// Whether it is in `handle_mm_fault()` on an area whose use counts: `in_lru_fault`. Kept only while there is a
    /// memory group.
    var isInFault = false
    private var lists: Shared<TaskLists>?

    // Records, which the fingerprint leaves out.
    var digest = TaskDigest()
    var counters = TaskCounters()
    var countersAtStart = TaskCounters()
    var signalDetail: SignalDetail?

    init(_ id: TaskID, map: MapID) {
        self.id = id
        self.map = map
        let free = HeldLock(.none, .read)
        held = (free, free, free, free)
    }
}

/// State that few tasks have. It is behind one reference, so that copying a task increments only one reference count.
private struct TaskLists: Sendable {
    var folioBatch: [FrameNumber] = []
    var aroundBatch: [FrameNumber] = []
    var attempts: [AttemptReport] = []
    var results: [ResultCount] = []
    var reports: [OperationReport] = []
    var reportsDropped = 0
    var errnoWhenKilled: Errno?
    var userfaultMessages: [UserfaultMessage] = []
    var userfaultEvents: [CausedUserfaultEvent] = []
}

extension Shared<TaskLists>? {
    /// The lists, for changing them.
    fileprivate var made: TaskLists {
        get { self?.value ?? TaskLists() }
        _modify {
            if self == nil { self = Shared(TaskLists()) }
            yield &self!.value
        }
    }
}

extension TaskState {
    /// Pages of a file or of memory that it works on; see ``Machine/folioBatch(of:)``.
    var folioBatch: [FrameNumber] {
        get { lists?.value.folioBatch ?? [] }
        _modify { yield &lists.made.folioBatch }
    }

    /// Adds a page to the batch, and returns its position.
    @inline(__always)
    mutating func pushToBatch(_ folio: FrameNumber, as kind: PinKind) -> Int {
        let position = lists?.value.folioBatch.count ?? 0
        if kind == .pin {
            guard pinsInBatch == position else {
                misuse("Machine.addToBatch: a pinned page comes after one that is not pinned")
            }
            pinsInBatch = position + 1
        }
        folioBatch.append(folio)
        return position
    }

    /// The pages around the page of its fault that a handler has found and locked: `vmf->pages` (2014).
    var aroundBatch: [FrameNumber] {
        get { lists?.value.aroundBatch ?? [] }
        _modify { yield &lists.made.aroundBatch }
    }

    /// The attempts of the operation that is under way or ended last. A record.
    var attempts: [AttemptReport] {
        get { lists?.value.attempts ?? [] }
        _modify { yield &lists.made.attempts }
    }

    /// Their results. A record.
    var results: [ResultCount] {
        get { lists?.value.results ?? [] }
        _modify { yield &lists.made.results }
    }

    /// The reports of the operations of its list or program that have ended, the last ones at least. A record.
    var reports: [OperationReport] { lists?.value.reports ?? [] }

    /// How many reports there were before those. A record.
    var reportsDropped: Int { lists?.value.reportsDropped ?? 0 }

    /// Keeps the report of the operation that has ended. Old ones are dropped in batches, which keeps the cost of each
    /// low.
    mutating func keep(_ report: OperationReport, atMost limit: Int) {
        lists.made.reports.append(report)
        let surplus = lists.made.reports.count - limit
        guard surplus >= limit else { return }
        lists.made.reports.removeFirst(surplus)
        lists.made.reportsDropped += surplus
    }

    /// Forgets the reports of the previous list or program.
    mutating func forgetReports() {
        guard lists != nil else { return }
        lists.made.reports = []
        lists.made.reportsDropped = 0
    }

    /// The error of the call in which the task was killed. A record.
    var errnoWhenKilled: Errno? { lists?.value.errnoWhenKilled }

    mutating func keep(errnoWhenKilled errno: Errno) { lists.made.errnoWhenKilled = errno }

    /// The messages that its last read from a descriptor got. A record.
    var userfaultMessages: [UserfaultMessage] {
        get { lists?.value.userfaultMessages ?? [] }
        _modify { yield &lists.made.userfaultMessages }
    }

    /// Events that it has caused and not waited for yet, in the order of waiting.
    var userfaultEvents: [CausedUserfaultEvent] {
        get { lists?.value.userfaultEvents ?? [] }
        _modify { yield &lists.made.userfaultEvents }
    }

    /// Forgets the attempts and results of the previous operation.
    mutating func forgetAttempts() {
        guard lists != nil else { return }
        attempts.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
    }
}

/// Signals that were sent to a task.
struct PendingSignals: OptionSet, BitwiseCopyable, Sendable {
    var rawValue: UInt8

    static var kill: Self { Self(rawValue: 1) }
    static var user1: Self { Self(rawValue: 2) }
}
