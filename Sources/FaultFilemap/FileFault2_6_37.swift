import FaultCore

/// `filemap_fault()` of Linux 2.6.37 (mm/filemap.c after commit d065bd810b6d), which stayed so up to 5.0.
///
///     checkSize ─▶ findFolio ─▶ [readAhead ─▶ submitted ─▶] ─┬─[found]──────────────▶ lockFolio
///                                                            └─[missing]─▶ retryFind ──┘ │
///                                 noCachedPage ◀─[still missing]─┘                        │
///     lockFolio ─┬─▶ checkFolio ─▶ LOCKED                                                 ▼
///                ├─[drops the lock]─▶ woken ─▶ RETRY          readPage ◀─[not uptodate]─ checkFolio
///                └─[may not]─▶ locked ─▶ checkFolio
///
/// Reads are submitted with the fault lock held; only the wait for a locked page drops it, and then nothing is looked at but
/// that the page was unlocked. In Linux 2.6.36 that wait keeps the lock too: then this is its `filemap_fault()`.
///
/// On entry the fault lock is held for reading. The folio is referenced from where it is found, and locked by the task in
/// `checkFolio` and `readPage`.
enum FileFault2_6_37 {
    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case checkSize
        case findFolio
        case readAhead
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
    }

    /// Does one stage. The call's words 0 to 2 are the window that readahead is about to read, 3 says that room was made for
    /// it.
    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<Stage> {
        switch stage {
        case .checkSize:
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            return .next(.findFolio)

        case .findFolio:
            let window: ReadaheadWindow?
            if let folio = machine.cachedFolio(at: fault.index, of: fault.file) {
                machine.give(folio, to: &fault)
                window = fault.flags.contains(.tried) ? nil : FileFault.planAsynchronous(&fault, &machine)
            } else {
                window = FileFault.planSynchronous(&fault, &machine)
            }
            guard let window else { return .next(.submitted) }
            call.keep(window)
            return .next(.readAhead)

        case .readAhead:
            if call.words.3 == 0, machine.lacksRoom(forPages: call.window.pages) {
                call.words.3 = 1
                return .call(machine.makingRoom(forPages: call.window.pages), then: .readAhead)
            }
            Readahead.read(call.window, of: fault.file, by: fault.task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .submitted) }
            return .next(.submitted)

        case .submitted:
            if fault.folio != .none { return .next(.lockFolio) }
            machine.countMajorFaultEvent(fault.task)
            fault.result.insert(.major)
            return .next(.retryFind)

        case .retryFind:
            guard let folio = machine.cachedFolio(at: fault.index, of: fault.file) else { return .next(.noCachedPage) }
            machine.give(folio, to: &fault)
            return .next(.lockFolio)

        case .noCachedPage:
            // page_cache_read(): this page alone, not waited for.
            if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .noCachedPage) }
            let alone = ReadaheadWindow(start: fault.index, pages: 1, lookahead: 0)
            Readahead.read(alone, of: fault.file, by: fault.task, &machine)
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
                if fault.flags.contains(.retryNoWait) { return retry(&fault, &machine) }
                if machine.dropFaultLock(of: &fault, for: .folioLock) {
                    return .sleep(.folioUnlock(fault.folio, machine.model.pageWait(of: fault)), then: .woken)
                }
            }
            return .call(machine.locking(fault.folio, machine.model.pageWait(of: fault)), then: .locked)

        case .woken:
            return retry(&fault, &machine)  // whatever became of the page

        case .locked:
            if call.returned == 0 { return .next(.checkFolio) }
            // Only RETRY makes the entry look for the signal, and RETRY means that the lock is released.
            machine.releaseFaultLock(of: &fault)
            return retry(&fault, &machine)

        case .checkFolio:
            fault.folioLocked = true
            return checkFolio(&fault, &machine)

        case .readPage:
            fault.folioLocked = false  // the read has the lock now
            FileIO.readPage(fault.folio, of: fault.file, at: fault.index, by: fault.task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .waitForPage) }
            return .next(.waitForPage)

        case .waitForPage:
            return .sleep(FileFault.singlePageWait(fault, machine), then: .pageWasRead)

        case .pageWasRead:
            let isUptodate = machine.flags(of: fault.folio).contains(.uptodate) && !call.wasInterrupted
            if isUptodate {
                machine.dropFolio(of: &fault)
                return .next(.retryFind)
            }
            if !call.wasInterrupted { machine[readaheadOf: fault.file].maximum /= 4 }  // shrink_readahead_size_eio()
            return FileFault.fail(.sigbus, &fault, &machine)
        }
    }

    private static func checkFolio(_ fault: inout VMFault, _ machine: inout Machine) -> Step<Stage> {
        guard machine.cachedFolio(at: fault.index, of: fault.file) == fault.folio else {
            machine.releaseFolio(of: &fault)  // truncated before we had its lock
            return .next(.retryFind)
        }
        guard machine.flags(of: fault.folio).contains(.uptodate) else { return .next(.readPage) }
        guard fault.index.value < machine.pages(of: fault.file) else {
            return FileFault.fail(.sigbus, &fault, &machine)
        }
        FileFault.noteFault(fault, &machine)
        return .done(fault.result.union(.locked))
    }

    /// Gives the page up. The commit forgot to release it; the release of 2.6.37 does.
    static func retry<Stage>(_ fault: inout VMFault, _ machine: inout Machine) -> Step<Stage> {
        machine.releaseFolio(of: &fault)
        machine.unpinFile(of: &fault)
        return .done(fault.result.union(.retry))
    }
}
