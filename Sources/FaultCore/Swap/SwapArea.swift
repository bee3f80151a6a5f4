/// One swap area on a block device, and how its slots are given out. Models `swap_info_struct`.
///
/// Offsets are the kernel's: the area's slots are 1 to ``pages``, and 0 is its header.
struct SwapArea: Equatable, Sendable {
    /// The device.
    let device: DeviceID
    /// How many slots it has.
    let pages: Int
    /// Whether reads and writes are done when they return: `SWP_SYNCHRONOUS_IO`, as for compressed memory.
    let isSynchronous: Bool
    /// Whether the device rotates, so that slots are best used and read in order: no `SWP_SOLIDSTATE`.
    let isRotational: Bool
    /// The priority. The area with the highest one is filled first.
    let priority: Int
    /// The number of its first slot among all slots of the machine.
    var first = 1
    /// Whether slots are given out: `SWP_WRITEOK`.
    var isWritable = true
    /// Whether the area exists; not after `swapoff(2)`.
    var isInUse = true
    /// The slots of the machine that can be neither read nor written: an injected media error.
    var badSlots: [PageRun] = []

    /// How many slots are referred to: `inuse_pages`.
    private(set) var slotsInUse = 0
    /// No slot below this one is free: `lowest_bit`.
    private(set) var lowest = 1
    /// No slot above this one is free; 0 if none is: `highest_bit`.
    private(set) var highest: Int
    /// The slots in use, one bit each, including the header and the bits past the last slot.
    private var used: [UInt64]
    /// The clusters of a solid-state device.
    var clusters = SwapClusters()
    /// Where the next search begins: `cluster_next`, or `cluster_next_cpu` for a solid-state device, for which the
    /// kernel begins with a random slot.
    var searchStart: Int
    /// How many slots may be taken in a row before a new run of free slots is searched for: `cluster_nr`.
    var leftInRun = 0

    /// Makes an area whose slots are all free.
    init(
        on device: DeviceID, pages: Int, isSynchronous: Bool, isRotational: Bool, priority: Int, listsClusters: Bool
    ) {
        self.device = device
        self.pages = pages
        self.isSynchronous = isSynchronous
        self.isRotational = isRotational
        self.priority = priority
        highest = pages
        used = [UInt64](repeating: 0, count: (pages + 1 + 63) / 64)
        used[0] = 1
        let end = (pages + 1) & 63
        if end != 0 { used[used.count - 1] |= ~0 << UInt64(end) }
        searchStart = isRotational ? 1 : 0
        if !isRotational { clusters = SwapClusters(slots: pages, listsAll: listsClusters) }
    }

    /// The slot after its last one.
    var end: Int { first + pages }

    /// Whether a slot can be given out.
    var hasFreeSlots: Bool { highest > 0 }

    /// The slot of the machine at an offset.
    func slot(at offset: Int) -> Int { first + offset - 1 }

    /// The offset of a slot of the machine.
    func offset(of slot: Int) -> Int { slot - first + 1 }

    /// Whether the slot at `offset` is referred to, or does not exist.
    func isUsed(_ offset: Int) -> Bool {
        offset < 0 || offset > pages || used[offset >> 6] & (1 << UInt64(offset & 63)) != 0
    }

    /// The first free slot from `offset` on, below `end`.
    func firstFree(from offset: Int, below end: Int) -> Int? {
        var word = offset >> 6
        guard offset < end, word < used.count else { return nil }
        var free = ~used[word] & (~0 << UInt64(offset & 63))
        while true {
            if free != 0 {
                let found = word << 6 | free.trailingZeroBitCount
                return found < end ? found : nil
            }
            word += 1
            guard word < used.count, word << 6 < end else { return nil }
            free = ~used[word]
        }
    }

    /// Takes a slot: `swap_range_alloc()`. Returns whether it was the last free one.
    mutating func take(_ offset: Int) -> Bool {
        used[offset >> 6] |= 1 << UInt64(offset & 63)
        if offset == lowest { lowest += 1 }
        if offset == highest { highest -= 1 }
        slotsInUse += 1
        guard slotsInUse == pages else { return false }
        lowest = pages + 1
        highest = 0
        return true
    }

    /// Frees a slot: `swap_range_free()`. Returns whether no slot was free before.
    mutating func giveBack(_ offset: Int) -> Bool {
        used[offset >> 6] &= ~(1 << UInt64(offset & 63))
        lowest = min(lowest, offset)
        let wasFull = highest == 0
        highest = max(highest, offset)
        slotsInUse -= 1
        return wasFull
    }

    /// Adds to `sink` what decides which slots are given out next.
    func add<Sink: StateSink>(to sink: inout Sink) {
        sink.add(device.rawValue)
        sink.add(first)
        sink.add(pages)
        sink.add(
            UInt64(isSynchronous ? 1 : 0) | (isRotational ? 2 : 0) | (isWritable ? 4 : 0) | (isInUse ? 8 : 0))
        sink.add(priority)
        sink.add(badSlots)
        sink.add(lowest)
        sink.add(highest)
        sink.add(searchStart)
        sink.add(leftInRun)
        clusters.add(to: &sink)
    }
}

/// The clusters of a solid-state swap device: runs of 512 slots, which a processor takes for itself one at a time.
struct SwapClusters: Equatable, Sendable {
    /// What a cluster is to a search for slots. Up to Linux 6.11, a cluster is only free or not.
    enum Kind: UInt8 {
        case inUse
        case free
        case partlyUsed
        case fragmented
        case full
    }

    /// `SWAPFILE_CLUSTER` with `CONFIG_THP_SWAP`.
    static var size: Int { 512 }

    /// How many slots of each cluster are in use, including the header and the slots past the last one.
    private var counts: [UInt16] = []
    private(set) var kinds: [Kind] = []
    /// The clusters of each kind except ``Kind/inUse``, in order.
    private var lists: [[UInt32]] = [[], [], [], [], []]
    /// The processor's cluster; nil for none.
    var current: Int?
    /// The next slot that the processor tries; 0 for none.
    var next = 0

    /// No clusters.
    init() {}

    /// The clusters of a device with this many slots besides its header. Differs: the kernel orders the clusters of
    /// large devices by columns, from a random one on.
    ///
    /// - Parameter listsAll: Whether clusters that are not free are in a list, too.
    init(slots: Int, listsAll: Bool) {
        let number = (slots + 1 + Self.size - 1) / Self.size
        counts = [UInt16](repeating: 0, count: number)
        kinds = [Kind](repeating: .inUse, count: number)
        counts[0] = 1
        counts[number - 1] += UInt16(number * Self.size - (slots + 1))
        for cluster in 0..<number {
            if counts[cluster] == 0 {
                move(cluster, to: .free)
            } else if listsAll {
                move(cluster, to: .partlyUsed)
            }
        }
    }

    /// Whether there are any clusters.
    var exist: Bool { !counts.isEmpty }

    /// How many slots of a cluster are in use.
    func count(_ cluster: Int) -> Int { Int(counts[cluster]) }

    /// The first cluster of a kind.
    func first(_ kind: Kind) -> Int? { lists[Int(kind.rawValue)].first.map(Int.init) }

    /// How many clusters are of a kind.
    func number(of kind: Kind) -> Int { lists[Int(kind.rawValue)].count }

    /// The clusters of a kind, in order.
    func all(_ kind: Kind) -> [Int] { lists[Int(kind.rawValue)].map(Int.init) }

    /// Makes a cluster the last one of a kind.
    mutating func move(_ cluster: Int, to kind: Kind) {
        let old = Int(kinds[cluster].rawValue)
        if old != 0, let place = lists[old].firstIndex(of: UInt32(cluster)) { lists[old].remove(at: place) }
        kinds[cluster] = kind
        if kind != .inUse { lists[Int(kind.rawValue)].append(UInt32(cluster)) }
    }

    /// Counts a slot of a cluster that is taken or given back.
    mutating func count(_ cluster: Int, _ change: Int) { counts[cluster] = UInt16(Int(counts[cluster]) + change) }

    func add<Sink: StateSink>(to sink: inout Sink) {
        guard exist else { return }
        sink.add(current ?? -1)
        sink.add(next)
        for list in lists {
            sink.add(list.count)
            for cluster in list { sink.add(cluster) }
        }
    }
}

/// Slots that a processor has in stock, and slots that were returned to it: `swap_slots_cache`. Differs: one cache
/// serves all processors.
struct SwapSlotCache: Equatable, Sendable {
    /// Whether there is an area to fill it from.
    var isEnabled = false
    /// Whether there are enough free slots for it.
    var isActive = false
    /// The slots in stock, the next one last.
    var stock: [UInt32] = []
    /// The slots that came back, the latest last.
    var returned: [UInt32] = []

    /// `SWAP_SLOTS_CACHE_SIZE`.
    static var size: Int { 64 }

    /// Whether slots go through it.
    var isInUse: Bool { isEnabled && isActive }

    func add<Sink: StateSink>(to sink: inout Sink) {
        sink.add(UInt64(isEnabled ? 1 : 0) | (isActive ? 2 : 0))
        sink.add(stock.count)
        for slot in stock { sink.add(slot) }
        sink.add(returned.count)
        for slot in returned { sink.add(slot) }
    }
}
