/// A block device: its kind, which requests it holds, and what it remembers.
struct DeviceState: Sendable {
    /// The number of its ``BlockDevice``.
    var operations: UInt16
    /// Whether reads are held until released.
    var holdsReads = false
    /// Whether writes are held until released.
    var holdsWrites = false
    /// Whether readahead fails at once.
    var refusesReadahead = false
    /// What its ``BlockDevice`` remembers of it.
    var state: StateBytes
}
