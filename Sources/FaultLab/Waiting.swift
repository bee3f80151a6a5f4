/// The waits of some tasks for something.
public struct Waiting: Equatable, Sendable {
    /// The number of waits.
    public internal(set) var times = 0
    /// The sum, in nanoseconds.
    public internal(set) var total: UInt64 = 0
    /// The longest, in nanoseconds.
    public internal(set) var longest: UInt64 = 0
    /// The part of the sum during which the tasks that they waited behind slept for their own I/O, in nanoseconds.
    public internal(set) var behindIO: UInt64 = 0
}
