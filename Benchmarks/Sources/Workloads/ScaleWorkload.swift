import FaultSimulator

/// Something whose cost a unit should not grow with the machine: it is timed at a small and at a large size.
public enum ScaleWorkload: String, CaseIterable, Sendable {
    /// Tasks that can all run take turns; one unit is a turn.
    case runnableSwitch
    /// Tasks that sleep for a time each, over and over; one unit is a sleep.
    case timedSleepers
    /// Tasks that all read pages of a file that are not cached; one unit is a read.
    case coldReads
    /// Tasks that all read one page that is not cached; one unit is a task.
    case herd
    /// SIGKILL of a task beside others that sleep, and `run()`; one unit is a kill.
    case killBesideSleepers
    /// Requests that a device holds are finished one by one, in random order; one unit is a request.
    case completions
    /// Requests that a device finishes by itself; one unit is a request.
    case timedCompletions
    /// `MADV_PAGEOUT` of anonymous memory onto a disk that does not turn; one unit is a page.
    case pageOut
    /// `MADV_PAGEOUT` of areas of one page each; one unit is an area.
    case pageOutOfAreas
    /// `MADV_COLD` of anonymous memory; one unit is a page.
    case cold
    /// Reads of a file in a ring, twice as large as memory: each page is evicted and comes back; one unit is a page.
    case refaults
    /// Shared anonymous memory of one page is mapped, written to and unmapped beside other such memory; one unit is that.
    case sharedAnonymous
    /// Stores to single pages in a process that has many, each run checked as a world does; one unit is a store.
    case checkedStores

    /// What is done, in words.
    public var title: String {
        switch self {
        case .runnableSwitch: "switch between runnable tasks"
        case .timedSleepers: "timed sleep, all tasks"
        case .coldReads: "cold read, all tasks"
        case .herd: "all tasks on one cold page"
        case .killBesideSleepers: "SIGKILL of a sleeper among others, and run()"
        case .completions: "finishing a held request, any order"
        case .timedCompletions: "finishing a request in its time"
        case .pageOut: "MADV_PAGEOUT of a page"
        case .pageOutOfAreas: "MADV_PAGEOUT of an area of one page"
        case .cold: "MADV_COLD of a page"
        case .refaults: "eviction and refault of a file page"
        case .sharedAnonymous: "mmap, store, munmap of shared anonymous memory"
        case .checkedStores: "store, with reports and all laws checked after it"
        }
    }

    /// How many tasks, requests or pages there are at the small end and at the large end.
    public var sizes: (small: Int, large: Int) {
        switch self {
        case .runnableSwitch: (2, 10_000)
        case .timedSleepers, .coldReads, .herd, .killBesideSleepers, .completions, .timedCompletions, .pageOutOfAreas,
            .sharedAnonymous:
            (100, 10_000)
        case .pageOut, .cold, .refaults: (1_000, 20_000)
        case .checkedStores: (10_000, 100_000)
        }
    }

    /// Sets up one run of that size.
    public func prepare(size: Int) throws -> ScaleRun {
        switch self {
        case .runnableSwitch: try ScaleRun.switching(tasks: size)
        case .timedSleepers: try ScaleRun.sleeping(tasks: size)
        case .coldReads: try ScaleRun.reading(tasks: size)
        case .herd: try ScaleRun.herd(tasks: size)
        case .killBesideSleepers: try ScaleRun.killing(beside: size)
        case .completions: try ScaleRun.completing(requests: size)
        case .timedCompletions: try ScaleRun.completingInTime(requests: size)
        case .pageOut: try ScaleRun.advising(.pageOut, pages: size)
        case .pageOutOfAreas: try ScaleRun.pagingOut(areas: size)
        case .cold: try ScaleRun.advising(.cold, pages: size)
        case .refaults: try ScaleRun.refaulting(pages: size)
        case .sharedAnonymous: try ScaleRun.mappingShared(beside: size)
        case .checkedStores: try ScaleRun.storingChecked(beside: size)
        }
    }
}

/// A run of a ``ScaleWorkload`` that is set up.
public struct ScaleRun {
    var machine: Machine
    /// How many units one run does.
    public let count: Int
    /// What is timed. It answers a number that depends on all that was done; `nil` if something else happened.
    let body: (inout Machine) -> Int?

    /// Does what is timed.
    ///
    /// - Returns: A number that depends on all that was done; `nil` if something else happened than it should have.
    public mutating func go() -> Int? { body(&machine) }
}
