/// Writing to and reading from swap areas.
extension Machine {
    /// Writes a page of the swap cache to its slot: `swap_writepage()`. It is under writeback until the device is done;
    /// a synchronous device is done at once.
    mutating func writeToSwap(_ folio: FrameNumber, by task: TaskID) {
        let slot = Int(frames[folio].owner)
        let area = swap.areas[swap.area(of: slot)]
        let stamp = frames[folio].stamp
        updateSlot(slot) { $0.stamp = stamp }
        setFlags(of: folio, adding: area.isSynchronous ? [] : .writeback, removing: .dirty)
        events.pswpout += 1
        guard !area.isSynchronous else { return }
        submit(IORequest(.write, on: area.device, index: PageIndex(slot), by: task))
    }

    /// Allocates a page for a slot that is in use, puts it into the swap cache, and locks it for a read:
    /// `__read_swap_cache_async()`.
    ///
    /// - Returns: The page, which the cache alone refers to; `nil` if memory is short.
    private mutating func addToSwapCache(reading slot: Int, ahead: Bool, for task: TaskID) -> FrameNumber? {
        guard
            let folio = allocateFrame(
                .swapPage, flags: ahead ? [.anonymous, .readahead] : .anonymous, index: 0, stamp: 0, for: task,
                slot: .swapIn)
        else { return nil }
        let shadow = swap.slots[slot].shadow
        cache(folio, in: slot)
        updateSlot(slot) { $0.shadow = .none }
        unhold(folio, for: task, in: .swapIn)
        noteRefault(of: folio, shadow)
        beginRead(folio)
        events.pswpin += 1
        return folio
    }

    /// Reads the page of a slot, and pages of the slots around it, into the swap cache: `swap_cluster_readahead()`.
    ///
    /// - Returns: The page, locked by the read unless the device is synchronous; `nil` if memory is short.
    mutating func readSwapCluster(around slot: Int, by task: TaskID) -> FrameNumber? {
        let number = swap.area(of: slot)
        let area = swap.areas[number]
        let window = nextSwapWindow(slot - area.first + 1)
        var run: PageRun?
        // As the kernel numbers them, an area's first slot is number 1: number 0 is its header.
        let start = max(1, (slot - area.first + 1) & ~(window - 1))
        let end = min(area.pages, (slot - area.first + 1) | (window - 1))
        for offset in start...end {
            let next = area.first + offset - 1
            let isWanted = next == slot
            guard swap.slots[next].count > 0, swap.slots[next].cached == .none else { continue }
            guard isWanted || mayReadAhead(keepingFrameFor: slot) else { continue }
            guard addToSwapCache(reading: next, ahead: !isWanted, for: task) != nil else { continue }
            if let open = run, open.last + 1 == next {
                run = PageRun(open.first, next)
            } else {
                submitSwapRead(run, area, by: task)
                run = PageRun(next, next)
            }
        }
        submitSwapRead(run, area, by: task)
        return swapCachedFolio(of: slot)
    }

    /// Reads the page of a slot, and no other, into the swap cache: `read_swap_cache_async()`. Nobody waits for it; where
    /// memory is short it is not read.
    mutating func readSwapAhead(_ slot: Int, by task: TaskID) {
        guard addToSwapCache(reading: slot, ahead: false, for: task) != nil else { return }
        submitSwapRead(PageRun(slot, slot), swap.areas[swap.area(of: slot)], by: task)
    }

    /// Whether readahead may take one more frame: not the one that the wanted page still needs.
    private func mayReadAhead(keepingFrameFor slot: Int) -> Bool {
        let kept = swap.slots[slot].cached == .none ? 1 : 0
        return frames.inUse + kept < settings.frameLimit
    }

    private mutating func submitSwapRead(_ run: PageRun?, _ area: SwapArea, by task: TaskID) {
        guard let run else { return }
        guard !area.isSynchronous else {
            for slot in run.first...run.last { endSwapRead(slot) }
            return
        }
        submit(
            IORequest(
                .read, on: area.device, index: PageIndex(run.first), pages: run.last - run.first + 1, by: task))
    }

    /// How many pages the next cluster has, a power of two: `swapin_nr_pages()`. Pages read ahead that were wanted make
    /// it larger; without any only neighbouring swap-ins keep it at two.
    private mutating func nextSwapWindow(_ offset: Int) -> Int {
        let most = settings.swapReadaheadPages
        guard most > 1 else { return 1 }
        noteWrite(.swap)
        let hits = swap.readaheadHits
        swap.readaheadHits = 0
        var pages = hits + 2
        if pages == 2 {
            if abs(offset - swap.previousSlot) != 1 { pages = 1 }
        } else {
            var rounded = 4
            while rounded < pages { rounded <<= 1 }
            pages = rounded
        }
        pages = max(min(pages, most), swap.previousWindow / 2)
        if hits == 0 { swap.previousSlot = offset }
        swap.previousWindow = pages
        return pages
    }

    /// Notes that a page of the swap cache was wanted: a hit of readahead if it was read ahead.
    mutating func noteSwapCacheHit(_ folio: FrameNumber) {
        guard frames[folio].flags.contains(.readahead) else { return }
        setFlags(of: folio, removing: .readahead)
        guard settings.swapReadaheadPages > 1 else { return }
        noteWrite(.swap)
        swap.readaheadHits += 1
    }

    /// Allocates a page outside of the swap cache, held in the fault's folio slot, and reads a slot into it: the short
    /// way of `do_swap_page()` for synchronous devices.
    mutating func readSwapSynchronously(_ slot: Int, for fault: inout VMFault) -> FrameNumber? {
        let isBroken = isBroken(slot)
        guard
            let folio = allocateFrame(
                .swapPage, flags: isBroken ? .anonymous : [.anonymous, .uptodate], index: fault.index,
                stamp: swap.slots[slot].stamp, for: fault.task, slot: .faultFolio)
        else { return nil }
        let shadow = swap.slots[slot].shadow
        updateSlot(slot) { $0.shadow = .none }
        noteRefault(of: folio, shadow)
        events.pswpin += 1
        return folio
    }

    // MARK: Completion

    /// Ends a request of a swap area: `end_swap_bio_read()` and `end_swap_bio_write()`.
    mutating func completeSwap(_ request: IORequest) {
        for offset in 0..<request.pages {
            let slot = request.index.value + offset
            guard let folio = swapCachedFolio(of: slot) else { continue }
            if request.isRead {
                if frames[folio].flags.contains(.underRead) { endSwapRead(slot) }
            } else if frames[folio].flags.contains(.writeback) {
                setFlags(of: folio, removing: .writeback)
                wakeWaiters(on: folio, .writeback)
                rotateReclaimable(folio)
            }
        }
    }

    private mutating func endSwapRead(_ slot: Int) {
        guard let folio = swapCachedFolio(of: slot) else { return }
        endRead(folio, stamp: isBroken(slot) ? nil : swap.slots[slot].stamp)
    }
}
