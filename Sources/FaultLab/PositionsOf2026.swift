import FaultSimulator

/// What should follow on `VM_FAULT_RETRY` under an area's lock: argued about in 2025 and 2026. Four positions as kernels,
/// under one workload, and over all schedules of a small one.
///
/// Threads of a process read cold pages of one big mapped file at random; another thread maps and unmaps elsewhere, and
/// forks now and then; a monitor in another process reads `/proc/PID/maps`. Nothing of it is published.
public struct PositionsOf2026: Experiment {
    /// How many nanoseconds of virtual time each run is measured over.
    public var nanoseconds: UInt64 = 400_000_000
    /// What a random read takes.
    public var readNanoseconds: UInt64 = 2_000_000
    /// How many threads read.
    public var readers = 8
    /// How often the page may be evicted while the small instance is explored.
    public var evictions = 2

    /// The experiment as argued.
    public init() {}

    /// `2026`.
    public var name: String { "2026" }
    /// What it asks.
    public var title: String { "After the wait for I/O under an area's lock, which lock is next?" }
    /// The threads.
    public var source: String { "linux-mm, November 2025 to June 2026: Song, Wilcox, Baghdasaryan" }

    /// The positions: each is Linux 6.12 but for ``AreaRetry``.
    static let models: [KernelModel] = [
        KernelModel.linux6_12.with(\.areaRetry, .mmapLock, named: "a today: mmap lock"),
        KernelModel.linux6_12.with(\.areaRetry, .areaLock, named: "b Song: area's lock again"),
        KernelModel.linux6_12.with(\.areaRetry, .keepsLock, named: "c Wilcox: keep the lock"),
        KernelModel.linux6_12.with(\.areaRetry, .split, named: "d split RETRY"),
    ]

    /// How long one party waited.
    public struct Waiting: Equatable, Sendable {
        /// Waits for the mmap lock: how often, all together, the longest.
        public fileprivate(set) var times = 0
        /// All together, in nanoseconds.
        public fileprivate(set) var total: UInt64 = 0
        /// The longest, in nanoseconds.
        public fileprivate(set) var longest: UInt64 = 0
    }

    /// What one position came to under the workload.
    public struct Run: Equatable, Sendable {
        /// The position.
        public let model: String
        /// Reads of all readers, a second.
        public let reads: Double
        /// Runs of `handle_mm_fault()` for each fault of a reader.
        public let attemptsPerFault: Double
        /// Acquisitions of the mmap lock for each fault of a reader.
        public let mmapLocksPerFault: Double
        /// The part of the readers' faults that count as major.
        public let majorFaults: Double
        /// Mappings and forks, a second.
        public let mappings: Double
        /// The readers' waits for the mmap lock.
        public let readersForMmap: Waiting
        /// The mapper's waits for the mmap lock.
        public let mapperForMmap: Waiting
        /// The mapper's waits for areas' locks, with the mmap lock held for writing.
        public let mapperForAreas: Waiting
        /// The monitor's waits for the mmap lock.
        public let monitorForMmap: Waiting
        /// The longest chain.
        public let chain: String
    }

    /// What all schedules of the small instance come to.
    public struct Worst: Equatable, Sendable {
        /// The position.
        public let model: String
        /// Who can be found waiting, directly or not, for a read that the device holds: a line for each set.
        public let behindTheRead: [String]
        /// Whether a thread that forks can be among them.
        public let forkWaits: Bool
        /// Whether the monitor can.
        public let monitorWaits: Bool
        /// Attempts of one fault, at most, by how often the page may be evicted: never, once, ...
        public let attempts: [Int]
        /// Whether every schedule ends.
        public let alwaysEnds: Bool
        /// How many different states there are, in all explorations.
        public let states: Int
    }

    /// What it has found out.
    public struct Outcome: ExperimentOutcome {
        /// What a read takes: an input.
        public let readNanoseconds: UInt64
        /// The workload under each position.
        public let runs: [Run]
        /// All schedules of the small instance under each position.
        public let worst: [Worst]
        /// A piece of the workload under each position, with a fork in it.
        public let timelines: [Timeline]
    }

    /// Does the experiment.
    public func run() throws -> Outcome {
        let costs = try MeasuredCosts.costsWithMapping()
        let runs = try Self.models.map { try workload($0, costs) }
        return Outcome(
            readNanoseconds: readNanoseconds, runs: runs.map(\.0), worst: try Self.models.map(worst),
            timelines: runs.map(\.1))
    }

    // MARK: The workload

    private func workload(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> (Run, Timeline) {
        var world = try LabWorld.timed(
            model, disk: .latency(nanoseconds: readNanoseconds), costs: costs, processors: readers + 2)
        let first = world.task()
        var threads = [first]
        while threads.count < readers { threads.append(world.thread(of: first)) }
        let mapper = world.thread(of: first)
        let monitor = world.task()
        let area = try world.map(try world.file(pages: 1 << 20), .read, .shared, in: first)
        for thread in threads { world.start(thread, program: RandomReader(area: area, thinkNanoseconds: 0)) }
        world.start(mapper, program: MapperThatForks(pauseNanoseconds: 50_000, mappingsPerFork: 200))
        world.start(monitor, program: Monitor(map: area.map, pauseNanoseconds: 1_000_000))
        world.recordTimeline()
        let begin = world.clock
        world.run(until: .time(begin + nanoseconds))

        let lock = LockName.mmap(area.map)
        var faults = TaskCounters()
        for thread in threads {
            let counters = world.machine.counters(of: thread)
            faults.exceptions += counters.exceptions
            faults.attempts += counters.attempts
            faults.mmapReadLocks += counters.mmapReadLocks
            faults.majorFaults += counters.majorFaults
        }
        func waiting(_ tasks: [TaskID], _ isMeant: (WaitCause) -> Bool) -> Waiting {
            var sum = Waiting()
            for total in world.machine.waitTotals where tasks.contains(total.task) && isMeant(total.cause) {
                sum.times += total.durations.count
                sum.total += total.durations.total
                sum.longest = max(sum.longest, total.durations.maximum)
            }
            return sum
        }
        func isMmap(_ cause: WaitCause) -> Bool {
            if case .lock(lock, _) = cause { true } else { false }
        }
        let seconds = Double(nanoseconds) / 1e9
        let count = Double(faults.exceptions)
        let run = Run(
            model: model.name.description, reads: count / seconds,
            attemptsPerFault: Double(faults.attempts) / count,
            mmapLocksPerFault: Double(faults.mmapReadLocks) / count,
            majorFaults: Double(faults.majorFaults) / count,
            mappings: Double(world.machine.counters(of: mapper).mmapWriteLocks) / 2 / seconds,
            readersForMmap: waiting(threads, isMmap), mapperForMmap: waiting([mapper], isMmap),
            mapperForAreas: waiting([mapper]) { $0 == .areaLock(area.map) },
            monitorForMmap: waiting([monitor], isMmap),
            chain: world.machine.longestChain.map(\.description).joined(separator: " <- "))

        // A piece in which there is a fork: the last 6 ms before the third one ended would do for all positions.
        let names =
            threads.prefix(3).enumerated().map { ($1, "reads cold pages \($0 + 1)") }
            + [(mapper, "maps, unmaps, forks"), (monitor, "monitor")]
        return (run, world.timeline(model.name.description, of: lock, from: world.clock - 30_000_000, names))
    }

    // MARK: All schedules

    /// Two readers of cold pages of one area, a thread that forks, a monitor.
    private func small(_ model: KernelModel) throws(WorldError) -> (World, reader: TaskID, FileID) {
        var world = try World(model)
        let file = try world.file(pages: 1)
        let reader = world.task()
        let area = try world.map(file, .read, .shared, in: reader)
        world.start(reader, .read(area))
        return (world, reader, file)
    }

    private func worst(_ model: KernelModel) throws(WorldError) -> Worst {
        var (world, _, _) = try small(model)
        let area = world.machine.map(of: TaskID(0))
        let forker = world.thread(of: TaskID(0))
        let monitor = world.task()
        world.start(forker, .fork)
        world.start(monitor, .readProcMaps(area))
        var options = Explorer.Options()
        options.completions = .none
        options.observe = { machine in
            let waiting = machine.waitLinks.map(\.task)
            let names = [(TaskID(0), "reader"), (forker, "fork"), (monitor, "monitor")]
            return names.filter { waiting.contains($0.0) }.map(\.1).joined(separator: ", ")
        }
        let held = world.explore(options)
        var states = held.states

        var attempts: [Int] = []
        var ends = held.isComplete
        for times in 0...evictions {
            var (world, faulter, file) = try small(model)
            let reader = faulter
            let mapper = world.thread(of: reader)
            world.start(mapper, .mmap(MapRequest(pages: 1, flags: .readWrite)))
            let other = world.task()
            var options = Explorer.Options()
            options.observe = { String($0.counters(of: reader).attempts) }
            if times > 0 { options.injections = [Injection(.start(.dropCache(file), in: other), times: times)] }
            let found = world.explore(options)
            states += found.states
            ends = ends && found.isComplete && found.deadlocks.isEmpty && found.brokenLaws.isEmpty
            attempts.append(found.texts.compactMap(Int.init).max() ?? 0)
        }
        return Worst(
            model: model.name.description, behindTheRead: held.texts,
            forkWaits: held.texts.contains { $0.contains("fork") },
            monitorWaits: held.texts.contains { $0.contains("monitor") }, attempts: attempts, alwaysEnds: ends,
            states: states)
    }
}

/// Maps a page of anonymous memory and unmaps it, with a pause after each; and forks after so many.
struct MapperThatForks: TaskProgram {
    let pauseNanoseconds: UInt64
    let mappingsPerFork: UInt64

    func next(after last: OperationOutcome, task: TaskID, _ words: inout DeviceWords) -> Operation? {
        defer { words.second += 1 }
        let step = words.second % (3 * mappingsPerFork + 2)
        if step == 3 * mappingsPerFork { return .fork }
        if step == 3 * mappingsPerFork + 1 { return .kill(TaskID(Int(last.value)), .kill) }
        switch step % 3 {
        case 0: return .mmap(MapRequest(pages: 1, flags: .readWrite))
        case 1: return .munmap(PageNumber(UInt64(last.value)), pages: 1)
        default: return .sleep(nanoseconds: pauseNanoseconds)
        }
    }
}

/// Reads the list of a map's areas again and again, with a pause between.
struct Monitor: TaskProgram {
    let map: MapID
    let pauseNanoseconds: UInt64

    func next(after last: OperationOutcome, task: TaskID, _ words: inout DeviceWords) -> Operation? {
        words.second += 1
        return words.second % 2 == 1 ? .readProcMaps(map) : .sleep(nanoseconds: pauseNanoseconds)
    }
}

extension PositionsOf2026.Outcome {
    /// The figures.
    public var measurements: [Measurement] {
        var list = MeasurementList("2026")
        list.add(input: "a read", "all", Double(readNanoseconds) / 1e6, .milliseconds)
        for run in runs {
            let model = run.model
            list.add("cold reads", model, run.reads, .perSecond)
            list.add("attempts a fault", model, run.attemptsPerFault, .attempts)
            list.add("mmap lock taken a fault", model, run.mmapLocksPerFault, .ratio)
            list.add("part of the faults that is major", model, run.majorFaults, .ratio)
            list.add("mappings", model, run.mappings, .perSecond)
            for (who, waiting) in [
                ("readers, for the mmap lock", run.readersForMmap), ("mapper, for the mmap lock", run.mapperForMmap),
                ("mapper, for area locks", run.mapperForAreas), ("monitor, for the mmap lock", run.monitorForMmap),
            ] {
                list.add("\(who): waits", model, waiting.times, .times)
                list.add("\(who): in all", model, Double(waiting.total) / 1e3, .microseconds)
                list.add("\(who): longest", model, Double(waiting.longest) / 1e3, .microseconds)
            }
        }
        for worst in worst {
            list.add("all schedules: fork can wait for the read", worst.model, worst.forkWaits ? 1 : 0, .yes)
            list.add("all schedules: the monitor can", worst.model, worst.monitorWaits ? 1 : 0, .yes)
            for (times, attempts) in worst.attempts.enumerated() {
                list.add("all schedules: attempts, \(times) evictions", worst.model, attempts, .attempts)
            }
            list.add("all schedules: each ends", worst.model, worst.alwaysEnds ? 1 : 0, .yes)
            list.add("all schedules: states", worst.model, worst.states, .states)
        }
        return list.all
    }

    /// The longest chains, and what was chosen.
    public var remarks: [String] {
        runs.map { "Longest chain, \($0.model): \($0.chain)" }
            + [
                "Chosen where the threads leave it open: under b a second RETRY goes to the mmap lock; under c only waits "
                    + "for pages keep the lock; the monitor's listing takes the mmap lock, as up to 6.16."
            ]
    }
}
