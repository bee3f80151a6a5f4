import FaultSimulator
import ScenarioFormat

/// Coming to rest, or never.
///
/// Populating memory over a block that can't be read goes on for ever: each attempt reads the page with the lock dropped,
/// and the next is a first one again. What goes on so changes the same few things again and again.
extension SimulatorRunner {
    /// Steps after which it is looked whether the machine goes in circles.
    private static let stepsBeforeLook = 1 << 14
    /// Steps that are looked at.
    private static let stepsLookedAt = 2048
    /// With so many different states at most among them it goes in circles: what gets on fills a page in a few steps.
    private static let statesOfCircle = 128

    /// Lets the machine come to rest, if it does: sees to ``neverRests``.
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

    /// Runs so many stages at most. It stops now and then, to see whether a limit is passed, and to give the events of a
    /// machine that is traced away, so that no more than those of some stages are kept.
    private mutating func rest(limit: Int) -> StopReason {
        let most = world.machine.isTracing ? 4096 : 1 << 16
        var slice = 64
        var left = limit
        while true {
            let steps = min(left, slice, most)
            let reason = hasTimers ? world.machine.rest(limit: steps) : world.machine.run(limit: steps)
            giveEvents()
            left -= steps
            work += steps
            guard reason == .limitReached, left > 0, excess == nil else { return reason }
            slice = min(slice * 2, most)
        }
    }

    /// Whether the machine, which has gone on for long, changes the same few things again and again.
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

    /// Which limit is passed, and by what; nil if none is.
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

    /// Counts what a line costs beside the steps of the machine.
    mutating func countLook(at line: Line, _ saw: Saw) {
        let size = world.machine.size
        work += (size.pages + size.pageTables * 512) / 64 + size.areas + files.count + threads.count + saw.runs
        switch line.operation {
        case .read(let touches), .write(let touches), .exec(let touches): work += touches.pages / 8
        default: break
        }
    }

    /// Whether so many turns of one line are too many, because the machine goes in circles.
    func isCircle(after turns: Int) -> Bool {
        breaksBlocks && turns >= Self.stepsBeforeLook && turns.nonzeroBitCount == 1 && goesInCircles
    }
}
