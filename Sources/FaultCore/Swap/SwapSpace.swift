/// The swap areas of a machine, their slots, and how far swap readahead has come. Models `swap_info_struct` with
/// `swap_map`, and the address space of the swap cache.
///
/// The number of a slot is state, unlike that of a frame: readahead reads the slots around the slot that a fault wants.
/// The slots of all areas are numbered one after the other; the kernel numbers those of each area from 1.
struct SwapSpace: Equatable, Sendable {
    /// The areas, in the order in which they were added.
    private(set) var areas: [SwapArea] = []
    /// The areas that have free slots, in the order in which they are filled: `swap_avail_heads`.
    var available: [Int] = []
    /// The slots that processors have in stock or that were returned to them.
    var slotCache = SwapSlotCache()
    /// The slots, in chunks of 512; a chunk is made when one of its slots is first used.
    private var chunks: [[SwapSlot]] = []
    /// How many slots there are, including slot 0, which no entry names.
    private(set) var count = 1
    /// How many slots are referred to.
    private(set) var slotsInUse = 0
    /// How many pages are in the swap cache.
    private(set) var cachedPages = 0
    /// How many pages that were read ahead were wanted: `swapin_readahead_hits`.
    var readaheadHits = 4
    /// The slot of the last swap-in for which there were no hits: `prev_offset`.
    var previousSlot = 0
    /// The last window of readahead, in pages: `last_readahead_pages`.
    var previousWindow = 0
    /// The memory maps that have had pages swapped out, in the order of `mmlist`.
    var maps: [MapID] = []
    /// The tmpfs files that have had pages swapped out, in the order of `shmem_swaplist`.
    var files: [FileID] = []

    /// `MAX_SWAPFILES` without the types that name no area. With this limit, the number of every slot fits into an
    /// entry's frame.
    static var mostAreas: Int { 32 }

    /// How many slots of areas in use there are.
    private(set) var total = 0

    /// How many slots can be taken: `nr_swap_pages`. Negative while an area is being removed whose pages have no room
    /// elsewhere.
    var free: Int { total - promised - areas.reduce(0) { $0 + $1.slotsInUse } }

    /// How many slots are promised to a search for slots. 0 between stages.
    var promised = 0

    /// Whether the address of a fault decides what is read ahead, and not the slot: `swap_use_vma_readahead()`.
    var readsAheadByAddress: Bool { !areas.contains { $0.isInUse && $0.isRotational } }

    /// Adds an area after the others of its priority.
    mutating func addArea(_ area: SwapArea) {
        var area = area
        area.first = count
        count += area.pages
        total += area.pages
        areas.append(area)
        makeAvailable(areas.count - 1)
        slotCache.isEnabled = true
    }

    /// Stops giving out slots of the area: `swapoff(2)`.
    mutating func closeArea(_ number: Int) {
        areas[number].isWritable = false
        total -= areas[number].pages
        available.removeAll { $0 == number }
    }

    /// Removes the area for good.
    mutating func removeArea(_ number: Int) { areas[number].isInUse = false }

    /// Undoes ``closeArea(_:)``.
    mutating func reopenArea(_ number: Int) {
        areas[number].isWritable = true
        total += areas[number].pages
        if areas[number].hasFreeSlots { makeAvailable(number) }
    }

    /// Adds an area after those of the same or a higher priority: `add_to_avail_list()`.
    mutating func makeAvailable(_ number: Int) {
        let place = available.firstIndex { areas[$0].priority < areas[number].priority } ?? available.count
        available.insert(number, at: place)
    }

    /// The number of the area that `slot` lies in.
    func area(of slot: Int) -> Int {
        guard slot > 0, slot < count, let area = areas.lastIndex(where: { $0.first <= slot }) else {
            misuse("slot \(slot) lies in no swap area; there are slots 1 to \(count - 1)")
        }
        return area
    }

    /// Changes an area.
    mutating func updateArea<Answer>(_ number: Int, _ body: (inout SwapArea) -> Answer) -> Answer {
        body(&areas[number])
    }

    /// Makes the slots `run` of the machine neither readable nor writable from now on.
    mutating func breakSlots(_ run: PageRun) { areas[area(of: run.first)].badSlots.append(run) }

    /// Makes the slots `run` of the machine readable and writable again.
    mutating func repairSlots(_ run: PageRun) {
        for number in areas.indices { areas[number].badSlots = areas[number].badSlots.flatMap { $0.without(run) } }
    }

    /// Makes all slots readable and writable again.
    mutating func repairSlots() { for number in areas.indices { areas[number].badSlots = [] } }

    /// A slot.
    subscript(_ slot: Int) -> SwapSlot {
        let chunk = slot >> 9
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return SwapSlot() }
        return chunks[chunk][slot & 511]
    }

    /// Calls `body` with the slots that are referred to, in order.
    func forEachInUse(_ body: (Int, SwapSlot) -> Void) {
        for (number, chunk) in chunks.enumerated() where !chunk.isEmpty {
            for place in chunk.indices where chunk[place].isInUse { body(number << 9 | place, chunk[place]) }
        }
    }

    /// The first slot after `slot`, up to `last`, that is referred to.
    func firstInUse(after slot: Int, through last: Int) -> Int? {
        var next = slot + 1
        while next <= last {
            let chunk = next >> 9
            guard chunk < chunks.count, !chunks[chunk].isEmpty else {
                next = (chunk + 1) << 9
                continue
            }
            if chunks[chunk][next & 511].isInUse { return next }
            next += 1
        }
        return nil
    }

    /// Changes a slot. Returns the change of the fingerprint.
    mutating func update(_ slot: Int, _ body: (inout SwapSlot) -> Void) -> UInt64 {
        let chunk = slot >> 9
        while chunks.count <= chunk { chunks.append([]) }
        if chunks[chunk].isEmpty { chunks[chunk] = [SwapSlot](repeating: SwapSlot(), count: 512) }
        let old = chunks[chunk][slot & 511]
        body(&chunks[chunk][slot & 511])
        let new = chunks[chunk][slot & 511]
        cachedPages += (new.cached == .none ? 0 : 1) - (old.cached == .none ? 0 : 1)
        if old.isInUse, !new.isInUse {
            chunks[chunk][slot & 511] = SwapSlot()
            slotsInUse -= 1
        } else if !old.isInUse, new.isInUse {
            slotsInUse += 1
        }
        return chunks[chunk][slot & 511].contribution(slot) &- old.contribution(slot)
    }
}

/// A slot of a swap area: its `swap_map`, its page in the swap cache, and what the device holds.
struct SwapSlot: Equatable, BitwiseCopyable, Sendable {
    /// How many entries name it.
    var count: Int32 = 0
    /// Its page in the swap cache: `SWAP_HAS_CACHE`.
    var cached: FrameNumber = .none
    /// The content stamp on the device.
    var stamp: UInt32 = 0
    /// Whether it is reserved without a page in the swap cache: also `SWAP_HAS_CACHE`. It is in a processor's stock, or
    /// is being read past the swap cache.
    var isReserved = false
    /// Whether its page is all zeroes and was not written: its bit of `zeromap`.
    var isZero = false
    /// When its page was reclaimed: see ``Shadow``.
    var shadow = Shadow.none

    /// Whether anything refers to it.
    var isInUse: Bool { count > 0 || cached != .none || isReserved }

    /// What the slot adds to the fingerprint. The age of its shadow is added separately, relative to now.
    func contribution(_ number: Int) -> UInt64 {
        guard isInUse else { return 0 }
        let words = UInt64(UInt32(bitPattern: count)) | UInt64(stamp) << 32
        var mark: UInt64 = cached == .none ? 0 : 0x5A5A_0000_0000_5A5A
        if isReserved { mark ^= 0x3C3C_0000_3C3C_0000 }
        if isZero { mark ^= 0x0000_6969_0000_6969 }
        return Mixing.mix(Mixing.swapPlace(number), words ^ mark)
    }
}

extension Mixing {
    /// The place "page of slot `slot` in the swap cache".
    static func swapPlace(_ slot: Int) -> UInt64 {
        mix(UInt64(slot) ^ 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9)
    }
}
