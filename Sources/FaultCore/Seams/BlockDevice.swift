/// A block device: when it takes a request and when it has done it, in virtual time. Models the request queue below
/// `submit_bio()`.
///
/// A conforming type is plain data, the same in every fork of a machine. What it must remember, such as where its head is,
/// lives in the machine, by device: its ``State``.
public protocol BlockDevice: BitwiseCopyable, Sendable {
    /// What it remembers of a device: at most 16 bytes.
    associatedtype State: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// When `request`, submitted `now`, will be done; its data is there from then on.
    ///
    /// Not asked for requests of a kind that is held: those are done when they are released.
    func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64

    /// Until when the submitter has to sleep before it goes on: throttling at submission. At or before `now`: not.
    func throttle(_ request: IORequest, now: UInt64, _ state: inout State) -> UInt64

    // What the engine asks. Do not implement these: they follow from the above.

    /// As ``completion(of:now:_:)-swift.method``.
    func completion(of request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64

    /// As ``throttle(_:now:_:)-swift.method``.
    func throttle(_ request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64
}

extension BlockDevice {
    /// Asks the device, with its state.
    @inlinable
    public func completion(of request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64 {
        bytes.withState(State.self) { completion(of: request, now: now, &$0) }
    }

    /// Asks the device, with its state.
    @inlinable
    public func throttle(_ request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64 {
        bytes.withState(State.self) { throttle(request, now: now, &$0) }
    }
}

extension BlockDevice {
    /// Never throttles.
    public func throttle(_ request: IORequest, now: UInt64, _ state: inout State) -> UInt64 { now }
}
