/// A block device: when it takes a request and when it has done it, in virtual time. Models the request queue below
/// `submit_bio()`.
public protocol BlockDevice: BitwiseCopyable, Sendable {
    /// The name in traces and reports.
    var name: StaticName { get }

    /// When `request`, submitted `now`, will be done; its data is there from then on.
    ///
    /// Not asked for requests of a kind that is held: those are done when they are released.
    func completion(of request: IORequest, now: UInt64, _ words: inout DeviceWords) -> UInt64

    /// Until when the submitter has to sleep before it goes on: throttling at submission. At or before `now`: not.
    func throttle(_ request: IORequest, now: UInt64, _ words: inout DeviceWords) -> UInt64
}

extension BlockDevice {
    /// Never throttles.
    public func throttle(_ request: IORequest, now: UInt64, _ words: inout DeviceWords) -> UInt64 { now }
}
