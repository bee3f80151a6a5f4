/// The swap areas of a machine, their slots, and how far swap readahead has come. Models `swap_info_struct` with
/// `swap_map`, and the address space of the swap cache.
///
/// The number of a slot is state, unlike that of a frame: readahead reads the slots around the one that a fault wants.
struct SwapSpace: Sendable {
    /// The areas, in the order in which they were added and are filled.
    private(set) var areas: [SwapArea] = []
    /// All slots, by number; slot 0 is the header that no entry names.
    private(set) var slots: [SwapSlot] = [SwapSlot()]
    /// How many slots an entry or a cached page refers to.
    private(set) var slotsInUse = 0
    /// No slot below is free. Follows from the slots.
    private var firstCandidate = 1
    /// How many pages that were read ahead have been wanted: `swapin_readahead_hits`.
    var readaheadHits = 4
    /// The slot of the last swap-in that judged without hits: `prev_offset`.
    var previousSlot = 0
    /// The last window of readahead, in pages: `last_readahead_pages`.
    var previousWindow = 0

    /// `MAX_SWAPFILES` without the types that name no area. The numbers of all slots fit an entry's frame then.
    static var mostAreas: Int { 32 }

    /// How many slots there are.
    var total: Int { slots.count - 1 }

    /// Adds an area behind the others.
    mutating func addArea(on device: DeviceID, pages: Int, isSynchronous: Bool) {
        areas.append(SwapArea(device: device, first: slots.count, pages: pages, isSynchronous: isSynchronous))
        slots += [SwapSlot](repeating: SwapSlot(), count: pages)
    }

    /// The number of the area that `slot` lies in.
    func area(of slot: Int) -> Int {
        guard slot < slots.count, let area = areas.lastIndex(where: { $0.first <= slot }) else {
            misuse("slot \(slot) lies in no swap area; there are slots 1 to \(total)")
        }
        return area
    }

    /// From now on the slots `run` of the machine can't be read.
    mutating func breakSlots(_ run: PageRun) { areas[area(of: run.first)].badSlots.append(run) }

    /// The lowest free slot: `get_swap_pages()`; `nil` if all are in use.
    mutating func takeSlot() -> Int? {
        while firstCandidate < slots.count, slots[firstCandidate].isInUse { firstCandidate += 1 }
        return firstCandidate < slots.count ? firstCandidate : nil
    }

    /// Changes a slot, and answers the change of the fingerprint.
    mutating func update(_ slot: Int, _ body: (inout SwapSlot) -> Void) -> UInt64 {
        let before = slots[slot].contribution(slot)
        let wasInUse = slots[slot].isInUse
        body(&slots[slot])
        if wasInUse, !slots[slot].isInUse {
            slots[slot] = SwapSlot()
            slotsInUse -= 1
            firstCandidate = min(firstCandidate, slot)
        } else if !wasInUse, slots[slot].isInUse {
            slotsInUse += 1
        }
        return slots[slot].contribution(slot) &- before
    }
}

/// One swap area on a block device.
struct SwapArea: Equatable, Sendable {
    /// The device.
    var device: DeviceID
    /// Its first slot.
    var first: Int
    /// How many slots it has.
    var pages: Int
    /// Whether reads and writes are done when they return: `SWP_SYNCHRONOUS_IO`, as of compressed memory.
    var isSynchronous: Bool
    /// The slots that can't be read: an injected media error.
    var badSlots: [PageRun] = []

    /// The slot behind its last one.
    var end: Int { first + pages }
}

/// A slot of a swap area: `swap_map` of it, its page in the swap cache, and what the device holds.
struct SwapSlot: Equatable, BitwiseCopyable, Sendable {
    /// How many entries name it.
    var count: Int32 = 0
    /// Its page in the swap cache: `SWAP_HAS_CACHE`.
    var cached: FrameNumber = .none
    /// The content stamp on the device.
    var stamp: UInt32 = 0
    /// When its page was reclaimed: see ``WorkingSet``.
    var shadow = Shadow.none

    /// Whether something refers to it.
    var isInUse: Bool { count > 0 || cached != .none }

    /// What the slot adds to the fingerprint. The age of its shadow is told apart, relative to now.
    func contribution(_ number: Int) -> UInt64 {
        guard isInUse else { return 0 }
        let words = UInt64(UInt32(bitPattern: count)) | UInt64(stamp) << 32
        return Mixing.mix(Mixing.swapPlace(number), words ^ (cached == .none ? 0 : 0x5A5A_0000_0000_5A5A))
    }
}

extension Mixing {
    /// The place "page of slot `slot` in the swap cache".
    static func swapPlace(_ slot: Int) -> UInt64 {
        mix(UInt64(slot) ^ 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9)
    }
}
