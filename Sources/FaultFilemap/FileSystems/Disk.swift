public import FaultCore

/// A disk that takes any number of requests at once and is done with each after a fixed time.
///
/// Requests overlap, so that they end in the order in which they were submitted, reads and writes each by themselves.
/// Nothing is random. Times are virtual nanoseconds; all 0 makes a disk that is done as soon as the machine looks.
public struct Disk: BlockDevice {
    /// How long a read takes, whatever its size.
    public var readLatencyNanoseconds: UInt64
    /// How long a write takes, whatever its size.
    public var writeLatencyNanoseconds: UInt64
    /// How long the submitter sleeps after each submission, as for a free tag of a busy queue; 0 for not at all.
    public var throttleNanoseconds: UInt64

    /// Makes a disk; by default a quick solid-state one, 100 µs for either kind of request.
    public init(
        readLatencyNanoseconds: UInt64 = 100_000, writeLatencyNanoseconds: UInt64 = 100_000,
        throttleNanoseconds: UInt64 = 0
    ) {
        self.readLatencyNanoseconds = readLatencyNanoseconds
        self.writeLatencyNanoseconds = writeLatencyNanoseconds
        self.throttleNanoseconds = throttleNanoseconds
    }

    /// Makes a disk that takes the same time for reads and writes.
    public init(latencyNanoseconds: UInt64) {
        self.init(readLatencyNanoseconds: latencyNanoseconds, writeLatencyNanoseconds: latencyNanoseconds)
    }

    /// Its name.
    public var name: StaticName { StaticName("disk") }

    /// After the latency of its kind.
    public func completion(of request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        now &+ (request.isRead ? readLatencyNanoseconds : writeLatencyNanoseconds)
    }

    /// ``throttleNanoseconds`` from now.
    public func throttle(_ request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        now &+ throttleNanoseconds
    }
}
