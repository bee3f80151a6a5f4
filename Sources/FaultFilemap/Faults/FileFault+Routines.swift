import FaultCore

/// The routines of other kernels, and what they share with ``FileFault``.
extension FileFault {
    /// How the read of a single page is waited for.
    static func singlePageWait(_ fault: VMFault, _ machine: Machine) -> Wait {
        switch machine.model.singlePageWait {
        case .killable: .folioUnlock(fault.folio, .killable)  // whatever the flags say
        case .uninterruptible: .folioUnlock(fault.folio, .uninterruptible)
        }
    }

    /// Notes which page was faulted on last, where readahead looks at that: `ra->prev_pos`.
    static func noteFault(_ fault: VMFault, _ machine: inout Machine) {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return }
        machine[readaheadOf: fault.file].previousPosition = Int64(fault.index.value << Int(machine.geometry.pageShift))
    }

    /// Whether a missing page is read as with sequential advice, because the fault before was on the page before.
    static func followsLastFault(_ fault: VMFault, _ machine: Machine) -> Bool {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return false }
        let last = machine[readaheadOf: fault.file].previousPosition >> Int64(machine.geometry.pageShift)
        return Int64(fault.index.value) - 1 == last
    }
}
