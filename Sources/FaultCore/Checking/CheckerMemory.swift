/// What the laws about events have to remember. It belongs to the observer: no fingerprint sees it, no stage reads it.
struct CheckerMemory: Sendable {
    /// What a task's exception has done so far.
    struct Exception: BitwiseCopyable, Sendable {
        /// Whether the entry is at work.
        var isUnderWay = false
        /// The page.
        var page = PageNumber(0)
        /// What was tried.
        var access: UInt64 = 0
        /// Runs of `handle_mm_fault()`.
        var attempts = 0
        /// How often it was counted.
        var counted = 0
        /// How often it should have been.
        var expectedCounts = 0
        /// How often the fault lock was dropped.
        var drops = 0
        /// What the last attempt answered.
        var result: FaultResult = []
        /// Whether the mmap lock was taken again after the last attempt.
        var lookedAgain = false
        /// Whether an attempt had `TRIED`.
        var wasTried = false
        /// Whether the last attempt had `RETRY_NOWAIT`, so that its `RETRY` may be the last word.
        var neverWaits = false
        /// Whether an attempt was guarded by an area's own lock, so that one more is in order.
        var hadAreaLock = false
        /// ``CheckerMemory/interference`` when it began.
        var interference: UInt64 = 0
        /// The structure of memory when it began.
        var structure: UInt64 = 0
        /// How many page-table nodes there were when it began.
        var nodes = 0
        /// The number of the map's last change of areas when it began.
        var areas: UInt32 = 0
        /// Whether the access may fault again at once, although the last fault has ended well.
        var mayFaultAgain = false
        /// Whether the fault lock may be dropped and the fault tried again any number of times.
        var dropsFreely = false
        /// Whether it has ended well, so that the access must succeed now.
        var endedWell = false
    }

    /// What a task's attempt found when it began.
    struct Attempt: BitwiseCopyable, Sendable {
        /// Whether it is under way.
        var isUnderWay = false
        /// `pgmajfault` of the task.
        var majorEvents = 0
        /// ``CheckerMemory/interference``.
        var interference: UInt64 = 0
        /// Whether the entry suited the access already.
        var isSpurious = false
        /// Whether the fault lock may be dropped whatever was tried before.
        var dropsFreely = false
    }

    /// A task in the queue of a lock, in the order of arrival.
    struct Arrival: BitwiseCopyable, Sendable {
        var lock: LockName
        var task: TaskID
        var mode: LockMode
    }

    /// `pgfault` when the checking began.
    var pgfault = 0
    /// Attempts since then, and those of them that have ended otherwise than in `RETRY`.
    var attempts = 0
    var finishedAttempts = 0
    /// Raised whenever another task than before takes a stage.
    var interference: UInt64 = 0
    /// Who took the last stage.
    var lastTask: TaskID = .none
    /// By task.
    var exceptionOf: [Exception] = []
    var attemptOf: [Attempt] = []
    /// Who waits for locks, the first to arrive first.
    var arrivals: [Arrival] = []
    /// The reader at the head of a queue that was granted last, whose grant takes later readers along.
    var batch: LockName = .none
    /// Who turns a write lock into a read lock.
    var downgrading: TaskID = .none
    /// Readahead marks of the submission under way. A submission is made within a stage: between stages there are none.
    var marks = 0

    init(pgfault: Int = 0) { self.pgfault = pgfault }

    /// Makes room for a task.
    mutating func makeRoom(for task: TaskID) {
        while exceptionOf.count <= task.index {
            exceptionOf.append(Exception())
            attemptOf.append(Attempt())
        }
    }
}
