/// Letting requests that a device holds be finished, in an order that somebody else chooses.
extension Machine {
    /// From now on nothing is held on a device; what it holds can be finished, but has not been.
    ///
    /// The explorer's ``release(_:)``: the order in which requests are finished is left to choose.
    public mutating func letGo(_ device: DeviceID) {
        let place = index(of: device, "Machine.letGo")
        noteWrite(.device(device))
        devices[place].holdsReads = false
        devices[place].holdsWrites = false
        for index in scheduler.requests.indices where scheduler.requests[index].device == device {
            scheduler.requests[index].completes = min(scheduler.requests[index].completes, clock)
        }
        scheduler.requests.sort { ($0.completes, $0.id.rawValue) < ($1.completes, $1.id.rawValue) }
    }
}
