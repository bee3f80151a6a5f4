/// How long something lasted, over many times: in virtual nanoseconds.
public struct DurationStatistics: Equatable, Sendable {
    /// How many times.
    public private(set) var count = 0
    /// The sum.
    public private(set) var total: UInt64 = 0
    /// The longest.
    public private(set) var maximum: UInt64 = 0

    /// Nothing measured.
    public init() {}

    @inline(__always)
    mutating func record(_ duration: UInt64) {
        count &+= 1
        if duration > 0 { recordLong(duration) }
    }

    /// Records so many lengths of 0.
    @inline(__always)
    mutating func recordInstants(_ times: Int) { count &+= times }

    @inline(never)
    private mutating func recordLong(_ duration: UInt64) {
        total += duration
        maximum = max(maximum, duration)
    }
}

/// How long an mmap lock was held and waited for, by mode.
public struct LockStatistics: Equatable, Sendable {
    /// Waits for reading; an acquisition without a wait counts as a wait of 0.
    public internal(set) var readWaits = DurationStatistics()
    /// Waits for writing.
    public internal(set) var writeWaits = DurationStatistics()
    /// Times it was held for reading.
    public internal(set) var readHolds = DurationStatistics()
    /// Times it was held for writing.
    public internal(set) var writeHolds = DurationStatistics()

    /// Nothing measured.
    public init() {}
}
