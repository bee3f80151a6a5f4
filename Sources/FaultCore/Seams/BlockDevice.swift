/// A block device: decides when it takes a request and when the request is done, in virtual time. Models the request
/// queue below `submit_bio()`.
///
/// A conforming type is plain data, the same in every fork of a machine. What it must remember, such as the position of
/// its head, is kept in the machine, for each device: its ``State``.
public protocol BlockDevice: BitwiseCopyable, Sendable {
    /// What it remembers of a device: at most 16 bytes.
    associatedtype State: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// When `request`, submitted at `now`, will be done; its data is available from then on.
    ///
    /// Not called for requests of a kind that is held: those are done when they are released.
    func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64

    /// The time until which the submitter has to sleep: throttling at submission. At or before `now`, there is no
    /// sleep.
    func throttle(_ request: IORequest, now: UInt64, _ state: inout State) -> UInt64

    // What the engine calls. Do not implement these: their default implementations call the above.

    /// Calls ``completion(of:now:_:)-swift.method``.
    func completion(of request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64

    /// Calls ``throttle(_:now:_:)-swift.method``.
    func throttle(_ request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64
}

extension BlockDevice {
    /// Calls the device's own function, with its state.
    @inlinable
    public func completion(of request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64 {
        bytes.withState(State.self) { completion(of: request, now: now, &$0) }
    }

    /// Calls the device's own function, with its state.
    @inlinable
    public func throttle(_ request: IORequest, now: UInt64, _ bytes: inout StateBytes) -> UInt64 {
        bytes.withState(State.self) { throttle(request, now: now, &$0) }
    }
}

extension BlockDevice {
    /// By default, never throttles.
    public func throttle(_ request: IORequest, now: UInt64, _ state: inout State) -> UInt64 { now }
}
