import FaultCore

/// `filemap_fault()` of Linux 2.6.37 (mm/filemap.c after commit d065bd810b6d), unchanged up to 5.0.
///
///     checkSize ─▶ findFolio ─▶ [WindowRead ─▶] submitted ─┬─[found]──────────────▶ lockFolio
///                                                            └─[missing]─▶ retryFind ──┘ │
///                                 noCachedPage ◀─[still missing]─┘                        │
///     lockFolio ─┬─▶ checkFolio ─▶ LOCKED                                                 ▼
///                ├─[drops the lock]─▶ woken ─▶ RETRY          readPage ◀─[not uptodate]─ checkFolio
///                └─[may not]─▶ locked ─▶ checkFolio
///
/// Reads are submitted with the fault lock held. Only the wait for a locked page drops it; after that wait the fault
/// checks only that the page was unlocked. In Linux 2.6.36 that wait keeps the lock, too, and the rest of its
/// `filemap_fault()` is the same.
///
/// A page that the fault gives up is released. The commit forgot this; 2.6.37 as released does it.
///
/// On entry the fault lock is held for reading. The folio is referenced from where it is found, and locked by the task
/// in `checkFolio` and `readPage`.
enum FileFault2_6_37: Routine {
    enum Stage: UInt8, RoutineStage {
        case checkSize
        case findFolio
        case submitted
        case retryFind  // retry_find:
        case noCachedPage  // no_cached_page:
        case pageSubmitted
        case lockFolio  // lock_page_or_retry()
        case woken
        case locked
        case checkFolio
        case readPage  // page_not_uptodate:
        case waitForPage
        case pageWasRead
        case relocked  // only in 2006, see ``FileFaultSequence2006``
    }

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .checkSize:
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            return .next(.findFolio)

        case .findFolio:
            guard let window = FileFault.findFolio(countsMiss: false, &fault, &machine) else {
                return .next(.submitted)
            }
            return .call(machine.readingAhead(window, of: fault.file), then: .submitted)

        case .submitted:
            if fault.folio != .none { return .next(.lockFolio) }
            FileFault.countMajor(&fault, &machine)
            return .next(.retryFind)

        case .retryFind:
            guard let folio = machine.cachedFolio(at: fault.index, of: fault.file) else { return .next(.noCachedPage) }
            machine.give(folio, to: &fault)
            return .next(.lockFolio)

        case .noCachedPage:
            if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .noCachedPage) }
            FileFault.readAlone(fault, &machine)
            guard machine.cachedFolio(at: fault.index, of: fault.file) != nil else {
                return FileFault.fail(.oom, &fault, &machine)
            }
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .pageSubmitted) }
            return .next(.pageSubmitted)

        case .pageSubmitted:
            return .next(.retryFind)

        case .lockFolio:
            if machine.tryLock(fault.folio, by: fault.task) { return .next(.checkFolio) }
            if fault.flags.isFirstAttempt {
                if fault.flags.contains(.retryNoWait) { return FileFault.retry(&fault, &machine) }
                if machine.dropFaultLock(of: &fault, for: .folioLock) {
                    return .sleep(.folioUnlock(fault.folio, machine.model.pageWait(of: fault)), then: .woken)
                }
            }
            return .call(machine.locking(fault.folio, machine.model.pageWait(of: fault)), then: .locked)

        case .woken:
            return FileFault.retry(&fault, &machine)  // whatever happened to the page

        case .locked:
            if resumed.result() == Completion.done { return .next(.checkFolio) }
            // Only RETRY makes the entry look for the signal, and RETRY means that the lock is released.
            machine.releaseFaultLock(of: &fault)
            return FileFault.retry(&fault, &machine)

        case .checkFolio:
            fault.folioLocked = true
            return checkFolio(&fault, &machine)

        case .readPage:
            return FileFault.readPage(then: .waitForPage, &fault, &machine)

        case .waitForPage:
            return .sleep(FileFault.singlePageWait(fault, machine), then: .pageWasRead)

        case .pageWasRead:
            let well = FileFault.wasRead(resumed, fault, &machine)
            return FileFault.pageWasRead(well: well, retryFind: .retryFind, &fault, &machine)

        case .relocked:
            return FileFaultSequence2006.relocked(resumed, &fault, &machine)
        }
    }

    private static func checkFolio(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult>
    {
        guard FileFault.keepsFolio(&fault, &machine) else { return .next(.retryFind) }
        guard machine.flags(of: fault.folio).contains(.uptodate) else { return .next(.readPage) }
        guard fault.index.value < machine.pages(of: fault.file) else {
            return FileFault.fail(.sigbus, &fault, &machine)
        }
        FileFault.noteFault(fault, &machine)
        return .done(fault.result.union(.locked))
    }
}

// MARK: - What it reads

extension FileFault2_6_37 {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        switch stage {
        case .checkSize: [.file(view.fault.file)]
        case .findFolio: FileFault.planning(view)
        case .noCachedPage: FileFault.ending(view).union(FileFault.submitting(view))
        case .readPage: FileFault.ending(view).union(FileFault.submitting(view))
        case .lockFolio, .locked: FileFault.ending(view).union(view.droppingFaultLock)
        case .submitted, .pageSubmitted: []
        case .retryFind, .woken, .checkFolio, .waitForPage, .pageWasRead: FileFault.ending(view)
        case .relocked: FileFaultSequence2006.relockedReads(view)
        }
    }
}
