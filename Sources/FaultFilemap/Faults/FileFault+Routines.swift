import FaultCore

/// Parts that the `filemap_fault()` of all kernels have in common.
extension FileFault {
    /// Looks up the page, and plans which pages to read now. Drops the fault lock if ``planSynchronous(_:_:)`` or
    /// ``planAsynchronous(_:_:)`` does.
    ///
    /// - Parameter countsMiss: Whether a missing page makes the fault major.
    static func findFolio(
        countsMiss: Bool, _ fault: inout VMFault, _ machine: inout Machine
    ) -> ReadaheadWindow? {
        if let folio = machine.cachedFolio(at: fault.index, of: fault.file) {
            machine.give(folio, to: &fault)
            // A second attempt would count the page a second time, as kernels without TRIED did.
            return fault.flags.contains(.tried) ? nil : planAsynchronous(&fault, &machine)
        }
        if countsMiss { countMajor(&fault, &machine) }
        return planSynchronous(&fault, &machine)
    }

    /// The page is missing: the fault is major.
    static func countMajor(_ fault: inout VMFault, _ machine: inout Machine) {
        machine.countMajorFaultEvent(fault.task)
        fault.result.insert(.major)
    }

    /// `page_cache_read()`: reads the page of the fault alone, and does not wait for it.
    static func readAlone(_ fault: VMFault, _ machine: inout Machine) {
        let alone = ReadaheadWindow(start: fault.index, pages: 1, lookahead: 0)
        Readahead.read(alone, of: fault.file, by: fault.task, &machine)
    }

    /// Whether the locked folio still is the page of the file. If not, it is unlocked and released.
    static func keepsFolio(_ fault: inout VMFault, _ machine: inout Machine) -> Bool {
        if machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio || mistaken(.cutPageKept) { return true }
        machine.releaseFolio(of: &fault)  // truncated before we had its lock
        return false
    }

    /// The first half of `page_not_uptodate:`: submits the read of the folio alone. From then on the read owns the
    /// lock.
    static func readPage<Stage: RoutineStage>(
        then next: Stage, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        fault.folioLocked = false
        FileIO.readPage(fault.folio, of: fault.file, at: fault.index, by: fault.task, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: next) }
        return .next(next)
    }

    /// Whether the folio that was read alone is uptodate; that is unknown if a signal has ended the wait. An error
    /// makes readahead smaller: `shrink_readahead_size_eio()`.
    static func wasRead(_ resumed: Resumption, _ fault: VMFault, _ machine: inout Machine) -> Bool {
        if resumed.wasInterrupted { return false }
        if machine.flags(of: fault.folio).contains(.uptodate) || mistaken(.readErrorTakenForData) { return true }
        if !mistaken(.readErrorKeepsReadahead) { machine[readaheadOf: fault.file].maximum /= 4 }
        return false
    }

    /// The second half of `page_not_uptodate:`, with the fault lock held: looks up the page again, or fails if it could
    /// not be read.
    static func pageWasRead<Stage: RoutineStage>(
        well: Bool, retryFind: Stage, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        guard well else { return fail(.sigbus, &fault, &machine) }
        machine.dropFolio(of: &fault)
        return .next(retryFind)
    }

    /// `out_retry:`: releases everything and returns `RETRY`.
    static func retry<Stage: RoutineStage>(
        _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        if !mistaken(.retryKeepsPage) { machine.releaseFolio(of: &fault) }
        if !mistaken(.retryKeepsInvalidateLock) { releaseInvalidateLock(of: &fault, &machine) }
        machine.unpinFile(of: &fault)
        return .done(fault.result.union(.retry))
    }

    /// Ends with an error, without any other result bit.
    static func fail<Stage: RoutineStage>(
        _ error: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        machine.releaseFolio(of: &fault)
        releaseInvalidateLock(of: &fault, &machine)
        fault.result = []
        return .done(error)
    }

    /// Releases the invalidate lock, if the fault holds it.
    static func releaseInvalidateLock(of fault: inout VMFault, _ machine: inout Machine) {
        guard fault.invalidateLocked else { return }
        machine.unlock(.invalidate(fault.file), by: fault.task)
        fault.invalidateLocked = false
    }

    /// The wait for the read of a single page.
    static func singlePageWait(_ fault: VMFault, _ machine: Machine) -> TaskWait {
        switch machine.model.singlePageWait {
        case .killable: .folioUnlock(fault.folio, .killable)  // whatever the flags say
        case .uninterruptible: .folioUnlock(fault.folio, .uninterruptible)
        }
    }

    /// Notes the page of the last fault, if readahead uses it: `ra->prev_pos`.
    static func noteFault(_ fault: VMFault, _ machine: inout Machine) {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return }
        machine[readaheadOf: fault.file].previousPosition = Int64(fault.index.value << Int(machine.geometry.pageShift))
    }

    /// Whether a missing page is read as with sequential advice, because the previous fault was on the page before it.
    static func followsLastFault(_ fault: VMFault, _ machine: Machine) -> Bool {
        guard machine.model.mmapReadahead == .aroundUnmarked else { return false }
        let last = machine[readaheadOf: fault.file].previousPosition >> Int64(machine.geometry.pageShift)
        return Int64(fault.index.value) - 1 == last
    }
}
