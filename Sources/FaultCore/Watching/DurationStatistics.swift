/// Statistics of how long something lasted, in virtual nanoseconds.
public struct DurationStatistics: Equatable, Sendable {
    /// How many times.
    public private(set) var count = 0
    /// The sum.
    public private(set) var total: UInt64 = 0
    /// The longest.
    public private(set) var maximum: UInt64 = 0

    /// Nothing measured.
    package init() {}

    @inline(__always)
    mutating func record(_ duration: UInt64) {
        count &+= 1
        if duration > 0 { recordLong(duration) }
    }

    /// Records this many durations of 0.
    @inline(__always)
    mutating func recordInstants(_ times: Int) { count &+= times }

    @inline(never)
    private mutating func recordLong(_ duration: UInt64) {
        total += duration
        maximum = max(maximum, duration)
    }
}
