import FaultSimulator
import ScenarioFormat

/// Running until the machine is at rest, with a check whether it ever will be.
///
/// Populating memory over a block that can't be read never ends: each attempt reads the page with the lock dropped, and
/// the next one is a first attempt again. Such a loop goes through the same few states again and again.
extension SimulatorRunner {
    /// The number of steps after which it checks whether the machine loops.
    private static let stepsBeforeLook = 1 << 14
    /// The number of steps that are checked.
    private static let stepsLookedAt = 2048
    /// The machine loops if these steps have at most this many different states: an operation that makes progress fills
    /// a page in a few steps.
    private static let statesOfCircle = 128

    /// Lets the machine come to rest, or sets ``neverRests``.
    mutating func rest() -> StopReason {
        neverRests = false
        guard breaksBlocks else { return rest(limit: ScenarioLimits.work) }
        if let mostReads {
            for _ in 0..<mostReads { _ = world.machine.run(until: .event(.ioCompleted), limit: Self.stepsBeforeLook) }
            neverRests = true
            return StopReason(.limitReached)
        }
        var reason = rest(limit: Self.stepsBeforeLook)
        var steps = Self.stepsBeforeLook
        while reason == .limitReached, excess == nil {
            if goesInCircles {
                neverRests = true
                break
            }
            reason = rest(limit: steps)
            steps *= 2
        }
        return reason
    }

    /// Runs at most `limit` stages. It stops from time to time to check the limits, and to pass on the events of a
    /// traced machine, so that only the events of some stages are kept.
    private mutating func rest(limit: Int) -> StopReason {
        let most = world.machine.isTracing ? 4096 : 1 << 16
        var slice = 64
        var left = limit
        while true {
            let steps = min(left, slice, most)
            let reason = hasTimers ? world.machine.rest(limit: steps) : world.machine.run(limit: steps)
            giveEvents()
            left -= steps
            work += steps * (1 + extraWorkOfStep)
            countScans()
            guard reason == .limitReached, left > 0, excess == nil else { return reason }
            slice = min(slice * 2, most)
        }
    }

    /// What a step costs in addition to one unit: a task that writes back looks for the first dirty page, a device
    /// looks for bad blocks, and what takes a page away looks at each process that may have mapped it.
    private var extraWorkOfStep: Int {
        let processes = Set(threads.lazy.filter { !$0.isGone }.map(\.process)).count
        return (hasTimers ? world.machine.size.pages >> 12 : 0) + badRuns >> 6 + processes >> 6
    }

    /// Whether the machine, after a long run, goes through the same few states again and again.
    private var goesInCircles: Bool {
        var machine = world.machine
        var states: Set<UInt64> = []
        for _ in 0..<Self.stepsLookedAt {
            guard machine.run(limit: 1) == .limitReached else { return false }
            states.insert(machine.fingerprint)
            if states.count > Self.statesOfCircle { return false }
        }
        return true
    }

    // MARK: Limits

    /// The limit that is exceeded, and by what; nil if there is none.
    var excess: String? {
        let size = world.machine.size
        if size.pages > ScenarioLimits.pagesInUse || size.pageTables > ScenarioLimits.pageTables
            || size.areas > ScenarioLimits.areasInUse
        {
            return
                "now \(size.pages) pages, \(size.pageTables) page tables and \(size.areas) areas are in use; at most "
                + "\(ScenarioLimits.pagesInUse), \(ScenarioLimits.pageTables) and \(ScenarioLimits.areasInUse) may be"
        }
        return work > ScenarioLimits.work ? Self.tooMuchWork : nil
    }

    static let tooMuchWork =
        "the scenario takes more than \(ScenarioLimits.work) units of work up to here; let it touch or map less, or cut it "
        + "in two"

    /// Counts the work of a line in addition to the steps of the machine.
    mutating func countLook(at line: Line, _ saw: Saw) {
        let size = world.machine.size
        let waits = threads.count { $0.isBusy && !$0.isGone } + descriptors.count
        let swapped = saw.swapped?.values.joined().reduce(0) { $0 + $1.count } ?? 0
        // The laws are checked on every entry and area, not only observed.
        let memory = (size.pages + size.pageTables * 512) / 64 + size.areas
        work += memory * (world.machine.isChecking ? 8 : 1) + files.count + pagesOfFiles >> 16
        work += threads.count + saw.runs + swapped / 4 + waits * waits / 8
        switch line.operation {
        case .read(let touches), .write(let touches), .exec(let touches): work += touches.pages / 8
        case .mincore(let part): work += part.pages / 8
        case .file(let file): pagesOfFiles += file.pages
        // What a file has lost leaves its trace in the page cache.
        case .truncate(_, let pages): pagesOfFiles = min(pagesOfFiles + pages, files.count << 24)
        case .pwrite(let part): notePages(of: part)
        case .copyOut(let copy): notePages(of: copy.filePart)
        default: break
        }
    }

    /// Counts the work of a check of the laws in the middle of a line: where there are new page tables, it looks through
    /// all of them.
    mutating func countCheck() {
        let tables = world.machine.size.pageTables
        if tables != checkedTables { work += tables / 32 }
        checkedTables = tables
    }

    /// Counts the pages that reclaim has looked at since the last call. One step may look at many.
    mutating func countScans() {
        let scans = world.machine.events.pgscan
        work += 6 * (scans - countedScans)
        countedScans = scans
    }

    private mutating func notePages(of part: FilePart) {
        pagesOfFiles = min(pagesOfFiles + part.page + part.pages, files.count << 24)
    }

    /// Whether this number of turns of one line is too large, because the machine loops.
    func isCircle(after turns: Int) -> Bool {
        breaksBlocks && turns >= Self.stepsBeforeLook && turns.nonzeroBitCount == 1 && goesInCircles
    }
}
