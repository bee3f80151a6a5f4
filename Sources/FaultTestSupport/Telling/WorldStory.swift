/// What has happened in a world, as expectations that read as sentences: waits, and what is left at the end.
///
///     let story = world.story { $0.run() }
///     #expect(story.nobodyWaited(longerThan: .milliseconds(5)))
///     #expect(story.chain(of: monitor, mapper, reader))
///
/// Each expectation is a `Bool`, asked of the story in the expression itself: so a failing `#expect` prints the story,
/// with who waited for whom, beside the expectation that did not hold. Times are virtual.
///
/// What is said of waits holds only if they were recorded (``isRecorded``): without a record every expectation about waits
/// is false, those that nobody waited too, and the story says why.
public struct WorldStory: Sendable {
    /// The world at the end of the story.
    public let world: World
    /// Everything that was recorded; empty if nothing was.
    public let timeline: Timeline
    /// Whether waits were recorded: `World.story(_:)` does, or `World.recordsTimeline` set before the run.
    public let isRecorded: Bool

    init(_ world: World) {
        self.world = world
        timeline = world.timeline()
        isRecorded = world.recordsTimeline
    }

    // MARK: Waits

    /// Whether nobody slept.
    public var nobodySlept: Bool { isRecorded && timeline.waits.isEmpty }

    /// Whether nobody slept at a stretch for longer than `limit` of virtual time. A wait that lasts counts up to now.
    public func nobodyWaited(longerThan limit: Duration) -> Bool {
        isRecorded && timeline.waits.allSatisfy { Self.duration(of: $0) <= limit }
    }

    /// Whether nobody slept at a stretch for longer than `limit` of virtual time, for something of this kind.
    public func nobodyWaited(longerThan limit: Duration, for awaited: Awaited) -> Bool {
        isRecorded && timeline.waits.allSatisfy { Awaited($0.cause) != awaited || Self.duration(of: $0) <= limit }
    }

    /// Whether nobody slept while holding the mmap lock of its own memory, for reading or writing.
    public var nobodySleptHoldingTheMmapLock: Bool { isRecorded && timeline.waits.allSatisfy { $0.mmapHeld == nil } }

    /// Whether `task` waited behind `other`: found it there when it fell asleep, or was woken by it.
    ///
    /// - Parameters:
    ///   - task: Who waited.
    ///   - other: For whom.
    ///   - awaited: For what kind of thing; `nil` for any.
    public func waited(_ task: TaskID, behind other: TaskID, for awaited: Awaited? = nil) -> Bool {
        isRecorded
            && timeline.waits.contains { wait in
                wait.task == task && (wait.behind == other || wait.blocker == other)
                    && (awaited == nil || Awaited(wait.cause) == awaited)
            }
    }

    /// Whether the first of these tasks waited because of the second, which waited meanwhile because of the third, and so
    /// on: the chain of a wait of the first begins so.
    public func chain(of tasks: TaskID...) -> Bool {
        isRecorded
            && timeline.waits.indices.contains { wait in
                timeline.waits[wait].task == tasks.first
                    && timeline.chain(from: wait).map(\.task).starts(with: tasks)
            }
    }

    /// Whether a wait of `task` came down to I/O that `other` had submitted.
    public func waited(_ task: TaskID, forReadsOf other: TaskID) -> Bool {
        isRecorded
            && timeline.waits.indices.contains { wait in
                guard timeline.waits[wait].task == task, case .io(_, let owner) = timeline.root(of: wait) else {
                    return false
                }
                return owner == other
            }
    }

    private static func duration(of wait: Timeline.Wait) -> Duration {
        let (seconds, rest) = wait.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return .seconds(Int64(seconds)) + .nanoseconds(Int64(rest))
    }

    // MARK: The end

    /// Whether every operation has ended.
    public var everybodyIsDone: Bool { (0..<world.machine.taskCount).allSatisfy { !world.machine.isBusy(TaskID($0)) } }

    /// Whether no law is broken.
    public var allLawsHold: Bool { world.machine.violations.isEmpty }
}

extension WorldStory: CustomStringConvertible {
    /// What became of each task, who waited for whom and how long, and broken laws: on less than a screen.
    public var description: String {
        var screen = ScreenText("\(world.machine.model) at \(world.clock) ns")
        screen.add(world.machine.violations.map(\.summary), atLeast: 3, of: "broken laws")
        screen.add(
            (0..<world.machine.taskCount).map { task in
                let report = world.report(TaskID(task))
                let ended = report.isGone ? ", has ended" : ""
                return world.machine.named(
                    "\(TaskID(task)): \(report.operation): \(report.outcome)\(ended)", for: TaskID(task))
            }, atLeast: 8, of: "tasks")
        screen.add(TaskStory.lines(of: timeline.waits, in: timeline, isRecorded), atLeast: 8, of: "waits")
        return screen.text
    }
}
