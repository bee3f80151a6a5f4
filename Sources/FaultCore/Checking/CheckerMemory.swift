/// What the laws about events have to remember. It belongs to the observer: no fingerprint contains it, and no stage
/// reads it.
struct CheckerMemory: Sendable {
    /// What a task's exception has done so far.
    struct Exception: BitwiseCopyable, Sendable {
        /// Whether the entry is running.
        var isUnderWay = false
        /// The page.
        var page = PageNumber(0)
        /// The access.
        var access: UInt64 = 0
        /// How often `handle_mm_fault()` has run.
        var attempts = 0
        /// How often it was counted.
        var counted = 0
        /// How often it should have been counted.
        var expectedCounts = 0
        /// How often the fault lock was dropped.
        var drops = 0
        /// The result of the last attempt.
        var result: FaultResult = []
        /// Whether the mmap lock was taken again after the last attempt.
        var lookedAgain = false
        /// Whether an attempt had `TRIED`.
        var wasTried = false
        /// Whether the last attempt had `RETRY_NOWAIT`, so that the exception may end with its `RETRY`.
        var neverWaits = false
        /// Whether an attempt was guarded by an area lock, so that one more attempt is allowed.
        var hadAreaLock = false
        /// ``CheckerMemory/interference`` when the exception began.
        var interference: UInt64 = 0
        /// The structure of memory when the exception began.
        var structure: UInt64 = 0
        /// How many page-table nodes there were when the exception began.
        var nodes = 0
        /// The number of the map's last change of areas when the exception began.
        var areas: UInt32 = 0
        /// Whether the access may fault again at once, although the last fault has ended well.
        var mayFaultAgain = false
        /// Whether the access is refused as soon as its page is mapped, so that one more fault follows then.
        var isRefusedOnceMapped = false
        /// Whether the fault lock may be dropped and the fault tried again any number of times.
        var dropsFreely = false
        /// Whether the exception has ended well, so that the access must succeed now.
        var endedWell = false
    }

    /// The state that a task's attempt found when it began.
    struct Attempt: BitwiseCopyable, Sendable {
        /// Whether it is under way.
        var isUnderWay = false
        /// `pgmajfault` of the task.
        var majorEvents = 0
        /// ``CheckerMemory/interference``.
        var interference: UInt64 = 0
        /// Whether the entry already suited the access.
        var isSpurious = false
        /// Whether the fault lock may be dropped although an earlier attempt may have dropped it.
        var dropsFreely = false
    }

    /// A task in the queue of a lock, in the order of arrival.
    struct Arrival: BitwiseCopyable, Sendable {
        var lock: LockName
        var task: TaskID
        var mode: LockMode
    }

    /// `pgfault` when checking began.
    var pgfault = 0
    /// Attempts since then, and those of them that did not end in `RETRY`.
    var attempts = 0
    var finishedAttempts = 0
    /// Raised whenever a stage belongs to another task than the stage before.
    var interference: UInt64 = 0
    /// The task of the last stage.
    var lastTask: TaskID = .none
    /// The exception of each task.
    var exceptionOf: [Exception] = []
    var attemptOf: [Attempt] = []
    /// The tasks that wait for locks, in the order of arrival.
    var arrivals: [Arrival] = []
    /// The reader at the head of a queue that was granted the lock last; later readers are granted it, too.
    var batch: LockName = .none
    /// The task that turns a write lock into a read lock.
    var downgrading: TaskID = .none
    /// Readahead marks of the current submission. A submission is made within a stage, so between stages there are
    /// none.
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
