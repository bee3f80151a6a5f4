/// The state of a memory group: a `mem_cgroup` with its one `lruvec`.
struct GroupState: Sendable {
    /// `memory.max`, in pages.
    var limit: Int
    /// `memory.swap.max`, in pages.
    var swapLimit: Int
    /// Pages charged, including ``stock``: the counter `memory`.
    var usage = 0
    /// Pages of ``usage`` that a processor has in stock: `memcg_stock`.
    var stock = 0
    /// Slots charged: the counter `swap`.
    var swapUsage = 0
    /// The charged slots, one bit each.
    var chargedSlots: [UInt64] = []
    /// `memory.events` and its siblings. Statistics.
    var events = MemoryGroupEvents()

    /// The pages in order of use.
    var pages = GroupPages()
    /// The pages that processors have not put into a list yet.
    var batches = PageBatches()
    /// `anon_cost` and `file_cost`: the recent cost of reclaiming pages of each type.
    var cost = ByType(0)
    /// How many pages were evicted or activated: `nonresident_age`. Only differences from it are state.
    var nonresidentAge: UInt64 = 0
    /// How many pages were made active because they came back soon: `WORKINGSET_ACTIVATE_ANON` and its sibling.
    var activations = ByType(0)
    /// The lengths of lists as reclaim knows them; they lag behind.
    var statistics = GroupStatistics()
    /// ``GroupStatistics/activations`` when reclaim last ended: `refaults`.
    var activationsBefore = ByType(0)
    /// The generations, if the kernel keeps pages by generation.
    var generations = Generations()

    /// The tasks whose next charge fails: reclaim could not help.
    var refused: [TaskID] = []
    /// Whether reclaim has found only dirty pages of files, so that they must be written.
    var wantsFlusher = false
    /// Whether a worker that is informed of pressure gets the processor at once.
    var workersPreempt = true

    init(limit: Int, swapLimit: Int) {
        self.limit = limit
        self.swapLimit = swapLimit
    }

    /// How many pages can still be charged: `mem_cgroup_margin()`.
    var margin: Int { max(0, limit - usage) }

    /// How many slots can still be charged.
    var swapMargin: Int { swapLimit == .max ? .max : max(0, swapLimit - swapUsage) }

    func isCharged(slot: Int) -> Bool {
        slot >> 6 < chargedSlots.count && chargedSlots[slot >> 6] >> UInt64(slot & 63) & 1 != 0
    }

    /// Gives `sink` the slots that are charged. Slots that were charged in the past are not state.
    func addChargedSlots<Sink: StateSink>(to sink: inout Sink) {
        for (number, word) in chargedSlots.enumerated() where word != 0 && !mistaken(.keyForgetsChargedSlots) {
            sink.add(number)
            sink.add(word)
        }
    }

    mutating func setCharged(slot: Int, _ isCharged: Bool) {
        while chargedSlots.count <= slot >> 6 { chargedSlots.append(0) }
        let bit: UInt64 = 1 << UInt64(slot & 63)
        if isCharged { chargedSlots[slot >> 6] |= bit } else { chargedSlots[slot >> 6] &= ~bit }
    }
}

/// The state of a group when its statistics were last updated: `lruvec_stats`, as `cgroup_rstat` last flushed them.
///
/// They are updated when reclaim begins a pass, if enough has changed since: `stats_flush_threshold`.
struct GroupStatistics: Equatable, BitwiseCopyable, Sendable {
    /// The lengths of the inactive lists.
    var inactive = ByType(0)
    /// The lengths of the active lists.
    var active = ByType(0)
    /// ``GroupState/activations``.
    var activations = ByType(0)
    /// How many changes a processor has counted since its last report: `stats_updates`.
    var changes = 0
    /// How often processors have reported many changes: `stats_flush_threshold`.
    var reports = 0

    /// Counts changes of a group's counters: `memcg_rstat_updated()`.
    mutating func note(_ count: Int) {
        changes += count
        guard changes > Machine.chargeBatch else { return }
        if reports <= 1 { reports += changes / Machine.chargeBatch }
        changes = 0
    }
}

/// The pages that a processor has on their way into a list, in order to move many at a time: `cpu_fbatches`
/// (mm/swap.c).
struct PageBatches: Equatable, Sendable {
    /// New pages: `lru_add`.
    var added: [FrameNumber] = []
    /// Pages that become active: `activate`.
    var activated: [FrameNumber] = []
    /// Pages that reclaim has written: `lru_rotate`.
    var rotated: [FrameNumber] = []
    /// Pages that madvise(MADV_COLD) named: `lru_deactivate`.
    var deactivated: [FrameNumber] = []
    /// Pages given up by madvise(MADV_FREE): `lru_lazyfree`.
    var lazilyFreed: [FrameNumber] = []

    /// Whether all batches are empty.
    var areEmpty: Bool {
        added.isEmpty && activated.isEmpty && rotated.isEmpty && deactivated.isEmpty && lazilyFreed.isEmpty
    }

    /// Removes a page that is freed.
    mutating func forget(_ frame: FrameNumber) {
        guard !areEmpty else { return }
        for path in [\Self.added, \.activated, \.rotated, \.deactivated, \.lazilyFreed] {
            self[keyPath: path].removeAll { $0 == frame }
        }
    }
}
