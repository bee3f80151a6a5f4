/// A part of the machine that tasks share: what one stage writes and another may read.
///
/// A task's own activations, fault, batches and counters are not shared, and are not listed here. Nor are the order of
/// the run queue, the clock, the numbers of new frames, and statistics: an exploration does not see them.
public enum StateLocation: Equatable, BitwiseCopyable, Sendable {
    /// A sleeping lock: the tasks that hold it or wait for it, and how often it was taken for writing.
    case lock(LockName)
    /// The areas of a memory map with their `anon_vma`s; the bounds of its heap and stack; the flags of new areas;
    /// whether the map was ever pinned.
    case areas(MapID)
    /// The locks of a memory map's areas: which are read, by which tasks, and which are locked for writing.
    case areaLocks(MapID)
    /// How many tasks and calls use a memory map.
    case users(MapID)
    /// The page-table entry of one page, and whether there is a table for it.
    case entry(MapID, PageNumber)
    /// All page-table entries of a memory map, and its tables.
    case entries(MapID)
    /// One page of a file: whether it is cached, and the cached page, with flags, content, references, and the tasks
    /// that sleep for it.
    case cachedPage(FileID, PageIndex)
    /// All pages of a file.
    case cache(FileID)
    /// A page that is in no file's cache: anonymous, a handler's own, or removed.
    case page(FrameNumber)
    /// All pages that are in no file's cache.
    case uncachedPages
    /// The state of a file besides its pages: size, blocks, readahead, and the state of its file system. A file without
    /// a name also counts its pins here, because it ends with the last of them.
    case file(FileID)
    /// How many pins keep a file that has a name. Tasks that count pins in or out don't see each other, and no other
    /// stage reads the count.
    case filePins(FileID)
    /// The pins that a task has taken, and how many it has.
    case pins(TaskID)
    /// The swap slots, and how far swap is read ahead.
    case swap
    /// How many frames are free, in which order pages are reclaimed, which tasks wait for memory, and which allocations
    /// are to fail. It matters only if frames are limited or failures are injected.
    case memory
    /// How many pages are dirty, and which tasks are throttled for it. It matters only if there is a limit.
    case dirtyPages
    /// The requests that a device has under way, the tasks that wait for one, and until when the device takes no more.
    case device(DeviceID)
    /// How long a device delays the task that has just submitted.
    case submission
    /// The tasks that sleep on a channel.
    case channel(UInt64)
    /// A userfaultfd: the processes that have it, the tasks that wait for it, and its messages.
    case userfault(UserfaultID)
    /// The state of a task that other tasks see: its signals, and whether it sleeps, runs or has ended.
    case task(TaskID)
    /// Which tasks, maps, files and devices there are.
    case world

    /// Whether a change of one can be observed through the other.
    package func overlaps(_ other: StateLocation) -> Bool {
        switch (self, other) {
        case (.entry(let a, _), .entries(let b)), (.entries(let a), .entry(let b, _)): a == b
        case (.cachedPage(let a, _), .cache(let b)), (.cache(let a), .cachedPage(let b, _)): a == b
        case (.page, .uncachedPages), (.uncachedPages, .page): true
        default: self == other
        }
    }

    /// Whether it equals another location, or is a part of it.
    func isPart(of other: StateLocation) -> Bool {
        switch (self, other) {
        case (.entries, .entry), (.cache, .cachedPage), (.uncachedPages, .page): false
        default: overlaps(other)
        }
    }
}
