/// Which task runs where, which requests devices have under way, and which failures are injected.
@usableFromInline
struct Scheduler: Sendable {
    /// A processor.
    struct Processor: BitwiseCopyable, Sendable {
        /// The task that has it.
        var task: TaskID = .none
    }

    /// The processors.
    var processors: [Processor]
    /// The tasks that can run and have no processor, in the order of waking.
    var runQueue = RunQueue()
    /// Requests that devices have under way, by time of completion, then by id.
    var requests = RequestQueue()
    /// The number of the next request.
    var nextRequest: UInt64 = 1
    /// How many tasks have an operation under way.
    var busyTasks = 0
    /// How many tasks sleep until a time.
    var timers = 0
    /// Which tasks sleep for what, on a machine with many tasks. Follows from the tasks.
    var sleepers: Shared<SleeperIndex>?
    /// How many tasks spin: see ``TaskWait/Kind/spin``.
    var spinners = 0
    /// Counts sleeps, so that the first to sleep is the first to be woken.
    var nextSleep: UInt64 = 0
    /// The time until which the submitter of the last request has to sleep.
    var submissionThrottle: UInt64 = 0
    /// Time that the stage under way has cost in addition to its own price.
    var extraCost: UInt64 = 0
    /// The task whose stage is under way.
    @usableFromInline
    var current: TaskID = .none
    /// The memory map of that task, so that its stages need not look it up; none if it has none.
    @usableFromInline
    var currentMap: MapID = .none
    /// The mmap lock that the task whose stage is under way holds, if it took it in ``Machine/runsAtOnce(_:_:_:by:_:)``.
    var instantHold = InstantHold()
    /// Whether a driver chooses each next stage, so that no task is in a queue or on a processor.
    private(set) var isDriven = false
    /// What the stage under way has looked at of other tasks.
    var tasksLookedAt = TasksLookedAt()
    /// Pages that are locked by tasks.
    var pageLocks: [PageLock] = []
    /// Injected allocation failures.
    var failures: [InjectedFailure] = []

    init(processors count: Int) {
        processors = [Processor](repeating: Processor(), count: max(1, count))
    }

    /// Puts a task that can run at the end of the queue.
    @inline(__always)
    mutating func enqueue(_ task: TaskID) {
        if !isDriven { runQueue.append(task) }
    }

    /// Makes a driver choose each next stage from now on.
    mutating func drive() {
        isDriven = true
        runQueue = RunQueue()
        for index in processors.indices { processors[index].task = .none }
    }

    /// Schedules the runnable tasks again from now on, in this order.
    mutating func stopDriving(_ runnable: [TaskID]) {
        isDriven = false
        runQueue = RunQueue(runnable)
    }

    /// Whether an allocation at `point` fails now; a failure happens once.
    @inline(__always)
    mutating func takeFailure(_ point: AllocationPoint) -> Bool {
        failures.isEmpty ? false : takeInjectedFailure(point)
    }

    @inline(never)
    private mutating func takeInjectedFailure(_ point: AllocationPoint) -> Bool {
        guard let next = failures.firstIndex(where: { $0.point == point }) else { return false }
        if failures[next].skipping > 0 {
            failures[next].skipping -= 1
            return false
        }
        failures.remove(at: next)
        return true
    }
}
