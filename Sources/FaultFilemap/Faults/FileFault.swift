import FaultCore

/// `filemap_fault()` (mm/filemap.c, Linux 6.1): finds the page of a fault in the page cache, or reads it.
///
///     checkSize ─▶ findFolio ─▶ [WindowRead ─▶] ─┬─[found]─▶ checkUptodate ─▶ [invalidateTaken ─▶] lockFolio ◀─┐
///                  [missing, or marked]          └─[missing]─▶ retryFind ─▶ findOrCreate ─────────────────────┤
///     lockFolio ─▶ [folioWoken ─▶] checkFolio ─▶ LOCKED                                     │
///                                      │  └─[truncated]─▶ retryFind                         │
///                                      └─[not uptodate]─▶ readPage ─▶ waitForPage ─▶ pageWasRead ─▶ retryFind
///
/// Before each wait it drops the fault lock, if this attempt may do so. An attempt that has dropped the lock ends in
/// `RETRY`, even if it found the page. On entry the fault lock is held for reading. The folio is referenced from where
/// it is found, and locked by the task in `checkFolio` and `readPage`.
enum FileFault: Routine {
    enum Stage: UInt8, RoutineStage {
        case checkSize
        case findFolio
        case checkUptodate
        case invalidateTaken
        case retryFind  // retry_find:
        case findOrCreate
        case lockFolio
        case folioWoken
        case checkFolio
        case readPage  // page_not_uptodate:
        case waitForPage
        case pageWasRead
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
            if machine.model.missRecheck == .inLockedAreas, isMappedByNow(fault, &machine) { return .done(.noPage) }
            let window = findFolio(countsMiss: true, &fault, &machine)
            let next: Stage = fault.folio == .none ? .retryFind : .checkUptodate
            guard let window else { return .next(next) }
            return .call(machine.readingAhead(window, of: fault.file), then: next)

        case .checkUptodate:
            if machine.flags(of: fault.folio).contains(.uptodate) { return .next(.lockFolio) }
            return .call(machine.taking(.invalidate(fault.file), .read), then: .invalidateTaken)

        case .invalidateTaken:
            fault.invalidateLocked = true
            return .next(.lockFolio)

        case .retryFind:
            if fault.invalidateLocked { return .next(.findOrCreate) }
            return .call(machine.taking(.invalidate(fault.file), .read), then: .findOrCreate)

        case .findOrCreate:
            fault.invalidateLocked = true
            if machine.cachedFolio(at: fault.index, of: fault.file) == nil, machine.mustReclaim(for: fault.task) {
                return .call(machine.reclaiming, then: .findOrCreate)
            }
            let found =
                (mistaken(.pageMadeTwice) ? nil : machine.cachedFolio(at: fault.index, of: fault.file))
                // The page is created empty and unlocked, so the lock stage handles both cases in the same way.
                ?? machine.addToCache(of: fault.file, at: fault.index, flags: [], point: .cachePage, for: fault.task)
            guard let folio = found else {
                if fault.lockDropped { return retry(&fault, &machine) }
                return fail(.oom, &fault, &machine)
            }
            machine.give(folio, to: &fault)
            return .next(.lockFolio)

        case .lockFolio:
            // lock_folio_maybe_drop_mmap()
            if machine.tryLock(fault.folio, by: fault.task) { return .next(.checkFolio) }
            if fault.flags.contains(.retryNoWait) { return retry(&fault, &machine) }
            machine.dropFaultLock(of: &fault, for: .folioLock)
            return waitForFolio(fault, machine)

        case .folioWoken:
            if resumed.wasInterrupted {
                // Only RETRY makes the entry look for the signal, and RETRY means that the lock is released.
                if !fault.lockDropped, !mistaken(.killedPageWaitKeepsLock) { machine.releaseFaultLock(of: &fault) }
                return retry(&fault, &machine)
            }
            guard machine.tryLock(fault.folio, by: fault.task) else { return waitForFolio(fault, machine) }
            return .next(.checkFolio)

        case .checkFolio:
            fault.folioLocked = true
            return checkFolio(&fault, &machine)

        case .readPage:
            machine.dropFaultLock(of: &fault, for: .pageRead)
            return readPage(then: .waitForPage, &fault, &machine)

        case .waitForPage:
            return .sleep(singlePageWait(fault, machine), then: .pageWasRead)

        case .pageWasRead:
            let well = wasRead(resumed, fault, &machine)
            // An error must not be returned with the lock released.
            if fault.lockDropped { return retry(&fault, &machine) }
            return pageWasRead(well: well, retryFind: .retryFind, &fault, &machine)
        }
    }

    /// `filemap_fault_recheck_pte_none()`: a locked page must not be read again because its file's page was evicted.
    private static func isMappedByNow(_ fault: VMFault, _ machine: inout Machine) -> Bool {
        guard machine.cachedFolio(at: fault.index, of: fault.file) == nil else { return false }
        return machine.area(of: fault).flags.contains(.locked) && fault.flags.contains(.originalEntryValid)
            && !machine.entry(of: fault.page, in: fault.map).isNone
    }

    /// Continues with a locked folio: to `page_not_uptodate:`, to `out_retry:`, or to the end.
    private static func checkFolio(_ fault: inout VMFault, _ machine: inout Machine) -> RoutineStep<Stage, FaultResult>
    {
        guard keepsFolio(&fault, &machine) else { return .next(.retryFind) }
        guard machine.flags(of: fault.folio).contains(.uptodate) else {
            if fault.invalidateLocked || !machine.hasInvalidateLocks { return .next(.readPage) }
            machine.releaseFolio(of: &fault)
            return .next(.retryFind)
        }
        // The page is fine, but the area may be gone, so it has to be looked up again.
        if fault.lockDropped, !mistaken(.mapsWithoutLock) { return retry(&fault, &machine) }
        releaseInvalidateLock(of: &fault, &machine)
        guard fault.index.value < machine.pages(of: fault.file) else { return fail(.sigbus, &fault, &machine) }
        return .done(fault.result.union(.locked))
    }

    /// The wait of `lock_folio_maybe_drop_mmap()`.
    private static func waitForFolio(_ fault: VMFault, _ machine: Machine) -> RoutineStep<Stage, FaultResult> {
        .sleep(.folioLock(fault.folio, machine.model.pageWait(of: fault)), then: .folioWoken)
    }
}

// MARK: - What it reads and holds

extension FileFault {
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        let file = view.fault.file
        switch stage {
        case .checkSize: return [.file(file)]
        case .findFolio: return planning(view)
        case .checkUptodate: return view.page(view.fault.folio)
        case .invalidateTaken, .retryFind: return []
        case .findOrCreate, .checkFolio, .pageWasRead: return ending(view)
        case .lockFolio, .folioWoken:
            // A free page is locked, and that is all.
            let isFree = stage == .lockFolio && !view.machine.flags(of: view.fault.folio).contains(.locked)
            return isFree ? view.page(view.fault.folio) : ending(view).union(view.droppingFaultLock)
        case .readPage: return ending(view).union(view.droppingFaultLock, submitting(view))
        case .waitForPage: return view.page(view.fault.folio)
        }
    }

    static func holds(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Holdings {
        let isTaken = stage == .invalidateTaken || stage == .findOrCreate
        return .lock(.invalidate(view.fault.file), .read, if: isTaken || view.fault.invalidateLocked)
    }

    /// The footprint of a stage that looks up the page, plans readahead, and may drop the fault lock for it.
    static func planning(_ view: StageView) -> Footprint {
        let fault = view.fault
        let found = view.cached(fault.index, of: fault.file).union(
            [.areas(fault.map), .file(fault.file)], view.entry(fault.page, in: fault.map))
        if plansNothing(view) { return found }
        let reads = found.union(view.droppingFaultLock)
        return looksAround(view) ? reads.union(view.cache(of: fault.file)) : reads
    }

    /// Whether nothing is read ahead, whatever else is cached: readahead is off, or the page has no mark.
    private static func plansNothing(_ view: StageView) -> Bool {
        let machine = view.machine
        if machine[readaheadOf: view.fault.file].maximum == 0 { return true }
        guard let folio = machine.cachedFolio(at: view.fault.index, of: view.fault.file) else { return false }
        return !machine.flags(of: folio).contains(.readahead)
    }

    /// Whether the plan depends on which other pages are cached. A window around a missing page does not.
    private static func looksAround(_ view: StageView) -> Bool {
        view.areaOfFault.flags.contains(.sequentialRead) || followsLastFault(view.fault, view.machine)
            || view.machine.cachedFolio(at: view.fault.index, of: view.fault.file) != nil
    }

    /// The footprint of a stage that submits a read of the page of the fault.
    static func submitting(_ view: StageView) -> Footprint {
        let file = view.fault.file
        return view.submitting(of: file).union([.file(file)], view.cached(view.fault.index, of: file))
    }

    /// The footprint of a stage that checks the page and may end the attempt. It then releases the page, the invalidate
    /// lock and the pin.
    static func ending(_ view: StageView) -> Footprint {
        let fault = view.fault
        return view.page(fault.folio).union(
            view.page(fault.keptFolio), view.cached(fault.index, of: fault.file), [.file(fault.file)],
            view.pins(of: fault.file), fault.invalidateLocked ? view.releasing(.invalidate(fault.file)) : [])
    }
}
