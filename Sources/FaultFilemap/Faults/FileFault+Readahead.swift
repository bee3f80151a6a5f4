import FaultCore

/// Readahead for faults on mapped files (mm/filemap.c, Linux 6.1).
extension FileFault {
    /// `MMAP_LOTSAMISS`: if misses exceed hits by this number, the fault no longer reads around the missing page.
    private static var manyMisses: Int { 100 }

    /// The page is missing: `do_sync_mmap_readahead()`. Drops the fault lock if something is to be read.
    static func planSynchronous(_ fault: inout VMFault, _ machine: inout Machine) -> ReadaheadWindow? {
        let advice = machine.area(of: fault).flags
        var state = machine[readaheadOf: fault.file]
        let isCode = advice.contains(.execute) && machine.model.codeReadahead == .fromPage
        if state.maximum == 0 || (advice.contains(.randomRead) && !isCode) { return nil }
        if advice.contains(.sequentialRead) || followsLastFault(fault, machine) {
            machine.dropFaultLock(of: &fault, for: .readSubmission)
            return Readahead.planSynchronous(fault.file, at: fault.index, requested: state.maximum, &machine)
        }
        // Early kernels count without a limit. That makes a difference only after more than 1,000 misses, followed by
        // 900 hits.
        if state.mmapMiss < manyMisses * 10 || machine.model.mmapReadahead == .aroundUnmarked {
            state.mmapMiss += 1
            machine[readaheadOf: fault.file] = state
        }
        // Counted before it is compared: the miss after the hundredth is the first without read-around.
        if state.mmapMiss > manyMisses { return nil }
        // The area is looked up while the fault lock still protects it.
        let end = isCode ? machine.area(of: fault).fileIndex(of: machine.area(of: fault).end) : fault.index
        machine.dropFaultLock(of: &fault, for: .readSubmission)
        if isCode { return Readahead.planCode(fault.file, at: fault.index, end: end, &machine) }
        return Readahead.planAround(fault.file, at: fault.index, &machine)
    }

    /// The page is cached: `do_async_mmap_readahead()`. Drops the fault lock if the page has the readahead mark, even
    /// if nothing is left to read.
    static func planAsynchronous(_ fault: inout VMFault, _ machine: inout Machine) -> ReadaheadWindow? {
        var state = machine[readaheadOf: fault.file]
        if state.maximum == 0 || machine.area(of: fault).flags.contains(.randomRead) { return nil }
        let repays =
            machine.model.lockedPageHit == .counts || !machine.flags(of: fault.folio).contains(.locked)
        if state.mmapMiss > 0, repays {
            state.mmapMiss -= 1
            machine[readaheadOf: fault.file] = state
        }
        guard machine.flags(of: fault.folio).contains(.readahead) else { return nil }
        machine.dropFaultLock(of: &fault, for: .readSubmission)
        return Readahead.planAsynchronous(
            fault.file, marked: fault.folio, at: fault.index, requested: state.maximum, &machine)
    }
}
