public import FaultCore

/// A disk that serves any number of requests in parallel, each in a fixed time.
///
/// Requests overlap. So reads end in the order in which they were submitted, and so do writes. Nothing is random. Times
/// are virtual nanoseconds. A disk with all times 0 finishes each request as soon as the machine looks.
public struct Disk: BlockDevice {
    /// How long a read takes, whatever its size.
    public var readLatencyNanoseconds: UInt64
    /// How long a write takes, whatever its size.
    public var writeLatencyNanoseconds: UInt64
    /// How long the submitter sleeps after each submission, as if it waited for a free tag of a busy queue; 0 for no
    /// sleep.
    public var throttleNanoseconds: UInt64

    /// Makes a disk; by default a fast solid-state disk, with 100 µs for either kind of request.
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

    /// The time after the latency of the request's kind.
    public func completion(of request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        now &+ (request.isRead ? readLatencyNanoseconds : writeLatencyNanoseconds)
    }

    /// The time ``throttleNanoseconds`` from now.
    public func throttle(_ request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        now &+ throttleNanoseconds
    }
}
