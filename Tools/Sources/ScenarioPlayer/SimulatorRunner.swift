public import FaultSimulator
public import ScenarioFormat

/// A runner that plays a scenario on the simulator: it translates each operation, lets the machine come to rest, and
/// observes it.
///
/// It has no knowledge of faults. It is a value, so a copy continues independently.
public struct SimulatorRunner: ScenarioRunner {
    /// What is watched while a scenario is played. Each option makes it slower.
    public struct Watching: OptionSet, Sendable {
        /// One bit for each.
        public let rawValue: UInt8

        /// Makes a set of the bits of `rawValue`.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The simulator checks its laws; a broken one ends the replay.
        public static let laws = Watching(rawValue: 1)
        /// The machine does its stages one by one. Before each stage a copy of the machine runs on and is discarded.
        public static let stages = Watching(rawValue: 2)
    }

    /// The simulated machine.
    public internal(set) var world: World
    let watching: Watching
    /// The first disk.
    let firstDisk: DeviceID
    /// The second disk.
    let secondDisk: DeviceID
    /// The swap devices, in the order of the header.
    let swapDevices: [DeviceID]
    /// The assumed number of pages of other files in the machine's statistics; a recording does not say it.
    let otherFilePages: Int
    /// Whether the scenario has threads. Then `rss` and `child` are not observed, as in the format.
    let isThreaded: Bool
    /// Whether the scenario has swap devices or a memory limit, so that reclaim is observed.
    let hasReclaim: Bool
    /// Whether tasks may sleep for a time. Then the machine counts as at rest without waiting for the timer.
    let hasTimers: Bool
    /// Whether the scenario breaks blocks, so that an operation can be endless.
    let breaksBlocks: Bool
    /// The number of reads after which an endless operation is left; nil to leave it when it does nothing new.
    var mostReads: Int?
    /// Whether the machine will never come to rest.
    var neverRests = false
    /// The work so far, in the units of ``ScenarioLimits/work``.
    var work = 0
    /// The pages that reclaim has looked at and that are counted in ``work``.
    var countedScans = 0
    /// The pages that files had when they were longest, in all; not fewer than there are.
    var pagesOfFiles = 0
    /// The number of runs of bad blocks; not less than there are.
    var badRuns = 0

    var files: [(name: String, file: FileID)] = []
    var threads: [PlayedThread] = []
    var processes: [PlayedProcess] = []
    var descriptors: [PlayedDescriptor] = []
    /// The id of the child that was forked last.
    var lastFork: String?
    /// The last position at which each area was made, for processes that don't have it.
    var places: [String: PlayedArea] = [:]
    /// The position of the next area.
    var nextAreaStart = Self.firstAreaStart
    /// How many page tables there were when the laws were checked last.
    var checkedTables = 0
    /// The turns of tasks, if they are chosen; nil for the machine's own order.
    var turns: Turns?
    /// Called with the machine's events.
    public var onEvent: ((String) -> Void)?

    /// Starts a machine for `scenario`, at its beginning.
    ///
    /// - Throws: `PlayError.unsupported` if the machine can't have the header's settings.
    public init(_ scenario: Scenario, as options: PlayOptions, watching: Watching = []) throws(PlayError) {
        try self.init(scenario, as: options, otherFilePages: .max, watching: watching)
    }

    /// Starts a machine with an assumed number of pages of other files in its statistics.
    init(
        _ scenario: Scenario, as options: PlayOptions, otherFilePages: Int, watching: Watching
    ) throws(PlayError) {
        var settings = MachineSettings(scenario.settings)
        settings.otherFilePages = otherFilePages
        self.otherFilePages = otherFilePages
        do {
            world = try World(options.kernel.model, disk: .latency(nanoseconds: 8_000_000), settings: settings)
        } catch {
            throw .unsupported(line: 1, op: "settings", reason: error.description)
        }
        self.watching = watching
        secondDisk = world.addDisk(held: false)
        // Under a memory limit reclaim looks again at pages that it has written, so writes take no time.
        firstDisk =
            scenario.settings.memoryMax == nil
            ? world.disk : world.addDisk(Disk(readLatencyNanoseconds: 8_000_000, writeLatencyNanoseconds: 0))
        var swapDevices: [DeviceID] = []
        for device in scenario.settings.swap {
            // Reads are slow; a write is done before it is observed.
            let disk = world.addDisk(Disk(readLatencyNanoseconds: 8_000_000, writeLatencyNanoseconds: 0))
            swapDevices.append(disk)
            do {
                try world.addSwap(
                    pages: device.pages, on: disk, isSynchronous: device.isSynchronous,
                    isRotational: device.isRotational, priority: device.priority)
            } catch {
                throw .stuck(line: 1, op: "settings", reason: error.description)
            }
        }
        world.machine.forgetSwapReadahead()
        self.swapDevices = swapDevices
        isThreaded = scenario.lines.contains { $0.operation.isOfThreads }
        hasReclaim = !scenario.settings.swap.isEmpty || scenario.settings.memoryMax != nil
        hasTimers = scenario.settings.dirtyBytes != nil
        breaksBlocks = scenario.lines.contains { if case .bad = $0.operation { true } else { false } }
        world.machine.isChecking = watching.contains(.laws)
        world.machine.isTracing = options.traces
        let task = world.task()
        // A kernel finds the program's stack above an area: `UFFDIO_UNREGISTER` of a range without areas.
        let handlesFaults = scenario.lines.contains { if case .uffd = $0.operation { true } else { false } }
        if handlesFaults || scenario.settings.memoryMax != nil { try mapProgram(of: task) }
        if let limit = scenario.settings.memoryMax {
            world.machine.addMemoryGroup(limit: limit, swapLimit: scenario.settings.swapMax ?? .max)
        }
        processes = [PlayedProcess(map: world.machine.map(of: task))]
        threads = [PlayedThread(id: "", task: task, process: 0)]
    }

    /// Does the operation of `line`, and returns what was seen of it.
    public mutating func play(_ line: Line) throws(PlayError) -> Saw {
        defer { giveEvents() }
        world.machine.drainPageBatches()
        let failures = world.machine.memoryGroup?.events.outOfMemory ?? 0
        let events = world.machine.events
        var saw = try carryOut(line)
        if hasReclaim { saw.count(world.machine, since: events, failures) }
        countLook(at: line, saw)
        if let excess { throw .beyondLimit(line: line.number, op: line.operation.name, reason: excess) }
        return saw
    }

    private mutating func carryOut(_ line: Line) throws(PlayError) -> Saw {
        let before = ThreadStates(self)
        var saw: Saw
        switch line.operation {
        case .file(let file):
            try makeFile(file, line)
            saw = Saw()
            saw.resident = residentPages()
            return saw
        case .thread(let id):
            try makeThread(id, line)
            return Saw()
        case .hold(let device, only: let transfer):
            for disk in devices(device) {
                world.machine.hold(disk, reads: transfer != .writes, writes: transfer != .reads)
            }
            saw = observation(ofProcess: 0)
        case .release(let device):
            for disk in devices(device) { world.machine.release(disk) }
            if turns != nil, device != .swap {
                let disk = self.device(device)
                turns?.suspended = disk
                world.machine.setReadaheadIsRefused(true, by: disk)
            }
            try settle(line)
            saw = observation(ofProcess: 0)
        case .signal(let signal, to: let id):
            let receiver = try thread(id, line)
            send(signal, to: receiver)
            try settle(line)
            saw = observation(ofProcess: threads[receiver].process)
        case .bad(let blocks):
            breakBlocks(blocks, of: threads[try thread(line.in, line)].process)
            try settle(line)
            saw = observation(ofProcess: 0)
        case .mend(let blocks):
            repair(blocks, of: threads[try thread(line.in, line)].process)
            try settle(line)
            saw = observation(ofProcess: 0)
        case .limit(let pages):
            guard world.machine.memoryGroup != nil else { throw stuck(line, "there is no memory_max") }
            var kills = 0
            repeat {
                kills = world.machine.events.oomKill
                world.machine.setMemoryLimit(pages)
                try settle(line)
                // The writer tries again when the victim is gone.
            } while world.machine.events.oomKill > kills && (world.machine.memoryGroup?.charged ?? 0) > pages
            saw = observation(ofProcess: 0)
        case .reclaim(let pages):
            guard world.machine.memoryGroup != nil else { throw stuck(line, "there is no memory_max") }
            let errno = world.machine.reclaimFromMemoryGroup(pages)
            try settle(line)
            saw = observation(ofProcess: 0)
            saw.errno = errno?.name
        case .wait:
            let waiting = try thread(line.in, line)
            saw = seen(of: threads[waiting].lastStarted, in: waiting)
            observe(seenProcess(by: waiting, after: threads[waiting].lastStarted?.operation), &saw)
            addOthers(except: waiting, since: before, to: &saw)
            return saw
        case .kill(area: let area, page: let page, touch: let touch):
            return try kill(line, area: area, page: page, touch)
        case .exit:
            let doer = try exit(line)
            saw = line.start ? seen(of: threads[doer].last, in: doer) : Saw()
            saw.resident = residentPages()
            saw.fileSwapped = swappedPagesOfFiles()
            addOthers(except: doer, since: before, to: &saw)
            if !line.start { saw.gone = nil }
            return saw
        default:
            return try perform(line, since: before)
        }
        addOthers(except: nil, since: before, to: &saw)
        return saw
    }

    /// Passes on the events since the last call.
    mutating func giveEvents() {
        guard world.machine.isTracing, !world.machine.recordsTimeline else { return }
        for event in world.machine.takeTrace() { onEvent?(world.machine.text(of: event)) }
    }

    /// Does an operation in its thread, and returns what was seen.
    private mutating func perform(_ line: Line, since before: ThreadStates) throws(PlayError) -> Saw {
        let doer = try idleThread(line.in, line)
        let process = threads[doer].process
        let resident = world.machine.rss(of: processes[process].map)
        try begin(line, in: doer)
        if line.start { threads[doer].lastStarted = threads[doer].last }

        if neverRests, line.start, threads[doer].isBusy {
            threads[doer].isEndless = true
            var saw = Saw()
            saw.state = .running
            return saw
        }
        var saw = seen(of: threads[doer].last, in: doer)
        // A process that was killed because memory ran out is in `gone`, and is no longer observed.
        if saw.state == .gone, world.machine.isOOMVictim(threads[doer].task) {
            saw.resident = residentPages()
            saw.fileSwapped = swappedPagesOfFiles()
            addOthers(except: nil, since: before, to: &saw)
            return saw
        }
        if !line.start {
            guard saw.state == .done else {
                throw .stuck(
                    line: line.number, op: line.operation.name,
                    reason: "it does not end, and has no \"start\": "
                        + (saw.state == .gone ? "its thread ended" : WaitLink.chain(of: world.machine.waitLinks)))
            }
            saw.state = nil
        }
        if !isThreaded {
            saw.rss = Saw.ResidentCounts(world.machine.rss(of: processes[process].map) - resident)
            if case .fork(let id) = line.operation { saw.child = try child(id, line) }
        }
        observe(seenProcess(by: doer, after: line.operation), &saw)
        if case .mincore(let part) = line.operation, threads[doer].last?.ending != nil {
            saw.inCore = inCorePages(part, of: process)
        }
        addOthers(except: doer, since: before, to: &saw)
        return saw
    }

    // MARK: Running

    /// Lets the machine run until it is at rest, and records what has ended.
    mutating func settle(_ line: Line) throws(PlayError) {
        if watching.contains(.stages) { settleByStages() }
        if turns != nil { settleByTurns() }
        if turns?.isKnown == true { return }
        let reason = rest()
        if watching.contains(.laws) {
            _ = world.machine.verify(after: reason)
            countCheck()
        }
        if let violation = world.machine.violations.first {
            throw .lawBroken(line: line.number, op: line.operation.name, reason: violation.description)
        }
        if neverRests, line.operation.canStart, !line.start {
            throw stuck(line, "it goes on forever, and has no \"start\"")
        }
        if let excess {
            let place = reason.nextTask.map { "; \($0) is at \(reason.nextStage.map { "\($0)" } ?? "no stage")" } ?? ""
            throw .beyondLimit(line: line.number, op: line.operation.name, reason: excess + place)
        }
        for index in threads.indices { noteEnd(ofThread: index) }
        noteSpins()
    }

    /// Lets the machine run until it is at rest, one stage or event at a time, in the order of `Machine.run`.
    private mutating func settleByStages() {
        while true {
            var copy = world.machine
            _ = hasTimers ? copy.rest(limit: ScenarioLimits.work) : copy.run(limit: ScenarioLimits.work)
            work += 2
            if work > ScenarioLimits.work { return }
            let due = world.machine.requestsUnderWay.first.map { $0.completes <= world.machine.clock } ?? false
            if !due, let task = world.machine.runnableTasks.first {
                world.machine.step(task)
            } else if hasTimers && !world.machine.hasRequestsToFinish {
                return
            } else if !world.machine.stepEvent() {
                return
            }
        }
    }

    /// The index of the thread with this id; nil is the first thread.
    func thread(_ id: String?, _ line: Line) throws(PlayError) -> Int {
        guard let index = threads.firstIndex(where: { $0.id == id ?? "" }) else {
            throw stuck(line, "\"\(id ?? "")\" is not there: the operation that makes it still waits")
        }
        return index
    }

    /// The thread with this id, which must be able to begin an operation.
    func idleThread(_ id: String?, _ line: Line) throws(PlayError) -> Int {
        let index = try thread(id, line)
        guard !threads[index].isGone else { throw stuck(line, "its thread has ended") }
        guard !threads[index].isBusy else { throw stuck(line, "its thread has an operation under way") }
        return index
    }

    func stuck(_ line: Line, _ reason: String) -> PlayError {
        .stuck(line: line.number, op: line.operation.name, reason: reason)
    }
}

extension Machine {
    /// Whether a device will finish something by itself.
    var hasRequestsToFinish: Bool { requestsUnderWay.contains { $0.completes != .max } }

    /// Runs until every task is done or asleep and no device will finish anything by itself. It does not wait for
    /// timers.
    mutating func rest(limit: Int) -> StopReason {
        run(until: .predicate { $0.runnableTasks.isEmpty && !$0.hasRequestsToFinish }, limit: limit)
    }
}

extension MachineSettings {
    /// The settings of a scenario's header.
    init(_ settings: Settings) {
        self.init()
        var around = 1
        while around * 2 * 4096 <= settings.faultAroundBytes { around *= 2 }
        faultAroundPages = around
        readaheadPages = settings.readAheadKB / 4
        largestRequestPages = max(1, settings.maxSectorsKB / 4)
        processors = settings.cpus
        if let bytes = settings.dirtyBytes { dirtyLimitPages = bytes / 4096 }
        dirtyPausePages = 8
        swapReadaheadPages = 1 << settings.pageCluster
    }
}
