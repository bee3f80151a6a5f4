/// Which list a page is in (mm/swap.c, Linux 6.1). Differs: pages enter their list when they are allocated, not through
/// the batch of a processor.
extension Machine {
    /// Puts a new page at the head of the inactive list of its kind: `folio_add_lru()`.
    mutating func addToLRU(_ folio: FrameNumber) {
        guard configuration.limitsFrames else { return }
        noteWrite(.memory)
        lists.moveToHead(folio, of: list(of: folio, isActive: false))
    }

    /// Removes a page that is freed from its list, and wakes the tasks that wait for a free page.
    @inline(never)
    mutating func noteFreed(_ folio: FrameNumber) {
        noteWrite(.memory)
        if hasGroup { uncharge(folio) } else { lists.remove(folio) }
        wakeMemoryWaiters()
    }

    /// The list for a page. A page given up by madvise(MADV_FREE) is like a page of a file: it can be dropped without a
    /// write.
    func list(of folio: FrameNumber, isActive: Bool) -> LRULists.List {
        let flags = frames[folio].flags
        if !flags.isDisjoint(with: [.anonymous, .shmem]), !flags.contains(.lazyFree) {
            return isActive ? .activeAnonymous : .inactiveAnonymous
        }
        return isActive ? .activeFile : .inactiveFile
    }

    /// Moves a page to the head of the active list of its kind: `folio_activate()`.
    mutating func activate(_ folio: FrameNumber) {
        if isCharged(folio) { return activateInGroup(folio) }
        guard configuration.limitsFrames else { return }
        if !frames[folio].flags.contains(.active) { setFlags(of: folio, adding: .active) }
        noteWrite(.memory)
        lists.moveToHead(folio, of: list(of: folio, isActive: true))
    }

    /// Moves a page to the head of the inactive list of its kind: `deactivate_page()`.
    mutating func deactivate(_ folio: FrameNumber) {
        if isCharged(folio) { return deactivateInGroup(folio) }
        guard configuration.limitsFrames else { return }
        if frames[folio].flags.contains(.active) { setFlags(of: folio, removing: .active) }
        noteWrite(.memory)
        lists.moveToHead(folio, of: list(of: folio, isActive: false))
    }

    /// Makes reclaim take an unmapped page of a file soon, because posix_fadvise(2) could not drop it:
    /// `lru_deactivate_file_fn()`, which `lru_add_drain_all()` calls at once. A page that is dirty or under writeback is
    /// reclaimed after it is written: the readahead mark, which is also `PG_reclaim`, says so.
    package mutating func deactivateFilePage(_ folio: FrameNumber) {
        guard frames[folio].mappings == 0 else { return }
        let isAwaited = !frames[folio].flags.isDisjoint(with: [.dirty, .writeback])
        if isCharged(folio) {
            deactivateFilePageInGroup(folio, asOldest: !isAwaited)
        } else if configuration.limitsFrames {
            noteWrite(.memory)
            setFlags(of: folio, removing: [.active, .referenced])
            let list = list(of: folio, isActive: false)
            if isAwaited { lists.moveToHead(folio, of: list) } else { lists.moveToTail(folio, of: list) }
        }
        if isAwaited { setFlags(of: folio, adding: .readahead) }
    }

    /// Moves a page to where reclaim looks next: a page that reclaim has written (`folio_rotate_reclaimable()`), or one
    /// given up by madvise(MADV_FREE). The kernel puts the latter at the other end of the same list.
    mutating func rotateReclaimable(_ folio: FrameNumber) {
        if isCharged(folio) { return rotateInGroup(folio) }
        guard configuration.limitsFrames else { return }
        if frames[folio].flags.contains(.active) { setFlags(of: folio, removing: .active) }
        noteWrite(.memory)
        lists.moveToTail(folio, of: list(of: folio, isActive: false))
    }

    /// Notes that a call or an entry has used a page of a file: `folio_mark_accessed()`. The second use makes it active.
    package mutating func markAccessed(_ folio: FrameNumber) {
        if isCharged(folio) { return markAccessedInGroup(folio) }
        guard configuration.limitsFrames else { return }
        let flags = frames[folio].flags
        if !flags.contains(.referenced) {
            setFlags(of: folio, adding: .referenced)
        } else if !flags.contains(.active) {
            activate(folio)
            if !mistaken(.secondUseIsKept) { setFlags(of: folio, removing: .referenced) }
            lists.nonresidentAge += 1
        }
    }

    /// Records that a lookup with `FOLL_TOUCH` has found a page: `folio_mark_accessed()`. If no lists are kept, this sets only
    /// the flag of the page.
    mutating func touchFound(_ folio: FrameNumber) {
        if configuration.limitsFrames || isCharged(folio) { return markAccessed(folio) }
        setFlags(of: folio, adding: .referenced)
    }

    /// How many pages reclaim can choose from: active and inactive, of files and anonymous, as in `/proc/meminfo`.
    public var lruPages: LRUCounts {
        LRUCounts(
            activeFile: lists.count(.activeFile), inactiveFile: lists.count(.inactiveFile),
            activeAnonymous: lists.count(.activeAnonymous), inactiveAnonymous: lists.count(.inactiveAnonymous))
    }
}
