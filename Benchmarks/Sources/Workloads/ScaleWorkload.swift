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
    /// A first write to a page beside many areas; one unit is a fault.
    case faultsBesideAreas
    /// `mmap(2)` and `munmap(2)` of one page beside many areas; one unit is such a pair.
    case mapsBesideAreas
    /// A copy of a machine with many pages, a write to one of them in the copy, and dropping the copy; one unit is that.
    case copies
    /// `mincore(2)` of memory that is all there; one unit is a page.
    case mincore
    /// `mremap(2)` of memory that is all there, to elsewhere; one unit is a page.
    case moves
    /// Which tasks hold a lock and which wait for it, beside tasks that do something else; one unit is one look at a lock.
    case lockViews
    /// Which task waits for which, where all tasks wait for one lock for writing; one unit is a task.
    case waitLinks
    /// The longest chain of tasks that wait for each other, where all of them read behind a writer; one unit is a task.
    case waitChains
    /// Writes to anonymous pages, some much more often than others, with memory for a tenth of them and swap for the rest;
    /// one unit is a touch.
    case pressureOnMemory
    /// Reads of pages of a file, some much more often than others, with memory for a tenth of them; one unit is a touch.
    case pressureOnFile

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
        case .faultsBesideAreas: "minor fault beside areas"
        case .mapsBesideAreas: "mmap + munmap of a page beside areas"
        case .copies: "copy of a machine and one write to it"
        case .mincore: "mincore of a page"
        case .moves: "mremap of a page"
        case .lockViews: "the holders of a lock, beside tasks"
        case .waitLinks: "the task that a task waits for"
        case .waitChains: "longest chain of waits, of a task"
        case .pressureOnMemory: "Zipf touch of anonymous memory, a tenth fits"
        case .pressureOnFile: "Zipf touch of a file, a tenth fits"
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
        case .faultsBesideAreas, .mapsBesideAreas: (1_000, 65_000)
        case .copies: (10_000, 1_000_000)
        case .mincore, .moves: (1_000, 100_000)
        case .lockViews: (100, 10_000)
        case .waitLinks: (100, 2_000)
        case .waitChains: (10, 20)
        case .pressureOnMemory, .pressureOnFile: (1 << 13, 1 << 20)
        }
    }

    /// Whether a run takes so long that few of them must do.
    public var isLong: Bool {
        switch self {
        case .pressureOnMemory, .pressureOnFile, .waitChains: true
        default: false
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
        case .faultsBesideAreas: try ScaleRun.faulting(besideAreas: size)
        case .mapsBesideAreas: try ScaleRun.mapping(besideAreas: size)
        case .copies: try ScaleRun.copying(pages: size)
        case .mincore: try ScaleRun.askingMincore(pages: size)
        case .moves: try ScaleRun.moving(pages: size)
        case .lockViews: try ScaleRun.viewingLock(beside: size)
        case .waitLinks: try ScaleRun.describingWaits(of: size)
        case .waitChains: try ScaleRun.describingChain(of: size)
        case .pressureOnMemory: try ScaleRun.pressing(pages: size, ofFile: false)
        case .pressureOnFile: try ScaleRun.pressing(pages: size, ofFile: true)
        }
    }
}

/// A run of a ``ScaleWorkload`` that is set up.
public struct ScaleRun {
    var machine: Machine
    /// How many units one run does.
    public let count: Int
    /// What is timed. It returns a number that depends on everything that was done; `nil` if something else happened.
    let body: (inout Machine) -> Int?

    /// Does what is timed.
    ///
    /// - Returns: A number that depends on all that was done; `nil` if something else happened than it should have.
    public mutating func go() -> Int? { body(&machine) }
}
