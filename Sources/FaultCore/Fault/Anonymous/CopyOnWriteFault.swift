/// Writes to pages that may not be written in place: `do_cow_fault()` before its handler runs, `do_wp_page()` and below
/// (mm/memory.c, Linux 6.1).
enum CopyOnWriteFault {
    /// Prepares the private copy of a file page: the first half of `do_cow_fault()`.
    ///
    /// The area gets its `anon_vma` here, even if the attempt is then retried or fails.
    static func prepareCopyOfFilePage(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .copyPrepare) }
        switch allocateCopy(&fault, &machine) {
        case .ready: return .next(.callHandler)
        case .noMemory: return PageFault.end(.oom, &fault, &machine)
        case .needsMmapLock: return PageFault.needsMmapLock(&fault, &machine)
        }
    }

    /// Gives the area its `anon_vma`, and the fault the page for its copy.
    static func allocateCopy(_ fault: inout VMFault, _ machine: inout Machine) -> AnonPreparation {
        let preparation = machine.prepareAnonymous(of: &fault)
        guard preparation == .ready else { return preparation }
        guard let copy = machine.allocateAnonymous(.copyPage, for: fault) else { return .noMemory }
        fault.copy = copy
        return .ready
    }

    /// `do_wp_page()`: an entry that is present and not writable.
    ///
    /// With ``FaultFlags/unshare``, no entry becomes writable: a private page that has other references is copied, and
    /// nothing else happens.
    static func decide(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let leaf = machine.leafTable(fault.map, fault.page)
        var entry = leaf == 0 ? PTE.none : machine.tables.entry(leaf, fault.page)
        guard entry == fault.originalEntry || mistaken(.storeDecidedUncompared) else {
            return PageFault.end(fault.result, &fault, &machine)
        }
        let area = machine.area(of: fault)
        let unshares = fault.flags.contains(.unshare)
        if area.flags.contains(.userfaultProtect), entry.bits.contains(.userfaultProtected), !unshares {
            guard machine.liftsProtectionItself(area) else {
                return .call(machine.handingOver(.writeProtect), then: .handedOver)
            }
            entry = machine.liftProtection(entry, of: &fault, leaf)
        }
        guard entry.mapsCountedFrame else {
            let stays = unshares && !copiesAny(area, machine)
            return stays ? PageFault.end([], &fault, &machine) : copy(of: .none, &fault, &machine)
        }
        let frame = machine.frames[entry.frame]
        if frame.flags.contains(.anonymous) {
            if machine.model.anonymousReuse == .onlyMapping, frame.flags.contains(.locked) {
                // The page-table lock is released for the wait; the fault lock is held.
                fault.folio = entry.frame
                machine.hold(entry.frame, for: fault.task, in: .faultFolio)
                return .call(machine.locking(entry.frame), then: .reuseLocked)
            }
            guard mayReuse(entry.frame, frame, &machine) else { return copy(of: entry.frame, &fault, &machine) }
            if unshares { return PageFault.end([], &fault, &machine) }
            reuse(entry, area, leaf, &fault, &machine)
            return PageFault.end(fault.result, &fault, &machine)
        }
        if unshares, !copiesAny(area, machine) { return PageFault.end([], &fault, &machine) }
        guard area.flags.contains(.shared) else { return copy(of: entry.frame, &fault, &machine) }

        // wp_page_shared()
        if machine.hasMkwrite(area), !PageFault.mayCallHandler(fault, area, machine) {
            return PageFault.needsMmapLock(&fault, &machine)
        }
        fault.folio = entry.frame
        machine.hold(entry.frame, for: fault.task, in: .faultFolio)
        if machine.hasMkwrite(area) { return .next(.callMkwrite) }
        reuse(entry, area, leaf, &fault, &machine)
        return .call(machine.locking(fault.folio), then: .sharedReused)
    }

    /// Whether a fault that unshares copies pages of private memory that are not anonymous, too.
    private static func copiesAny(_ area: VMA, _ machine: Machine) -> Bool {
        machine.model.longTermReadPins == .unshare && !area.flags.contains(.shared)
    }

    /// Goes on once there is memory for the copy. The old page was held meanwhile, but reclaim may have taken it out of
    /// the entry.
    static func decideAgain(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        machine.dropFolio(of: &fault)
        let leaf = machine.leafTable(fault.map, fault.page)
        if leaf == 0 || machine.tables.entry(leaf, fault.page) != fault.originalEntry {
            machine.countPageCopy(of: fault.task)
        }
        return decide(&fault, &machine)
    }

    /// Decides once this task has locked the page that another task had locked, if the entry is still the same.
    static func reuseLocked(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let frame = fault.folio
        machine.unlock(frame)
        machine.dropFolio(of: &fault)
        let leaf = machine.leafTable(fault.map, fault.page)
        guard leaf != 0,
            machine.tables.entry(leaf, fault.page) == fault.originalEntry || mistaken(.reuseUncompared)
        else { return PageFault.end(fault.result, &fault, &machine) }
        guard mayReuse(frame, machine.frames[frame], &machine) else { return copy(of: frame, &fault, &machine) }
        reuse(fault.originalEntry, machine.area(of: fault), leaf, &fault, &machine)
        return PageFault.end(fault.result, &fault, &machine)
    }

    /// Whether an anonymous page belongs to this entry alone, by the kernel's rule.
    ///
    /// Any page that may be written in place is marked exclusive. Kernels without the mark do not look at it.
    private static func mayReuse(_ number: FrameNumber, _ frame: PageFrame, _ machine: inout Machine) -> Bool {
        let isCached = frame.flags.contains(.swapCache)
        switch machine.model.anonymousReuse {
        case .exclusiveBit, .references:
            if machine.model.anonymousReuse == .exclusiveBit, frame.flags.contains(.anonExclusive) { return true }
            if frame.references <= 3 { machine.drainOwnBatches(for: number) }
            if frame.references > 1 + (isCached ? 1 : 0) || frame.flags.contains(.locked) {
                return mistaken(.sharedPageReused)
            }
            if isCached, !machine.freeSwap(of: number) { return false }
        case .onlyReference:
            if frame.references > 1 || frame.flags.contains(.locked) { return false }
        case .onlyMapping:  // reuse_swap_page()
            let swapped = isCached ? machine.swapCount(of: Int(frame.owner)) : 0
            if Int(frame.mappings) + swapped > 1 { return false }
            if isCached { machine.freeSwap(of: number) }
        }
        machine.setFlags(of: number, adding: .anonExclusive)
        return true
    }

    /// `wp_page_reuse()`: the entry becomes writable where it is.
    private static func reuse(
        _ entry: PTE, _ area: VMA, _ leaf: UInt32, _ fault: inout VMFault, _ machine: inout Machine
    ) {
        let writable: PTE.Bits = area.flags.contains(.write) ? [.young, .dirty, .writable] : [.young, .dirty]
        machine.changeEntry(entry, to: entry.bits.union(writable), at: fault.page, in: fault.map, leaf: leaf)
        machine.countReuse()
        if machine.model.writeResult == .reported { fault.result.insert(.write) }
    }

    /// The first half of `wp_page_copy()`: references the old page and makes the copy, with the page-table lock
    /// released.
    private static func copy(
        of old: FrameNumber, _ fault: inout VMFault, _ machine: inout Machine
    ) -> PageFault.Step {
        if machine.mustReclaim(for: fault.task) {
            if old != .none {
                fault.folio = old
                machine.hold(old, for: fault.task, in: .faultFolio)
            }
            return .call(machine.reclaiming, then: .writeProtected)
        }
        machine.countPageCopy(of: fault.task)
        switch machine.prepareAnonymous(of: &fault) {
        case .ready: break
        case .noMemory: return PageFault.end(.oom, &fault, &machine)
        case .needsMmapLock: return PageFault.needsMmapLock(&fault, &machine)
        }
        guard let copy = machine.allocateAnonymous(.copyPage, for: fault) else {
            return PageFault.end(.oom, &fault, &machine)
        }
        fault.copy = copy
        if old != .none {
            fault.folio = old
            machine.hold(old, for: fault.task, in: .faultFolio)
            if !mistaken(.copyIsEmpty) { machine.copyContent(from: old, to: copy) }
        }
        return .next(.copyInstall)
    }

    /// The second half of `wp_page_copy()`.
    static func install(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let leaf = machine.leafTable(fault.map, fault.page)
        let entry = leaf == 0 ? PTE.none : machine.tables.entry(leaf, fault.page)
        guard entry == fault.originalEntry || mistaken(.copyUncompared) else {
            machine.dropCopy(of: &fault)
            machine.dropFolio(of: &fault)
            return PageFault.end(fault.result, &fault, &machine)
        }
        machine.zapEntry(entry, at: fault.page, in: fault.map, leaf: leaf, marksAccessed: false, by: fault.task)
        let unshares = fault.flags.contains(.unshare)
        let area = machine.area(of: fault)
        var bits = machine.entryBits(of: area, forWrite: !unshares)
        if unshares { bits.formUnion(entry.bits.intersection(.userfaultProtected)) }
        machine.mapHeld(
            fault.copy, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultCopy)
        if machine.hasGroup { machine.addToGroup(fault.copy, isLocked: area.flags.contains(.locked)) }
        fault.copy = .none
        machine.dropFolio(of: &fault)
        if machine.model.writeResult == .reported, !unshares { fault.result.insert(.write) }
        return PageFault.end(fault.result, &fault, &machine)
    }

    /// `finish_mkwrite_fault()`: the folio is locked and prepared. The entry becomes writable if it has not changed.
    static func finishMkwrite(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let leaf = machine.leafTable(fault.map, fault.page)
        let entry = leaf == 0 ? PTE.none : machine.tables.entry(leaf, fault.page)
        guard entry == fault.originalEntry || mistaken(.preparedEntryUncompared) else {
            machine.releaseFolio(of: &fault)
            return PageFault.end(.noPage, &fault, &machine)
        }
        reuse(entry, machine.area(of: fault), leaf, &fault, &machine)
        return .next(.dirtyShared)
    }
}
