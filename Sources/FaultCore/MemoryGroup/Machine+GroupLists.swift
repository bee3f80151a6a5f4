/// Which list a page of the memory group is in (mm/swap.c, Linux 6.1 and 6.12).
///
/// Pages enter and leave lists in batches of a processor. A batch is moved when it is full, or before reclaim looks at
/// the lists.
///
/// There is one batch of each kind, as if there were one processor.
extension Machine {
    /// Whether pages are kept by generations, and not in two lists of each type.
    var keepsGenerations: Bool { model.refaultTest == .generation }

    /// Whether a page is charged to the memory group.
    func isCharged(_ folio: FrameNumber) -> Bool { hasGroup && group?.pages.isCharged(folio) == true }

    /// Notes that a new page is charged.
    mutating func noteCharged(_ folio: FrameNumber, for task: TaskID) {
        guard hasGroup, isCharged(task) else { return }
        group?.pages.mark(folio, adding: .charged)
        group?.statistics.note(3)  // PGPGIN, PGFAULT, NR_ANON_MAPPED or NR_FILE_PAGES
    }

    /// Adds a charged page to the batch of new ones: `folio_add_lru()`.
    ///
    /// - Parameters:
    ///   - isLocked: Whether a locked area maps it: `folio_add_lru_vma()`.
    ///   - isReclaiming: Whether reclaim puts it back: `PF_MEMALLOC`.
    package mutating func addToGroup(_ folio: FrameNumber, isLocked: Bool = false, isReclaiming: Bool = false) {
        guard isCharged(folio) else { return }
        noteWrite(.memory)
        if isLocked {
            group?.pages.mark(folio, adding: .locked)
        } else if keepsGenerations, !isReclaiming, tasks[currentTask.index].isInFault,
            !frames[folio].flags.contains(.active)
        {
            setFlags(of: folio, adding: .active)
        }
        group?.pages.mark(folio, adding: .added)
        group?.batches.added.append(folio)
        if (group?.batches.added.count ?? 0) >= folioBatchSize { drainAdded() }
    }

    /// Moves the pages of all batches into their lists, for a caller that looks for pages there: `lru_add_drain()`.
    @inline(__always)
    mutating func drainOwnBatches() { if hasGroup { drainBatches() } }

    /// Does the same if the page is in no list, because then it may be in a batch.
    mutating func drainOwnBatches(for folio: FrameNumber) {
        if hasGroup, group?.pages.list(of: folio) == nil { drainBatches() }
    }

    /// Moves the pages of all batches into their lists: `lru_add_drain()`.
    mutating func drainBatches() {
        guard let batches = group?.batches, !batches.areEmpty else { return }
        noteWrite(.memory)
        drainAdded()
        drainRotated()
        let deactivated = group?.batches.deactivated ?? []
        group?.batches.deactivated = []
        for folio in deactivated { deactivateNow(folio) }
        let freed = group?.batches.lazilyFreed ?? []
        group?.batches.lazilyFreed = []
        for folio in freed { freeLazilyNow(folio) }
        drainActivated()
    }

    /// Does `lru_add_fn()` for all new pages.
    private mutating func drainAdded() {
        let added = group?.batches.added ?? []
        group?.batches.added = []
        for folio in added {
            group?.pages.mark(folio, removing: .added)
            putIntoList(folio)
        }
    }

    private mutating func drainActivated() {
        let activated = group?.batches.activated ?? []
        group?.batches.activated = []
        for folio in activated where isEvictable(folio) && !frames[folio].flags.contains(.active) {
            removeFromList(folio)
            setFlags(of: folio, adding: .active)
            putIntoList(folio)
        }
    }

    private mutating func drainRotated() {
        let rotated = group?.batches.rotated ?? []
        group?.batches.rotated = []
        for folio in rotated where isEvictable(folio) {
            removeFromList(folio)
            setFlags(of: folio, removing: .active)
            putIntoList(folio, asOldest: true)
        }
    }

    /// Whether a page is in a list from which it can be reclaimed.
    private func isEvictable(_ folio: FrameNumber) -> Bool {
        group?.pages.list(of: folio).map { $0 != .unevictable } ?? false
    }

    /// Adds a page to the list that it belongs to: `lruvec_add_folio()`, and `lruvec_add_folio_tail()` if it is to be
    /// evicted next.
    mutating func putIntoList(_ folio: FrameNumber, asOldest: Bool = false) {
        if group?.pages.marks(of: folio).contains(.locked) == true {
            if frames[folio].flags.contains(.active) { setFlags(of: folio, removing: .active) }
            group?.pages.moveToHead(folio, of: .unevictable)
            return
        }
        if keepsGenerations { return addToGenerations(folio, isReclaiming: asOldest) }
        group?.statistics.note(1)
        let flags = frames[folio].flags
        let list = GroupPages.List(flags.pageType, isActive: flags.contains(.active))
        if asOldest { group?.pages.moveToTail(folio, of: list) } else { group?.pages.moveToHead(folio, of: list) }
    }

    /// Removes a page from its list: `lruvec_del_folio()`.
    mutating func removeFromList(_ folio: FrameNumber) {
        if group?.pages.generation(of: folio) != nil { removeFromGenerations(folio) }
        group?.statistics.note(1)
        group?.pages.remove(folio)
    }

    /// Takes a page out of its list for a while: `folio_isolate_lru()`. Returns whether it was in one.
    mutating func isolate(_ folio: FrameNumber) -> Bool {
        guard group?.pages.list(of: folio) != nil else { return false }
        noteWrite(.memory)
        removeFromList(folio)
        return true
    }

    // MARK: Use

    /// Notes that a call or an entry has used a charged page: `folio_mark_accessed()`.
    mutating func markAccessedInGroup(_ folio: FrameNumber) {
        let flags = frames[folio].flags
        let isUnevictable = group?.pages.list(of: folio) == .unevictable
        noteWrite(.memory)
        if keepsGenerations {
            guard !isUnevictable else { return }
            if !flags.contains(.referenced) { return setFlags(of: folio, adding: .referenced) }
            if !flags.contains(.workingset) { return setFlags(of: folio, adding: .workingset) }
            let uses = group?.pages.uses(of: folio) ?? 0
            if uses < Generations.mostUses { group?.pages.setUses(of: folio, uses + 1) }
            return
        }
        guard flags.contains(.referenced) else { return setFlags(of: folio, adding: .referenced) }
        guard !isUnevictable, !flags.contains(.active) else { return }
        if group?.pages.list(of: folio) != nil {
            activateInGroup(folio)
        } else if group?.pages.marks(of: folio).contains(.added) == true {
            setFlags(of: folio, adding: .active)
        }
        setFlags(of: folio, removing: .referenced)
        ageNonresident()
    }

    /// Makes a charged page active: `folio_activate()`.
    mutating func activateInGroup(_ folio: FrameNumber) {
        guard isEvictable(folio), !frames[folio].flags.contains(.active) else { return }
        noteWrite(.memory)
        group?.batches.activated.append(folio)
        if (group?.batches.activated.count ?? 0) >= folioBatchSize { drainActivated() }
    }

    /// Makes a charged page that reclaim has written the next to be evicted: `folio_rotate_reclaimable()`.
    mutating func rotateInGroup(_ folio: FrameNumber) {
        guard isEvictable(folio), frames[folio].flags.isDisjoint(with: [.locked, .dirty]) else { return }
        noteWrite(.memory)
        group?.batches.rotated.append(folio)
        if (group?.batches.rotated.count ?? 0) >= folioBatchSize { drainRotated() }
    }

    /// Makes a charged page look unused: `folio_deactivate()`.
    mutating func deactivateInGroup(_ folio: FrameNumber) {
        guard isEvictable(folio), keepsGenerations || frames[folio].flags.contains(.active) else { return }
        noteWrite(.memory)
        group?.batches.deactivated.append(folio)
        if (group?.batches.deactivated.count ?? 0) >= folioBatchSize {
            let folios = group?.batches.deactivated ?? []
            group?.batches.deactivated = []
            for folio in folios { deactivateNow(folio) }
        }
    }

    /// Makes a charged page of a file inactive, so that it is evicted soon: `lru_deactivate_file_fn()`.
    mutating func deactivateFilePageInGroup(_ folio: FrameNumber, asOldest: Bool) {
        drainBatches()
        guard isEvictable(folio) else { return }
        noteWrite(.memory)
        removeFromList(folio)
        setFlags(of: folio, removing: [.active, .referenced])
        putIntoList(folio, asOldest: asOldest)
    }

    private mutating func deactivateNow(_ folio: FrameNumber) {
        guard isEvictable(folio), keepsGenerations || frames[folio].flags.contains(.active) else { return }
        removeFromList(folio)
        setFlags(of: folio, removing: [.active, .referenced])
        putIntoList(folio)
    }

    /// Treats a charged page that was given up by madvise(MADV_FREE) like a page of a file: `folio_mark_lazyfree()`.
    mutating func freeLazilyInGroup(_ folio: FrameNumber) {
        noteWrite(.memory)
        group?.batches.lazilyFreed.append(folio)
        if (group?.batches.lazilyFreed.count ?? 0) >= folioBatchSize {
            let folios = group?.batches.lazilyFreed ?? []
            group?.batches.lazilyFreed = []
            for folio in folios { freeLazilyNow(folio) }
        }
    }

    private mutating func freeLazilyNow(_ folio: FrameNumber) {
        guard isEvictable(folio), frames[folio].flags.contains(.lazyFree) else { return }
        removeFromList(folio)
        group?.pages.setUses(of: folio, 0)
        setFlags(of: folio, removing: keepsGenerations ? [.active, .referenced, .workingset] : [.active, .referenced])
        putIntoList(folio)
    }

    // MARK: Locked pages

    /// Notes that a locked area maps a charged page: `mlock_folio()`.
    mutating func lockInGroup(_ folio: FrameNumber) {
        guard isCharged(folio), group?.pages.marks(of: folio).contains(.locked) == false else { return }
        noteWrite(.memory)
        group?.pages.mark(folio, adding: .locked)
        guard group?.pages.list(of: folio) != nil else { return }
        removeFromList(folio)
        putIntoList(folio)
    }

    /// Notes that a page was read from swap, and that no entry maps it yet.
    mutating func noteSwapRead(_ folio: FrameNumber) {
        guard keepsGenerations, isCharged(folio) else { return }
        group?.pages.mark(folio, adding: .unmapped)
    }

    /// Notes that an entry maps a page in the place of the slot that it named.
    ///
    /// Up to Linux 6.10, `page_add_anon_rmap()` looks whether the area is locked. In 6.12, a page that was just read is
    /// mapped by `folio_add_new_anon_rmap()`, which does not. So it is not in the list of locked pages until reclaim
    /// looks at it.
    mutating func noteSwappedIn(_ folio: FrameNumber, areaIsLocked: Bool) {
        guard isCharged(folio) else { return }
        let isFirstMapping = group?.pages.marks(of: folio).contains(.unmapped) == true
        if isFirstMapping {
            noteWrite(.memory)
            group?.pages.mark(folio, removing: .unmapped)
        }
        if areaIsLocked, !isFirstMapping { lockInGroup(folio) }
    }

    /// Notes that an area that maps a charged page is no longer locked: `munlock_folio()`.
    mutating func unlockInGroup(_ folio: FrameNumber) {
        guard isCharged(folio), group?.pages.marks(of: folio).contains(.locked) == true else { return }
        refreshAreaIndex()
        guard !reverseMappings(of: folio).contains(where: { $0.area.flags.contains(.locked) }) else { return }
        noteWrite(.memory)
        group?.pages.mark(folio, removing: .locked)
        guard group?.pages.list(of: folio) != nil else { return }
        group?.pages.remove(folio)
        putIntoList(folio)
    }

    /// Notes the pages of `range` of a map, whose areas have just been locked, or unlocked.
    mutating func noteLocking(_ range: Range<PageNumber>, of map: MapID, isLocked: Bool) {
        guard hasGroup else { return }
        drainBatches()
        guard !isLocked else { return noteLockedPages(range, of: map) }
        forEachEntry(in: range, of: map) { machine, _, _, entry in
            if entry.mapsCountedFrame { machine.unlockInGroup(entry.frame) }
        }
    }

    /// Notes that a locked area maps the pages of `range`: `mlock_folio()` for each, by `mlock(2)`, or as they are mapped.
    mutating func noteLockedPages(_ range: Range<PageNumber>, of map: MapID) {
        forEachEntry(in: range, of: map) { machine, _, _, entry in
            if entry.mapsCountedFrame { machine.lockInGroup(entry.frame) }
        }
    }

    // MARK: Ages

    /// Notes that a page was evicted or made active: `workingset_age_nonresident()`. The whole machine ages with its
    /// group.
    mutating func ageNonresident() {
        group?.nonresidentAge += 1
        lists.nonresidentAge += 1
    }
}
