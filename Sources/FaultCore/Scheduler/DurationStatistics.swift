/// How long something lasted, over many times: in virtual nanoseconds.
public struct DurationStatistics: Equatable, Sendable {
    /// How many times.
    public private(set) var count = 0
    /// The sum.
    public private(set) var total: UInt64 = 0
    /// The longest.
    public private(set) var maximum: UInt64 = 0
    /// How often the length had so many binary digits: entry 0 counts lengths of 0, entry *n* those from 2^(n-1) on.
    /// Shorter than 64 where nothing longer was seen.
    public var histogram: [Int] { count == 0 ? [] : [count - long.reduce(0, +)] + long }

    private var long: [Int] = []

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
        let digits = 64 - duration.leadingZeroBitCount
        while long.count < digits { long.append(0) }
        long[digits - 1] += 1
    }
}
