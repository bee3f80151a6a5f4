/// The story of a task's last operation, as expectations that read like sentences.
///
///     let story = world.story(of: reader)
///     #expect(story.retriedOnce)
///     #expect(story.counts(minor: 0, major: 1))
///     #expect(story.neverSleptHoldingTheMmapLock)
///
/// Each expectation is a `Bool`. Use the story inside the `#expect` expression; then a failure prints the story, with
/// counts, attempts and waits, next to the expectation that failed.
///
/// Results, counts and attempts are those of the task's last operation. Waits are all recorded waits of the task. They
/// need `World.recordsTimeline`, set before the run, or `World.story(_:)`. Without a record every expectation about
/// waits is false, also "it never slept", and the story says why.
public struct TaskStory: Sendable {
    /// The task.
    public let task: TaskID
    /// The report of its last operation.
    public let report: OperationReport
    /// Its recorded sleeps, in the order in which they ended.
    public let waits: [Timeline.Wait]
    /// Whether its sleeps were recorded.
    public let isRecorded: Bool
    /// The locks that it holds now.
    public let heldLocks: [HeldLock]
    let whole: WorldStory

    init(_ task: TaskID, in whole: WorldStory) {
        self.task = task
        self.whole = whole
        report = whole.world.report(of: task)
        waits = whole.timeline.waits.filter { $0.task == task }
        isRecorded = whole.isRecorded
        heldLocks = whole.world.machine.heldLocks(of: task)
    }

    // MARK: Results

    /// Whether its operation has ended without an error and without a signal.
    public var succeeded: Bool { report.succeeded }

    /// Whether its call failed with `errno`.
    public func failed(with errno: Errno) -> Bool { report.errno == errno }

    /// Whether `signal` ended its operation.
    public func ended(by signal: TaskSignal) -> Bool { report.signal == signal }

    /// How many of its attempts returned `RETRY`.
    public var retries: Int { count(.retry) }

    /// Whether exactly one of its attempts returned `RETRY`.
    public var retriedOnce: Bool { retries == 1 }

    /// Whether none of its attempts returned `RETRY`.
    public var neverRetried: Bool { retries == 0 }

    /// Whether one of its attempts returned `COMPLETED`: the fault was finished, with the lock released.
    public var completed: Bool { count(.completed) > 0 }

    private func count(_ result: FaultResult) -> Int {
        report.results.reduce(0) { $0 + ($1.result.contains(result) ? $1.count : 0) }
    }

    // MARK: Counts

    /// Whether its operation counted one major fault and no minor one.
    public var wasMajorOnce: Bool { counts(minor: 0, major: 1) }

    /// Whether its operation counted one minor fault and no major one.
    public var wasMinorOnce: Bool { counts(minor: 1, major: 0) }

    /// Whether its operation counted exactly these numbers; a count that is left out may be any number.
    ///
    /// - Parameters:
    ///   - minor: Faults that needed no device: `min_flt`.
    ///   - major: Faults that waited for a device, or were retried: `maj_flt`.
    ///   - exceptions: Page-fault exceptions, including those in kernel mode.
    ///   - attempts: Runs of `handle_mm_fault()`.
    ///   - pgfault: Its share of the machine's `pgfault`.
    ///   - copies: Runs of `wp_page_copy()`.
    public func counts(
        minor: Int? = nil, major: Int? = nil, exceptions: Int? = nil, attempts: Int? = nil, pgfault: Int? = nil,
        copies: Int? = nil
    ) -> Bool {
        func agree(_ expected: Int?, _ counted: Int) -> Bool { expected == nil || expected == counted }
        let counters = report.counters
        return agree(minor, counters.minorFaults) && agree(major, counters.majorFaults)
            && agree(exceptions, counters.exceptions) && agree(attempts, counters.attempts)
            && agree(pgfault, counters.pgfault) && agree(copies, counters.pageCopies)
    }

    // MARK: Waits

    /// Whether it never slept.
    public var neverSlept: Bool { isRecorded && waits.isEmpty }

    /// Whether it never slept while holding the mmap lock of its own memory, for reading or writing.
    public var neverSleptHoldingTheMmapLock: Bool { isRecorded && waits.allSatisfy { $0.mmapHeld == nil } }

    /// Whether it waited for something of this kind.
    public func waited(for awaited: Awaited) -> Bool { isRecorded && waits.contains { Awaited($0.cause) == awaited } }

    /// Whether it waited behind `other`: `other` was in its way when it fell asleep, or woke it.
    ///
    /// - Parameters:
    ///   - other: The task that it waited behind.
    ///   - awaited: The kind of thing that it waited for; `nil` for any.
    public func waited(behind other: TaskID, for awaited: Awaited? = nil) -> Bool {
        whole.waited(task, behind: other, for: awaited)
    }

    /// Whether all its sleeps together lasted at most `limit`, in virtual time.
    public func waited(inAllAtMost limit: Duration) -> Bool { isRecorded && waitedInAll <= limit }

    /// The sum of its recorded sleeps, in virtual time.
    public var waitedInAll: Duration {
        let (seconds, rest) = waits.reduce(0) { $0 + $1.nanoseconds }.quotientAndRemainder(dividingBy: 1_000_000_000)
        return .seconds(Int64(seconds)) + .nanoseconds(Int64(rest))
    }

    /// Whether it holds no lock now.
    public var holdsNothing: Bool { heldLocks.isEmpty }
}

extension TaskStory: CustomStringConvertible {
    /// The operation and how it ended, what it counted, its attempts, and its waits: on less than a screen.
    public var description: String {
        let machine = whole.world.machine
        let lines = "\(report)".split(separator: "\n").map(String.init)
        var screen = ScreenText(machine.named("\(task): ", for: task) + (lines.first ?? ""))
        screen.add(Array(lines.dropFirst()), atLeast: 8, of: "lines")
        if !heldLocks.isEmpty {
            screen.add(
                [machine.named("holds " + heldLocks.map(\.description).joined(separator: ", "), for: task)], atLeast: 1,
                of: "locks")
        }
        screen.add(Self.lines(of: waits, in: whole.timeline, isRecorded), atLeast: 8, of: "waits")
        return screen.text
    }

    /// One line of text for each wait.
    static func lines(of waits: [Timeline.Wait], in timeline: Timeline, _ isRecorded: Bool) -> [String] {
        guard isRecorded else {
            return ["waits are not recorded: set recordsTimeline before the run, or run in story { }"]
        }
        if waits.isEmpty { return ["no task slept"] }
        return waits.map { timeline.text($0) + ($0.wakeUp == .stillWaiting ? ", still" : "") }
    }
}
