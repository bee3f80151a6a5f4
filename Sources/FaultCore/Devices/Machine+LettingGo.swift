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
        let now = clock
        scheduler.requests.updateAll { if $0.device == device { $0.completes = min($0.completes, now) } }
    }
}
