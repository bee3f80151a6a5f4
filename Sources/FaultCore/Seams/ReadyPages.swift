/// The result of ``FileCall/read(_:pages:)``: how many pages of the task's batch are ready to be copied.
@frozen
public struct ReadyPages: Equatable, BitwiseCopyable, Sendable {
    /// How many pages.
    public var count: Int
    /// Whether the file ended with them when its size was looked at, so that the read ends there, too.
    public var reachesEnd: Bool

    /// Makes a result of `count` pages.
    @inlinable
    public init(count: Int, reachesEnd: Bool) {
        self.count = count
        self.reachesEnd = reachesEnd
    }
}
