/// The events of a memory group: `memory.events` and `memory.swap.events`. Statistics.
public struct MemoryGroupEvents: Equatable, BitwiseCopyable, Sendable {
    /// `max`: charges that the limit refused at first, so that pages were reclaimed.
    public internal(set) var limitReached = 0
    /// `oom`: how often reclaim could not make room for a charge, or for a lowered limit. A lowered limit that kills a
    /// process counts twice.
    public internal(set) var outOfMemory = 0
    /// `max` of swap: pages that stayed in memory because of the limit of swap.
    public internal(set) var swapLimitReached = 0

    /// No events.
    package init() {}
}
