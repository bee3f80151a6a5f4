import FaultCore

/// `filemap_fault()` of Josef Bacik's third version, October 2018 (patches 2 to 5): every read drops the fault lock,
/// and the page of an attempt that is retried is kept for the next.
///
///     checkSize ─▶ [lockKept ─▶ keptLocked ─▶] findFolio ─▶ [WindowRead ─▶] submitted ─┬─▶ lockFolio ─▶ checkFolio
///                        │                                                               └─▶ retryFind ─▶ noCachedPage
///                        └─[still ours]─▶ haveFolio ─▶ LOCKED
///     dropped the lock ─▶ retryWait ─▶ retryWoken ─▶ RETRY
///
/// A missing page is not looked up after its read was submitted, so the attempt neither waits for it nor keeps it. The
/// attempt ends immediately. The second one may not drop the lock, and sleeps for the page with the lock held. So the
/// submission no longer happens under the lock. But the wait does, for the first time since 2010.
enum FileFault2018: Routine {
    enum Stage: UInt8, RoutineStage {
        case checkSize
        case lockKept
        case keptLocked
        case findFolio
        case submitted
        case retryFind  // retry_find:
        case noCachedPage  // no_cached_page:
        case pageSubmitted
        case lockFolio
        case locked
        case checkFolio
        case haveFolio  // have_cached_page:
        case readPage  // page_not_uptodate:
        case waitForPage
        case pageWasRead
        case retryWait  // out_retry_wait:
        case retryWoken
    }

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        switch stage {
        case .checkSize:
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            return .next(fault.keptFolio == .none ? .findFolio : .lockKept)

        case .lockKept:
            return .call(machine.locking(fault.keptFolio, machine.model.pageWait(of: fault)), then: .keptLocked)

        case .keptLocked:
            guard resumed.errno == nil else { return killed(&fault, &machine) }
            machine.takeKeptFolio(of: &fault)
            fault.folioLocked = true
            guard FileFault.keepsFolio(&fault, &machine) else { return .next(.findFolio) }
            fault.flags.insert(.usedCached)
            return .next(.haveFolio)

        case .findFolio:
            guard let window = FileFault.findFolio(countsMiss: true, &fault, &machine) else { return .next(.submitted) }
            return .call(machine.readingAhead(window, of: fault.file), then: .submitted)

        case .submitted:
            if fault.lockDropped { return .next(.retryWait) }
            return .next(fault.folio == .none ? .retryFind : .lockFolio)

        case .retryFind:
            guard let folio = machine.cachedFolio(at: fault.index, of: fault.file) else { return .next(.noCachedPage) }
            machine.give(folio, to: &fault)
            return .next(.lockFolio)

        case .noCachedPage:
            machine.dropFaultLock(of: &fault, for: .pageRead)
            if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .noCachedPage) }
            FileFault.readAlone(fault, &machine)
            if !fault.lockDropped, machine.cachedFolio(at: fault.index, of: fault.file) == nil {
                return FileFault.fail(.oom, &fault, &machine)
            }
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .pageSubmitted) }
            return .next(.pageSubmitted)

        case .pageSubmitted:
            // If someone has removed the page in the meantime, it is read again.
            return fault.lockDropped ? retry(&fault, &machine) : .next(.retryFind)

        case .lockFolio:
            if machine.tryLock(fault.folio, by: fault.task) { return .next(.checkFolio) }
            if fault.flags.isFirstAttempt {
                if fault.flags.contains(.retryNoWait) { return retry(&fault, &machine) }
                if machine.dropFaultLock(of: &fault, for: .folioLock) { return .next(.retryWait) }
            }
            return .call(machine.locking(fault.folio, machine.model.pageWait(of: fault)), then: .locked)

        case .locked:
            return resumed.errno == nil ? .next(.checkFolio) : killed(&fault, &machine)

        case .checkFolio:
            fault.folioLocked = true
            guard FileFault.keepsFolio(&fault, &machine) else { return .next(.retryFind) }
            return .next(.haveFolio)

        case .haveFolio:
            guard machine.flags(of: fault.folio).contains(.uptodate) else {
                fault.flags.remove(.usedCached)
                return .next(.readPage)
            }
            guard fault.index.value < machine.pages(of: fault.file) else {
                return FileFault.fail(.sigbus, &fault, &machine)
            }
            return .done(fault.result.union(.locked))

        case .readPage:
            machine.dropFaultLock(of: &fault, for: .pageRead)
            return FileFault.readPage(then: .waitForPage, &fault, &machine)

        case .waitForPage:
            return .sleep(FileFault.singlePageWait(fault, machine), then: .pageWasRead)

        case .pageWasRead:
            if fault.lockDropped { return retry(&fault, &machine) }
            let well = FileFault.wasRead(resumed, fault, &machine)
            return FileFault.pageWasRead(well: well, retryFind: .retryFind, &fault, &machine)

        case .retryWait:
            guard fault.folio != .none else { return retry(&fault, &machine) }
            return .sleep(.folioUnlock(fault.folio, machine.model.pageWait(of: fault)), then: .retryWoken)

        case .retryWoken:
            return retry(&fault, &machine)
        }
    }

    /// Only RETRY makes the entry look for the signal, and RETRY means that the lock is released.
    private static func killed(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult> {
        machine.releaseFaultLock(of: &fault)
        return retry(&fault, &machine)
    }

    /// `out_retry:`; keeps the page if there is one.
    private static func retry(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult> {
        machine.keepFolio(of: &fault)
        machine.unpinFile(of: &fault)
        return .done(fault.result.union(.retry))
    }
}

// MARK: - What it reads

extension FileFault2018 {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        switch stage {
        case .checkSize: [.file(view.fault.file)]
        case .lockKept, .submitted: []
        case .findFolio: FileFault.planning(view)
        case .noCachedPage, .readPage:
            FileFault.ending(view).union(view.droppingFaultLock, FileFault.submitting(view))
        case .keptLocked, .lockFolio, .locked: FileFault.ending(view).union(view.droppingFaultLock)
        case .retryFind, .pageSubmitted, .checkFolio, .haveFolio, .waitForPage, .pageWasRead, .retryWait, .retryWoken:
            FileFault.ending(view)
        }
    }
}
