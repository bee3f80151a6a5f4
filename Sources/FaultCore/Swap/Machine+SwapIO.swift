/// Writing to and reading from swap areas.
extension Machine {
    // MARK: Writing

    /// Writes a page of the swap cache to its slot: `swap_writepage()`. The page is under writeback until the device is
    /// done, unless the device is done at once.
    ///
    /// The readahead mark, which is `PG_reclaim` too, says that reclaim is waiting for the page.
    mutating func writeToSwap(_ folio: FrameNumber, by task: TaskID) {
        if freeSwap(of: folio) { return }  // no entry names the slot: it will not be read
        let slot = Int(frames[folio].owner)
        let area = swap.areas[swap.area(of: slot)]
        let stamp = frames[folio].stamp
        let isZero = model.swapZeroPages == .noted && stamp == 0
        updateSlot(slot) {
            $0.stamp = stamp
            $0.isZero = isZero
        }
        setFlags(of: folio, removing: .dirty)
        guard !isZero else {
            events.swapZeroOut += 1
            return
        }
        events.pswpout += mistaken(.swapOutUncounted) ? 0 : 1
        guard !area.isSynchronous else { return }
        setFlags(of: folio, adding: [.writeback, .readahead])
        submit(IORequest(.write, on: area.device, index: PageIndex(slot), by: task))
        // A synchronous device is done before reclaim looks at the page.
        finishIfDue(on: area.device)
    }

    // MARK: Reading

    /// The result of a swap-in's read.
    struct SwapRead {
        /// The page in the swap cache; nil if there is no memory, or the slot has become free.
        var folio: FrameNumber?
        /// The read to wait for on the spot.
        var request: RequestID?
    }

    /// Allocates a page for a slot that is in use, puts it into the swap cache, and locks it for a read:
    /// `__read_swap_cache_async()`.
    ///
    /// - Returns: The page, referenced only by the cache; `nil` if there is no memory.
    private mutating func addToSwapCache(reading slot: Int, ahead: Bool, for task: TaskID) -> FrameNumber? {
        guard
            let folio = allocateFrame(
                .swapPage, flags: ahead ? [.anonymous, .readahead] : .anonymous, index: 0, stamp: 0, for: task,
                slot: .swapIn)
        else { return nil }
        let shadow = swap[slot].shadow
        cache(folio, in: slot)
        updateSlot(slot) { $0.shadow = .none }
        unhold(folio, for: task, in: .swapIn)
        noteRefault(of: folio, shadow)
        if hasGroup {
            addToGroup(folio)
            noteSwapRead(folio)
        }
        beginRead(folio)
        if ahead { events.swapReadahead += 1 }
        return folio
    }

    /// Whether a slot can be read into the swap cache: an entry names it, and its page is not there yet.
    private func canBeRead(_ slot: Int) -> Bool {
        let state = swap[slot]
        return state.count > 0 && state.cached == .none && !state.isReserved
    }

    /// Reads slots into the swap cache: `wanted`, and those around it that can be read.
    private mutating func readSlots(_ slots: some Sequence<Int>, wanted: Int, by task: TaskID) {
        for slot in slots where canBeRead(slot) {
            let isWanted = slot == wanted
            guard isWanted || mayReadAhead(keepingFrameFor: wanted) else { continue }
            guard addToSwapCache(reading: slot, ahead: !isWanted, for: task) != nil else { continue }
            if swap[slot].isZero {
                events.swapZeroIn += 1
                endSwapRead(slot)
                continue
            }
            if mistaken(.swapInCountsAsOut) { events.pswpout += 1 } else { events.pswpin += 1 }
            submitSwapRead(slot, by: task)
        }
    }

    /// Reads only the page of one slot into the swap cache, if it is not there yet: `read_swap_cache_async()`.
    ///
    /// - Parameter waits: Whether the read is to be waited for on the spot.
    private mutating func readAlone(_ slot: Int, waits: Bool, by task: TaskID) -> SwapRead {
        let isNew = swap[slot].cached == .none
        let before = scheduler.nextRequest
        readSlots(CollectionOfOne(slot), wanted: slot, by: task)
        var read = SwapRead(folio: swapCachedFolio(of: slot))
        if waits, isNew, model.singleSwapRead == .waitsInside, scheduler.nextRequest != before, let folio = read.folio,
            frames[folio].flags.contains(.underRead)
        {
            read.request = RequestID(rawValue: before)
        }
        return read
    }

    /// Reads the page of a slot, and pages of the slots around it, into the swap cache: `swap_cluster_readahead()`.
    mutating func readSwapCluster(around slot: Int, by task: TaskID) -> SwapRead {
        let area = swap.areas[swap.area(of: slot)]
        let offset = area.offset(of: slot)
        let window = nextSwapWindow(offset)
        guard window > 1 else { return readAlone(slot, waits: true, by: task) }
        // The area's header is slot 0.
        let start = max(1, offset & ~(window - 1))
        let end = min(area.pages, offset | (window - 1))
        readSlots(area.slot(at: start)...area.slot(at: end), wanted: slot, by: task)
        drainOwnBatches()
        return SwapRead(folio: swapCachedFolio(of: slot))
    }

    /// Reads the page of a slot that the entry of `page` names, and pages around it: `swapin_readahead()`. The pages
    /// are chosen by address, or by slot if a device rotates.
    mutating func readSwap(
        _ slot: Int, for page: PageNumber, at position: AreaTree.Position, in map: MapID, by task: TaskID
    ) -> SwapRead {
        guard swap.readsAheadByAddress else { return readSwapCluster(around: slot, by: task) }
        let pages = nextSwapWindow(around: page, at: position, in: map)
        guard pages.upperBound - pages.lowerBound != 1 else { return readAlone(slot, waits: true, by: task) }
        let leaf = leafTable(map, page)
        if leaf != 0 {
            // Each entry is looked at in its turn (`swap_vma_readahead()` on 64-bit machines): reclaim for the pages before
            // it may just have swapped its page out.
            for next in pages.lowerBound.rawValue..<pages.upperBound.rawValue {
                guard let near = swapSlot(of: tables.entry(leaf, PageNumber(next))) else { continue }
                readSlots(CollectionOfOne(near), wanted: slot, by: task)
            }
        }
        drainOwnBatches()
        guard swapCachedFolio(of: slot) == nil else { return SwapRead(folio: swapCachedFolio(of: slot)) }
        return readAlone(slot, waits: false, by: task)
    }

    /// Reads only the page of one slot into the swap cache: `read_swap_cache_async()`. No task waits for it. If there
    /// is no memory, it is not read.
    package mutating func readSwapAhead(_ slot: Int, by task: TaskID) {
        _ = readAlone(slot, waits: false, by: task)
    }

    /// Whether readahead may take one more frame: not the frame that the wanted page still needs.
    private func mayReadAhead(keepingFrameFor slot: Int) -> Bool {
        let kept = swap[slot].cached == .none ? 1 : 0
        return frames.inUse + kept < settings.frameLimit
    }

    /// Each page is a separate request.
    private mutating func submitSwapRead(_ slot: Int, by task: TaskID) {
        let area = swap.areas[swap.area(of: slot)]
        guard !area.isSynchronous else { return endSwapRead(slot) }
        submit(IORequest(.read, on: area.device, index: PageIndex(slot), by: task))
    }

    /// Allocates a page outside of the swap cache, held in the fault's folio slot and locked, and reads a slot into it:
    /// the shortcut of `do_swap_page()` for synchronous devices. Whether the slot stays reserved until the fault is done
    /// with it is ``KernelModel/SwapCacheBypass``.
    mutating func readSwapSynchronously(_ slot: Int, for fault: inout VMFault) -> FrameNumber? {
        let isBroken = isBroken(slot)
        guard
            let folio = allocateFrame(
                .swapPage, flags: isBroken ? .anonymous : [.anonymous, .uptodate], index: fault.index,
                stamp: swap[slot].stamp, for: fault.task, slot: .faultFolio)
        else { return nil }
        let shadow = swap[slot].shadow
        let reserves = model.swapCacheBypass == .reservesSlot
        updateSlot(slot) {
            $0.shadow = .none
            if reserves { $0.isReserved = true }
        }
        noteRefault(of: folio, shadow)
        if hasGroup {
            addToGroup(folio)
            noteSwapRead(folio)
        }
        if swap[slot].isZero { events.swapZeroIn += 1 } else { events.pswpin += 1 }
        return folio
    }

    /// Ends a fault's use of a slot that it has read past the swap cache: `swapcache_clear()`. A task that came
    /// meanwhile sleeps for a tick; from Linux 6.10 on it is woken.
    mutating func endSynchronousRead(of slot: Int) {
        guard model.swapCacheBypass == .reservesSlot else { return }
        updateSlot(slot) { $0.isReserved = false }
        guard model.swapSlots == .clusterLists else { return }
        wakeAll(.tick(forSlot: slot))
    }

    /// A sleep until the next tick, for a slot that another fault reads past the swap cache.
    func tick(for slot: Int) -> TaskWait {
        TaskWait(.timer, .uninterruptible, frame: FrameNumber(slot), value: clock + Self.nanosecondsPerTick)
    }

    /// A tick with `CONFIG_HZ_250`.
    static var nanosecondsPerTick: UInt64 { 4_000_000 }

    // MARK: Completion

    /// Ends a request of a swap area: `end_swap_bio_read()` and `end_swap_bio_write()`.
    mutating func completeSwap(_ request: IORequest) {
        for offset in 0..<request.pages {
            let slot = request.index.value + offset
            guard let folio = swapCachedFolio(of: slot) else { continue }
            if request.isRead {
                if frames[folio].flags.contains(.underRead) { endSwapRead(slot) }
            } else if frames[folio].flags.contains(.writeback) {
                let isForReclaim = frames[folio].flags.contains(.readahead) && !isBroken(slot)
                setFlags(
                    of: folio, adding: isBroken(slot) ? .dirty : [], removing: [.writeback, .readahead])
                wakeWaiters(on: folio, .writeback)
                if isForReclaim { rotateReclaimable(folio) }
            }
        }
    }

    private mutating func endSwapRead(_ slot: Int) {
        guard let folio = swapCachedFolio(of: slot) else { return }
        endRead(folio, stamp: isBroken(slot) ? nil : swap[slot].stamp)
    }
}
