/// The results for the pages that reclaim of the memory group has tried: `reclaim_stat`.
struct ShrinkCounts {
    /// Pages freed.
    var reclaimed = 0
    /// Dirty pages of files whose write has not begun.
    var unqueuedDirty = 0
    /// Pages whose write was begun.
    var pageouts = 0
}

extension Machine {
    /// What happens to a page.
    private enum Fate {
        case freed
        case kept
        case activated
    }

    /// Tries to free pages that were taken out of their lists, in order: `shrink_folio_list()` (mm/vmscan.c, Linux 6.1
    /// and 6.12).
    ///
    /// - Returns: The pages that were not freed.
    mutating func shrink(_ folios: [FrameNumber], _ scan: GroupScan, _ counts: inout ShrinkCounts) -> [FrameNumber] {
        var left: [FrameNumber] = []
        for folio in folios {
            switch tryToFree(folio, scan, &counts) {
            case .freed:
                counts.reclaimed += 1
                continue
            case .activated:
                let isLocked = group?.pages.marks(of: folio).contains(.locked) == true
                if frames[folio].flags.contains(.swapCache), isGroupSwapNearlyFull || isLocked { freeSwap(of: folio) }
                if !isLocked {
                    setFlags(of: folio, adding: .active)
                    group?.statistics.note(1)  // PGACTIVATE
                }
            case .kept: break
            }
            left.append(folio)
        }
        return left
    }

    private mutating func tryToFree(_ folio: FrameNumber, _ scan: GroupScan, _ counts: inout ShrinkCounts) -> Fate {
        let task = scan.task
        let flags = frames[folio].flags
        guard flags.isDisjoint(with: [.locked, .poisoned]) else { return .kept }
        if group?.pages.marks(of: folio).contains(.locked) == true { return .activated }
        // A walk of page tables has found the page in use meanwhile.
        if keepsGenerations, frames[folio].mappings > 0, flags.contains(.referenced) { return .kept }
        let type = flags.pageType
        if type == .file, !flags.contains(.anonymous), flags.contains(.dirty), !flags.contains(.writeback) {
            counts.unqueuedDirty += 1
        }
        if flags.contains(.writeback) {
            setFlags(of: folio, adding: .readahead)  // PG_reclaim: the page is evicted next, after the write
            return .activated
        }
        if let fate = fateByUse(of: folio, type, promotes: scan.isProactive) { return fate }
        if flags.contains(.anonymous), !flags.contains(.lazyFree), !flags.contains(.swapCache) {
            if model.pinnedReclaim != .keepsNone, isMaybePinned(folio) { return .kept }
            guard addToSwap(folio) else { return .activated }
        }
        let isFreedByUnmapping = flags.contains(.lazyFree) && !flags.contains(.swapCache)
        guard unmap(folio, by: task) else { return .activated }
        if isFreedByUnmapping {
            if frames[folio].references > 0 { return .kept }
            events.pglazyfreed += 1
            return .freed
        }
        if model.pinnedReclaim == .keepsAll, isMaybePinned(folio) { return .activated }
        if frames[folio].flags.contains(.dirty) {
            if type == .file {
                setFlags(of: folio, adding: .readahead)
                return .activated
            }
            // Swap I/O is allowed, but a page of tmpfs is not in the swap cache yet.
            guard frames[folio].flags.contains(.swapCache) || scan.entersFileSystems else { return .kept }
            guard frames[folio].references == 1 else { return .kept }  // is_page_cache_freeable()
            guard !frames[folio].flags.isDisjoint(with: [.cached, .swapCache]) else { return .kept }  // no mapping
            if frames[folio].flags.contains(.cached), !moveToSwap(folio) { return .activated }
            writeToSwap(folio, by: task)
            counts.pageouts += 1
            // NR_ANON_MAPPED, MEMCG_SWAP, NR_SWAPCACHE twice, NR_WRITEBACK twice
            group?.statistics.note(6)
            guard frames[folio].flags.contains(.inUse) else { return .freed }
            if !frames[folio].flags.isDisjoint(with: [.writeback, .dirty]) { return .kept }
        }
        if type == .file { group?.statistics.note(1) }  // NR_FILE_PAGES
        return removeReclaimed(folio, fromGroup: true) == .freed ? .freed : .kept
    }

    /// `folio_check_references()`: nil if the page may be freed.
    private mutating func fateByUse(of folio: FrameNumber, _ type: PageType, promotes: Bool) -> Fate? {
        let (count, areaFlags) =
            keepsGenerations ? takeReferencesAround(folio, promotes: promotes) : takeReferences(to: folio)
        let wasReferenced = frames[folio].flags.contains(.referenced)
        if wasReferenced { setFlags(of: folio, removing: .referenced) }
        if areaFlags.contains(.locked) {
            group?.pages.mark(folio, adding: .locked)
            return .activated
        }
        guard count > 0 else { return nil }
        setFlags(of: folio, adding: .referenced)
        if wasReferenced || count > 1 { return .activated }
        return areaFlags.contains(.execute) && type == .file ? .activated : .kept
    }

    // MARK: Dirty pages of files

    /// Has the dirty pages of files written, because reclaim has found nothing else: `wakeup_flusher_threads()`. The
    /// flusher thread gets the processor before reclaim continues. Locked pages are skipped.
    mutating func flushGroup() {
        group?.wantsFlusher = false
        let pageCache = configuration.pageCache
        for number in files.indices where files[number].traits.contains(.writeback) {
            pageCache.flush(FileID(number), &self)
        }
    }
}
