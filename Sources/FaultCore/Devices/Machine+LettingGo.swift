/// Releasing the requests that a device holds, to be finished in an order that a driver chooses.
extension Machine {
    /// Holds no requests on a device from now on. The requests that it holds can be finished, but are not finished yet.
    ///
    /// Explorers use it instead of ``release(_:)``: it leaves the order in which requests are finished open.
    public mutating func letGo(_ device: DeviceID) {
        let place = index(of: device, "Machine.letGo")
        noteWrite(.device(device))
        devices[place].holdsReads = false
        devices[place].holdsWrites = false
        let now = clock
        scheduler.requests.updateAll { if $0.device == device { $0.completes = min($0.completes, now) } }
    }
}
