/// The story of a world, as expectations that read like sentences: about waits, and about the end.
///
///     let story = world.story { $0.run() }
///     #expect(story.nobodyWaited(longerThan: .milliseconds(5)))
///     #expect(story.chain(of: monitor, mapper, reader))
///
/// Each expectation is a `Bool`. Use the story inside the `#expect` expression; then a failure prints the story, with
/// the waits of each task, next to the expectation that failed. Times are virtual.
///
/// Expectations about waits need a record (``isRecorded``). Without a record each of them is false, even
/// ``nobodySlept``, and the story says why.
public struct WorldStory: Sendable {
    /// The world at the end of the story.
    public let world: World
    /// Everything that was recorded; empty if nothing was.
    public let timeline: Timeline
    /// Whether waits were recorded, with `World.story(_:)` or with `World.recordsTimeline` set before the run.
    public let isRecorded: Bool

    init(_ world: World) {
        self.world = world
        timeline = world.timeline()
        isRecorded = world.recordsTimeline
    }

    // MARK: Waits

    /// Whether no task slept.
    public var nobodySlept: Bool { isRecorded && timeline.waits.isEmpty }

    /// Whether no single sleep lasted longer than `limit` of virtual time. A wait that has not ended counts up to now.
    public func nobodyWaited(longerThan limit: Duration) -> Bool {
        isRecorded && timeline.waits.allSatisfy { Self.duration(of: $0) <= limit }
    }

    /// Whether no single sleep for something of this kind lasted longer than `limit` of virtual time.
    public func nobodyWaited(longerThan limit: Duration, for awaited: Awaited) -> Bool {
        isRecorded && timeline.waits.allSatisfy { Awaited($0.cause) != awaited || Self.duration(of: $0) <= limit }
    }

    /// Whether no task slept while holding the mmap lock of its own memory, for reading or writing.
    public var nobodySleptHoldingTheMmapLock: Bool { isRecorded && timeline.waits.allSatisfy { $0.mmapHeld == nil } }

    /// Whether `task` waited behind `other`: `other` was in its way when it fell asleep, or woke it.
    ///
    /// - Parameters:
    ///   - task: The task that waited.
    ///   - other: The task that it waited behind.
    ///   - awaited: The kind of thing that it waited for; `nil` for any.
    public func waited(_ task: TaskID, behind other: TaskID, for awaited: Awaited? = nil) -> Bool {
        isRecorded
            && timeline.waits.contains { wait in
                wait.task == task && (wait.behind == other || wait.blocker == other)
                    && (awaited == nil || Awaited(wait.cause) == awaited)
            }
    }

    /// Whether the first of these tasks waited because of the second, while the second waited because of the third, and
    /// so on. The chain of one of the first task's waits has to begin with these tasks.
    public func chain(of tasks: TaskID...) -> Bool {
        isRecorded
            && timeline.waits.indices.contains { wait in
                timeline.waits[wait].task == tasks.first
                    && timeline.chain(from: wait).map(\.task).starts(with: tasks)
            }
    }

    /// Whether the final cause of a wait of `task` was I/O that `other` had submitted.
    public func waited(_ task: TaskID, forIOOf other: TaskID) -> Bool {
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
    /// How each task's operation ended, which task waited for which and how long, and broken laws: on less than a
    /// screen.
    public var description: String {
        var screen = ScreenText("\(world.machine.model) at \(world.clock) ns")
        screen.add(world.machine.violations.map(\.summary), atLeast: 3, of: "broken laws")
        screen.add(
            (0..<world.machine.taskCount).map { task in
                let report = world.report(of: TaskID(task))
                let ended = report.isGone ? ", has ended" : ""
                return world.machine.named(
                    "\(TaskID(task)): \(report.operation): \(report.outcome)\(ended)", for: TaskID(task))
            }, atLeast: 8, of: "tasks")
        screen.add(TaskStory.lines(of: timeline.waits, in: timeline, isRecorded), atLeast: 8, of: "waits")
        return screen.text
    }
}
