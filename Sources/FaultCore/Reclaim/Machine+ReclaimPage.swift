/// What became of a page that reclaim tried to take.
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
    /// Tries to free one page: one turn of `shrink_folio_list()` (mm/vmscan.c, Linux 6.1), atomic as if under the page
    /// lock, which it needs to be free.
    ///
    /// An anonymous page goes to a slot: into the swap cache, out of the page tables, to the device. It is free when a
    /// later try finds it written, unless somebody wanted it by then; on a synchronous device at once. A clean page of a
    /// file is unmapped and dropped. A dirty one is unmapped and stays: others write it. tmpfs pages stay.
    mutating func reclaimPage(_ folio: FrameNumber, by task: TaskID) -> ReclaimOutcome {
        let flags = frames[folio].flags
        guard flags.isDisjoint(with: [.locked, .writeback, .poisoned]) else { return .kept }
        guard !flags.contains(.shmem) else { return .activated }
        // Just allocated, and not mapped yet: the kernel has it in no list so far.
        if flags.contains(.anonymous), frames[folio].mappings == 0, !flags.contains(.swapCache) { return .kept }
        switch checkReferences(to: folio) {
        case .activated: return .activated
        case .kept: return .kept
        case .freed, .writing: break
        }
        if flags.contains(.anonymous), !flags.contains(.lazyFree), !flags.contains(.swapCache) {
            guard addToSwap(folio) else { return .activated }
        }
        // While it has entries it can't be freed under us: the last of a page without slot goes with them.
        let isFreedByUnmapping = flags.contains(.lazyFree) && !flags.contains(.swapCache)
        guard unmap(folio, by: task) else { return .activated }
        if isFreedByUnmapping {
            events.pglazyfreed += 1
            return .freed
        }
        if frames[folio].flags.contains(.dirty) {
            guard flags.contains(.anonymous) else { return .activated }
            writeToSwap(folio, by: task)
            if frames[folio].flags.contains(.writeback) { return .writing }
        }
        return removeReclaimed(folio)
    }

    /// `folio_check_references()`: ``ReclaimOutcome/freed`` says that the page may go.
    private mutating func checkReferences(to folio: FrameNumber) -> ReclaimOutcome {
        let (count, areaFlags) = takeReferences(to: folio)
        let frame = frames[folio]
        let isOfFile = !frame.flags.contains(.anonymous)
        setFlags(of: folio, removing: .referenced)
        if areaFlags.contains(.locked) { return .activated }
        guard count > 0 else {
            // Read once by a call, and dirty: whoever writes it back will have it go.
            let staysDirty = frame.flags.contains([.referenced, .dirty])
            return staysDirty && isOfFile ? .kept : .freed
        }
        setFlags(of: folio, adding: .referenced)
        if frame.flags.contains(.referenced) || count > 1 { return .activated }
        return areaFlags.contains(.execute) && isOfFile ? .activated : .kept
    }

    /// `__remove_mapping()`: drops a clean page from the cache that it is in, if only that refers to it.
    private mutating func removeReclaimed(_ folio: FrameNumber) -> ReclaimOutcome {
        let frame = frames[folio]
        guard frame.references == 1 else { return .kept }
        let shadow = evictionShadow(of: folio)
        if frame.flags.contains(.swapCache) {
            removeFromSwapCache(folio, leaving: shadow)
        } else if let (file, index) = cachePosition(of: folio) {
            removeFromCache(folio)
            setShadow(shadow, of: file, at: index)
        } else {
            return .kept
        }
        return .freed
    }
}

extension Machine {
    /// Frees the pages of the swap cache that are clean and that nothing else refers to, as `kswapd` would.
    ///
    /// - Returns: How many pages it freed.
    package mutating func evictSwapCache() -> Int {
        noteInterference()
        var freed = 0
        for slot in 1..<max(1, swapPages + 1) {
            guard let folio = swapCachedFolio(of: slot) else { continue }
            let frame = frames[folio]
            guard frame.references == 1, frame.flags.isDisjoint(with: [.locked, .writeback]) else { continue }
            guard swapCount(of: slot) == 0 || !frame.flags.contains(.dirty) else { continue }
            removeFromSwapCache(folio, leaving: evictionShadow(of: folio))
            freed += 1
        }
        return freed
    }
}
