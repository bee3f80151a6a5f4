/// `do_swap_page()` (mm/memory.c, Linux 6.1): the entry names a swap slot.
///
///     swapLookUp ─┬─[cached]─────────────────────────────────┐
///                 ├─[synchronous, used once]──▶ swapMap       │
///                 ├─[another reads it so]─────▶ swapRelaxed   │
///                 └─▶ readahead ─▶ [a sleep ─▶] swapLock ─┬───┴─▶ [swapLocked ─▶] swapMap ─▶ [do_wp_page()]
///                                                         └─▶ swapWoken ─▶ RETRY
///
/// Reads are submitted with the fault lock held, and count as major at that point. Up to Linux 6.5, a page that is read
/// alone is waited for on the spot, uninterruptibly. Otherwise only the wait for the page drops the lock, on a first
/// attempt. It then ends in `RETRY`, whatever happened to the page: the next attempt finds it in the swap cache.
///
/// Locks: as ``PageFault``. From `swapLookUp` on, the page is referenced; in `swapMap` it is locked. A slot that is
/// read past the swap cache is reserved until `swapMap` is over. A page that could not be read stays in the swap cache,
/// and is not read again.
enum SwapFault {
    /// Finds the page in the swap cache, or has it read.
    static func lookUp(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let slot = fault.originalEntry.frame.index
        guard let position = machine.position(of: fault) else { return PageFault.end([], &fault, &machine) }
        if let folio = machine.swapCachedFolio(of: slot) {
            machine.noteSwapCacheHit(folio, for: (fault.page, position, fault.map))
            machine.give(folio, to: &fault)
            return .next(.swapLock)
        }
        if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .swapRecheck) }
        guard machine.swapCount(of: slot) > 0 else { return PageFault.end([], &fault, &machine) }
        if machine.swap[slot].isReserved { return .sleep(machine.tick(for: slot), then: .swapRelaxed) }
        let area = machine.swap.areas[machine.swap.area(of: slot)]
        guard !area.isSynchronous || machine.swapCount(of: slot) != 1 else {
            guard let folio = machine.readSwapSynchronously(slot, for: &fault) else {
                return PageFault.end(.oom, &fault, &machine)
            }
            fault.folio = folio
            fault.bypassesSwapCache = true
            _ = machine.tryLock(folio, by: fault.task)
            countMajor(&fault, &machine)
            return .next(.swapMap)
        }
        let read = machine.readSwap(slot, for: fault.page, at: position, in: fault.map, by: fault.task)
        guard let folio = read.folio else { return PageFault.end(.oom, &fault, &machine) }
        machine.give(folio, to: &fault)
        countMajor(&fault, &machine)
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .swapLock) }
        if let request = read.request { return .sleep(.request(request), then: .swapLock) }
        return .next(.swapLock)
    }

    private static func countMajor(_ fault: inout VMFault, _ machine: inout Machine) {
        fault.result.insert(.major)
        machine.countMajorFaultEvent(fault.task)
    }

    /// Memory was freed, and other tasks may have run meanwhile: the entry may have changed.
    static func recheck(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        machine.entry(of: fault.page, in: fault.map) == fault.originalEntry
            ? .next(.swapLookUp) : PageFault.end([], &fault, &machine)
    }

    /// `folio_lock_or_retry()`.
    static func lock(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        if machine.tryLock(fault.folio, by: fault.task) { return .next(.swapMap) }
        let mode = machine.model.pageWait(of: fault)
        if fault.flags.isFirstAttempt {
            if fault.flags.contains(.retryNoWait) { return giveUp(fault.result.union(.retry), &fault, &machine) }
            if machine.dropFaultLock(of: &fault, for: .swapIn) {
                return .sleep(.folioUnlock(fault.folio, machine.model.pageWait(of: fault)), then: .swapWoken)
            }
        }
        return .call(machine.locking(fault.folio, mode), then: .swapLocked)
    }

    /// The lock was dropped for the wait; what woke the task makes no difference.
    static func woken(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        machine.unpinFile(of: &fault)
        return giveUp(fault.result.union(.retry), &fault, &machine)
    }

    /// The wait of an attempt that may not drop the lock is over.
    static func locked(
        _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> PageFault.Step {
        if resumed.result() == Completion.done { return .next(.swapMap) }
        if mistaken(.killedSwapWaitKeepsLock) { return giveUp(fault.result.union(.retry), &fault, &machine) }
        // Only RETRY makes the entry check for the signal, and RETRY means that the lock is released.
        machine.releaseFaultLock(of: &fault)
        return giveUp(fault.result.union(.retry), &fault, &machine)
    }

    /// The page is locked: maps it, if it is still the page of the entry, and the entry still the same.
    static func map(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        fault.folioLocked = true
        let folio = fault.folio
        let slot = fault.originalEntry.frame.index
        let isCached = !fault.bypassesSwapCache
        if isCached, machine.swapCachedFolio(of: slot) != folio { return giveUp(fault.result, &fault, &machine) }
        let leaf = machine.leafTable(fault.map, fault.page)
        guard leaf != 0,
            machine.tables.entry(leaf, fault.page) == fault.originalEntry || mistaken(.swapEntryUncompared)
        else { return giveUp(fault.result, &fault, &machine) }
        guard machine.flags(of: folio).contains(.uptodate) || mistaken(.unreadSwapMapped) else {
            return giveUp(.sigbus, &fault, &machine)
        }

        let area = machine.area(of: fault)
        if isCached, fault.isWrite { machine.drainOwnBatches(for: folio) }
        var isExclusive = isExclusive(slot, folio, isCached: isCached, fault, machine)
        machine.clearSwapEntry(fault.originalEntry, at: fault.page, in: fault.map, leaf: leaf)
        machine.freeSwap(slot: slot)
        if isCached, mayFreeSlot(folio, area, fault, machine) { machine.freeSwap(of: folio) }
        if machine.references(of: folio) == 1 { isExclusive = true }  // no other task can know of it

        let isProtected = fault.originalEntry.bits.contains(.userfaultProtected)
        let isHandedOver =
            isProtected && area.flags.contains(.userfaultProtect) && machine.model.protectedSwapIn == .isHandedOver
        let isWrite = fault.isWrite && isExclusive && !isHandedOver
        var bits = machine.entryBits(of: area, forWrite: isWrite)
        if isExclusive, area.flags.contains(.write), machine.model.swapInMapping == .asAreaAllows {
            bits.insert(.writable)
        }
        if isProtected {
            bits.remove(.writable)
            bits.insert(.userfaultProtected)
            if isWrite { machine.noteReplay(of: fault) }
        }
        machine.setAnonymousIndex(of: folio, fault.index)
        machine.mapHeld(
            folio, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultFolio,
            adding: isExclusive ? .anonExclusive : [])
        if machine.hasGroup { machine.noteSwappedIn(folio, areaIsLocked: area.flags.contains(.locked)) }
        fault.folio = .none
        machine.unlock(folio)
        fault.folioLocked = false
        endBypass(&fault, &machine)
        if isWrite, machine.model.writeResult == .reported { fault.result.insert(.write) }
        guard fault.isWrite, !isWrite else { return PageFault.end(fault.result, &fault, &machine) }
        // The page-table lock is kept, so no other task comes in between.
        fault.originalEntry = machine.tables.entry(leaf, fault.page)
        return CopyOnWriteFault.decide(&fault, &machine)
    }

    /// Whether a page that comes back belongs to this entry alone, before the entry gives up its slot.
    private static func isExclusive(
        _ slot: Int, _ folio: FrameNumber, isCached: Bool, _ fault: VMFault, _ machine: Machine
    ) -> Bool {
        switch machine.model.anonymousReuse {
        case .exclusiveBit: fault.originalEntry.bits.contains(.swapExclusive) || !isCached
        case .references: !isCached
        case .onlyReference, .onlyMapping:  // reuse_swap_page()
            machine.swapCount(of: slot) <= 1 && machine.mappings(of: folio) == 0
        }
    }

    /// `should_try_to_free_swap()`: whether the slot is given up although its content is still good.
    private static func mayFreeSlot(_ folio: FrameNumber, _ area: VMA, _ fault: VMFault, _ machine: Machine) -> Bool {
        if machine.isGroupSwapNearlyFull || area.flags.contains(.locked) && !mistaken(.lockedPageKeepsSlot) {
            return true
        }
        return fault.isWrite && machine.references(of: folio) == 2
    }

    /// Drops the page, and ends the attempt.
    private static func giveUp(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> PageFault.Step {
        machine.releaseFolio(of: &fault)
        endBypass(&fault, &machine)
        return PageFault.end(result, &fault, &machine)
    }

    /// Ends the reservation of the slot that was read past the swap cache.
    private static func endBypass(_ fault: inout VMFault, _ machine: inout Machine) {
        guard fault.bypassesSwapCache else { return }
        fault.bypassesSwapCache = false
        machine.endSynchronousRead(of: fault.originalEntry.frame.index)
    }
}

extension Machine {
    /// Sets the place of an anonymous page in its area: `__page_set_anon_rmap()`.
    mutating func setAnonymousIndex(of folio: FrameNumber, _ index: PageIndex) {
        noteWrite(to: folio)
        frames[folio].index = UInt32(truncatingIfNeeded: index.rawValue)
    }
}
