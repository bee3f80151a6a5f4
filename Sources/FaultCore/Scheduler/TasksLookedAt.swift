/// What a stage has looked at of other tasks, in addition to what it declares to read. An explorer remembers what stages
/// do only if it knows what they depend on.
package struct TasksLookedAt: BitwiseCopyable, Equatable, Sendable {
    /// Tasks that it has woken, or found awake, a bit for each number. Which ones these are follows from what it declares.
    package private(set) var numbers: UInt64 = 0
    /// Whether it has looked for tasks that sleep for a cached page. ``StateLocation/cachedPage(_:_:)`` names these.
    package private(set) var hasSleepersOfPages = false
    /// Whether any other task may have made a difference.
    package private(set) var isEveryTask = false

    /// The largest number of a task that is told apart.
    private static let mostNumber = 63

    /// Nothing was looked at.
    package init() {}

    /// Whether it has looked at no other task.
    package var isEmpty: Bool { self == Self() }

    /// Adds one task.
    mutating func insert(_ task: TaskID) {
        if (0...Self.mostNumber).contains(task.index) { numbers |= 1 << UInt64(task.index) } else { insertEveryTask() }
    }

    /// Adds the tasks that sleep for a page.
    mutating func insertSleepers(of folio: PageFrame) {
        if folio.flags.contains(.cached) { hasSleepersOfPages = true } else { insertEveryTask() }
    }

    /// Adds all tasks.
    mutating func insertEveryTask() { isEveryTask = true }
}
