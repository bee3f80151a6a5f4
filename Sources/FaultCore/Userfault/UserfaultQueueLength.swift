/// How many faults wait for a descriptor, as in `/proc/PID/fdinfo`.
public struct UserfaultQueueLength: Equatable, BitwiseCopyable, Sendable {
    /// Faults that are not read yet.
    public let pending: Int
    /// All faults.
    public let total: Int

    /// Makes a queue length.
    @inlinable
    public init(pending: Int, total: Int) {
        self.pending = pending
        self.total = total
    }
}

extension UserfaultQueueLength: CustomStringConvertible {
    /// The counts, such as `1 of 2 unread`.
    public var description: String { "\(pending) of \(total) unread" }
}
