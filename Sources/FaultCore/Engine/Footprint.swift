/// A part of the machine that tasks share: what one stage writes and another may read.
///
/// A task's own activations, fault and counters are not shared, and have no place here. Neither have the order of the run
/// queue, the clock and the numbers of frames: an exploration does not see them.
public enum Location: Equatable, BitwiseCopyable, Sendable {
    /// A sleeping lock: who holds it, and who waits for it.
    case lock(LockName)
    /// The areas of a memory map with their own locks and `anon_vma`s; the bounds of its heap and stack; who uses it.
    case areas(MapID)
    /// The page-table entry of one page, and whether there is a table for it.
    case entry(MapID, PageNumber)
    /// All page-table entries of a memory map, and its tables.
    case entries(MapID)
    /// One page of a file: whether it is cached, and the page that is, with flags, content and references.
    case cachedPage(FileID, PageIndex)
    /// All pages of a file.
    case cache(FileID)
    /// What a file is beside its pages: size, blocks, readahead, pins, the state of its file system.
    case file(FileID)
    /// Anonymous pages, with flags, content, references and mappings, and the swap slots that stand for them.
    case anonymousPages
    /// How many frames are free, which pages can be reclaimed, which allocations are to fail.
    case memory
    /// How many pages are dirty, and who is throttled for it.
    case dirtyPages
    /// The requests that a device has under way, and until when it takes no more.
    case device(DeviceID)
    /// A task, as others see it: its signals, whether it sleeps, runs or has ended.
    case task(TaskID)
    /// Which tasks, maps and files there are.
    case world

    /// Whether a change of one may be seen through the other.
    public func overlaps(_ other: Location) -> Bool {
        switch (self, other) {
        case (.entry(let a, _), .entries(let b)), (.entries(let a), .entry(let b, _)): a == b
        case (.cachedPage(let a, _), .cache(let b)), (.cache(let a), .cachedPage(let b, _)): a == b
        default: self == other
        }
    }
}

/// Parts of the machine: what a stage may read, or what it has written.
public struct Footprint: Equatable, Sendable {
    /// The parts; empty if it is ``everything``.
    public private(set) var locations: [Location]
    /// Whether it is all that tasks share.
    public private(set) var isEverything: Bool

    /// Some parts.
    public init(_ locations: [Location] = []) {
        self.locations = locations
        isEverything = false
    }

    private init(everything: Void) {
        locations = []
        isEverything = true
    }

    /// All that tasks share.
    public static var everything: Self { Self(everything: ()) }
    /// Nothing that tasks share.
    public static var nothing: Self { Self() }

    /// Adds a part.
    public mutating func insert(_ location: Location) {
        if !isEverything, !locations.contains(location) { locations.append(location) }
    }

    /// Adds parts.
    public mutating func formUnion(_ other: Footprint) {
        if other.isEverything { self = .everything }
        for location in other.locations { insert(location) }
    }

    /// Both together.
    public func union(_ other: Footprint) -> Footprint {
        var all = self
        all.formUnion(other)
        return all
    }

    /// Whether a change within one may be seen through the other.
    public func overlaps(_ other: Footprint) -> Bool {
        if isEverything { return other.isEverything || !other.locations.isEmpty }
        if other.isEverything { return !locations.isEmpty }
        return locations.contains { mine in other.locations.contains { mine.overlaps($0) } }
    }
}

/// The locks that a routine holds, or that its caller has lent it.
public struct Holdings: Equatable, Sendable {
    /// The sleeping locks that the routine has taken and has to release.
    public var locks: [HeldLock]

    /// Nothing, or some locks.
    public init(_ locks: [HeldLock] = []) { self.locks = locks }

    /// Nothing.
    public static var nothing: Self { Self() }

    /// One lock.
    public static func lock(_ lock: LockName, _ mode: LockMode) -> Self { Self([HeldLock(lock, mode)]) }
}

/// What surrounds a stage that is about to run, for what its routine declares of it.
public struct StageView: Sendable {
    /// The task that runs it.
    public let task: TaskID
    /// The memory map of the task; none for a thread of the kernel.
    public let map: MapID
    /// The fault that the task handles.
    public let fault: VMFault
    /// What the stage will be told.
    public let resumed: Resumption
    /// The machine, as it is.
    public let machine: Machine
}
