/// One sleep of a task, from begin to end.
public struct WaitSpan: Equatable, Sendable {
    /// The sleep as it was when it began: the task, what it waited for, behind which tasks, and how it held the mmap
    /// lock.
    public let link: WaitLink
    /// When it ended, in virtual nanoseconds; `nil` if it has not ended.
    public internal(set) var end: UInt64?

    /// The task that sleeps.
    public var task: TaskID { link.task }
    /// What it sleeps for.
    public var cause: WaitCause { WaitCause(link.cause) }
    /// When it began.
    public var begin: UInt64 { link.since }

    /// How long it lasted; up to `now` if it has not ended.
    public func duration(now: UInt64) -> UInt64 { max(begin, end ?? now) - begin }
}
