/// The result of an attempt to reclaim a page.
enum ReclaimOutcome: UInt8, BitwiseCopyable, Sendable {
    /// It is free.
    case freed
    /// It stays where it is: locked, held, used, or under writeback.
    case kept
    /// It stays, and counts as used: locked into memory, dirty, or there is no slot for it.
    case activated
    /// It is clean, and its write has begun.
    case writing
}

extension Machine {
    /// Tries to free one page: one turn of `shrink_folio_list()` (mm/vmscan.c, Linux 6.1). Atomic, as if under the page
    /// lock, which must be free.
    ///
    /// An anonymous page goes to a slot: into the swap cache, out of the page tables, to the device. It is freed when a
    /// later try finds it written, unless it was used by then; on a device that is done at once, it is freed without
    /// another try. A page of tmpfs goes the same way, but its file remembers the slot. A clean page of a file is
    /// unmapped and dropped. A dirty page of a file is unmapped and stays: other code writes it. It is marked for reclaim
    /// after the write, which a fault takes for the readahead mark.
    ///
    /// - Parameter ignoringReferences: Whether the page is reclaimed even if it is in use.
    mutating func reclaimPage(
        _ folio: FrameNumber, by task: TaskID, ignoringReferences: Bool = false
    ) -> ReclaimOutcome {
        let flags = frames[folio].flags
        guard flags.isDisjoint(with: [.locked, .poisoned]) || mistaken(.reclaimsLockedPages) else { return .kept }
        if flags.contains(.writeback) {
            // The end of the writeback moves the page to where reclaim looks next.
            setFlags(of: folio, adding: .readahead)
            return .kept
        }
        // Just allocated, and not mapped yet: in the kernel, it is in no list so far.
        if flags.contains(.anonymous), frames[folio].mappings == 0, !flags.contains(.swapCache) { return .kept }
        if !ignoringReferences {
            switch checkReferences(to: folio) {
            case .activated: return keepActive(folio)
            case .kept: return .kept
            case .freed, .writing: break
            }
        }
        if flags.contains(.anonymous), !flags.contains(.lazyFree), !flags.contains(.swapCache) {
            if model.pinnedReclaim != .keepsNone, isMaybePinned(folio) { return .kept }
            guard addToSwap(folio) else { return .activated }
        }
        // While it has entries, it can't be freed before we are done: a page without a slot is freed with its last
        // entry.
        let isFreedByUnmapping = flags.contains(.lazyFree) && !flags.contains(.swapCache)
        guard unmap(folio, by: task) else { return keepActive(folio) }
        if isFreedByUnmapping {
            events.pglazyfreed += 1
            return .freed
        }
        // No new pin can be taken from here on.
        if model.pinnedReclaim == .keepsAll, isMaybePinned(folio) { return keepActive(folio) }
        if frames[folio].flags.contains(.dirty) {
            guard !flags.isDisjoint(with: [.anonymous, .shmem, .swapCache]) else {
                setFlags(of: folio, adding: .readahead)  // PG_reclaim: whoever writes it has it go next
                return .activated
            }
            guard frames[folio].references == 1 else { return .kept }  // is_page_cache_freeable()
            // Truncated, and held only by a pin: there is nowhere to write it to.
            guard !frames[folio].flags.isDisjoint(with: [.cached, .swapCache]) else { return .kept }
            if frames[folio].flags.contains(.cached), !moveToSwap(folio) { return .activated }
            writeToSwap(folio, by: task)
            if frames[folio].flags.contains(.writeback) { return .writing }
            guard frames[folio].flags.contains(.inUse) else { return .freed }
            if frames[folio].flags.contains(.dirty) { return .kept }  // it could not be written
        }
        return removeReclaimed(folio)
    }

    /// Keeps a page. If swap slots are short, the page gives up its slot.
    private mutating func keepActive(_ folio: FrameNumber) -> ReclaimOutcome {
        if frames[folio].flags.contains(.swapCache), isSwapNearlyFull { freeSwap(of: folio) }
        return .activated
    }

    /// `folio_check_references()`: ``ReclaimOutcome/freed`` says that the page may go.
    private mutating func checkReferences(to folio: FrameNumber) -> ReclaimOutcome {
        let (count, areaFlags) = takeReferences(to: folio)
        let frame = frames[folio]
        let isOfFile = frame.flags.isDisjoint(with: [.anonymous, .shmem, .swapCache])
        setFlags(of: folio, removing: .referenced)
        if areaFlags.contains(.locked) { return .activated }
        guard count > 0 else { return .freed }
        setFlags(of: folio, adding: .referenced)
        if frame.flags.contains(.referenced) || count > (mistaken(.twoUsersAreNone) ? 2 : 1) { return .activated }
        return areaFlags.contains(.execute) && isOfFile ? .activated : .kept
    }

    /// `__remove_mapping()`: drops a clean page from its cache, if only the cache refers to it.
    mutating func removeReclaimed(_ folio: FrameNumber, fromGroup: Bool = false) -> ReclaimOutcome {
        let frame = frames[folio]
        guard frame.references == 1 || mistaken(.reclaimsPagesInUse) else { return .kept }
        checkDropping(of: folio)
        if frame.flags.contains(.swapCache) {
            removeFromSwapCache(folio, leaving: evictionShadow(of: folio, fromGroup: fromGroup))
        } else if let (file, index) = cachePosition(of: folio) {
            let shadow: Shadow = frame.flags.contains(.shmem) ? .none : evictionShadow(of: folio, fromGroup: fromGroup)
            removeFromCache(folio)
            setShadow(shadow, of: file, at: index)
        } else {
            return .kept
        }
        return .freed
    }
}

extension Machine {
    /// Frees the pages of the swap cache that are clean and have no other references, as `kswapd` would.
    ///
    /// - Returns: How many pages it freed.
    package mutating func evictSwapCache() -> Int {
        noteInterference()
        var freed = 0
        var cached: [(slot: Int, folio: FrameNumber)] = []
        swap.forEachInUse { if $1.cached != .none { cached.append(($0, $1.cached)) } }
        for (slot, folio) in cached {
            let frame = frames[folio]
            guard frame.references == 1 || mistaken(.heldSwapCacheDropped),
                frame.flags.isDisjoint(with: [.locked, .writeback])
            else { continue }
            guard swapCount(of: slot) == 0 || !frame.flags.contains(.dirty) else { continue }
            checkDropping(of: folio)
            removeFromSwapCache(folio, leaving: evictionShadow(of: folio))
            freed += 1
        }
        return freed
    }
}
