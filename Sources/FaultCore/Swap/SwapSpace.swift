/// The swap areas of a machine, their slots, and how far swap readahead has come. Models `swap_info_struct` with
/// `swap_map`, and the address space of the swap cache.
///
/// The number of a slot is state, unlike that of a frame: readahead reads the slots around the one that a fault wants.
/// The slots of all areas are numbered one after the other; the kernel numbers those of each area from 1.
struct SwapSpace: Equatable, Sendable {
    /// The areas, in the order in which they were added.
    private(set) var areas: [SwapArea] = []
    /// The areas that have free slots, in the order in which they are filled: `swap_avail_heads`.
    var available: [Int] = []
    /// The slots that processors have in stock and have got back.
    var slotCache = SwapSlotCache()
    /// The slots, in chunks of 512; a chunk is made when one of its slots is first used.
    private var chunks: [[SwapSlot]] = []
    /// How many slots there are, with slot 0 that no entry names.
    private(set) var count = 1
    /// How many slots something refers to.
    private(set) var slotsInUse = 0
    /// How many pages are in the swap cache.
    private(set) var cachedPages = 0
    /// How many pages that were read ahead have been wanted: `swapin_readahead_hits`.
    var readaheadHits = 4
    /// The slot of the last swap-in that judged without hits: `prev_offset`.
    var previousSlot = 0
    /// The last window of readahead, in pages: `last_readahead_pages`.
    var previousWindow = 0
    /// The memory maps that have had pages swapped out, as `mmlist` has them.
    var maps: [MapID] = []
    /// The tmpfs files that have had pages swapped out, as `shmem_swaplist` has them.
    var files: [FileID] = []

    /// `MAX_SWAPFILES` without the types that name no area. The numbers of all slots fit an entry's frame then.
    static var mostAreas: Int { 32 }

    /// How many slots of areas in use there are.
    private(set) var total = 0

    /// How many slots can be taken: `nr_swap_pages`. Below 0 while an area is being given up whose pages have no room
    /// elsewhere.
    var free: Int { total - promised - areas.reduce(0) { $0 + $1.slotsInUse } }

    /// How many slots are promised to who is just looking for some. 0 between stages.
    var promised = 0

    /// Whether a fault's address says what is read ahead, and not the slot: `swap_use_vma_readahead()`.
    var readsAheadByAddress: Bool { !areas.contains { $0.isInUse && $0.isRotational } }

    /// Adds an area behind the others of its priority.
    mutating func addArea(_ area: SwapArea) {
        var area = area
        area.first = count
        count += area.pages
        total += area.pages
        areas.append(area)
        makeAvailable(areas.count - 1)
        slotCache.isEnabled = true
    }

    /// No more slots of the area are given out: `swapoff(2)`.
    mutating func closeArea(_ number: Int) {
        areas[number].isWritable = false
        total -= areas[number].pages
        available.removeAll { $0 == number }
    }

    /// The area is given up for good.
    mutating func removeArea(_ number: Int) { areas[number].isInUse = false }

    /// What ``closeArea(_:)`` did is undone.
    mutating func reopenArea(_ number: Int) {
        areas[number].isWritable = true
        total += areas[number].pages
        if areas[number].hasFreeSlots { makeAvailable(number) }
    }

    /// Puts an area behind those of its priority and above: `add_to_avail_list()`.
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

    /// From now on the slots `run` of the machine can't be read or written.
    mutating func breakSlots(_ run: PageRun) { areas[area(of: run.first)].badSlots.append(run) }

    /// The slots `run` of the machine can be read and written again.
    mutating func mendSlots(_ run: PageRun) {
        for number in areas.indices { areas[number].badSlots = areas[number].badSlots.flatMap { $0.without(run) } }
    }

    /// All slots can be read and written again.
    mutating func mendSlots() { for number in areas.indices { areas[number].badSlots = [] } }

    /// A slot.
    subscript(_ slot: Int) -> SwapSlot {
        let chunk = slot >> 9
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return SwapSlot() }
        return chunks[chunk][slot & 511]
    }

    /// Calls `body` with the slots that something refers to, in order.
    func forEachInUse(_ body: (Int, SwapSlot) -> Void) {
        for (number, chunk) in chunks.enumerated() where !chunk.isEmpty {
            for place in chunk.indices where chunk[place].isInUse { body(number << 9 | place, chunk[place]) }
        }
    }

    /// The first slot behind `slot`, and not behind `last`, that something refers to.
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

    /// Changes a slot, and answers the change of the fingerprint.
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

/// A slot of a swap area: `swap_map` of it, its page in the swap cache, and what the device holds.
struct SwapSlot: Equatable, BitwiseCopyable, Sendable {
    /// How many entries name it.
    var count: Int32 = 0
    /// Its page in the swap cache: `SWAP_HAS_CACHE`.
    var cached: FrameNumber = .none
    /// The content stamp on the device.
    var stamp: UInt32 = 0
    /// Whether it is spoken for without a page in the swap cache: `SWAP_HAS_CACHE` too. It is in a processor's stock, or
    /// is being read past the swap cache.
    var isReserved = false
    /// Whether its page is all zeroes and was not written: its bit of `zeromap`.
    var isZero = false
    /// When its page was reclaimed: see ``WorkingSet``.
    var shadow = Shadow.none

    /// Whether something refers to it.
    var isInUse: Bool { count > 0 || cached != .none || isReserved }

    /// What the slot adds to the fingerprint. The age of its shadow is told apart, relative to now.
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
