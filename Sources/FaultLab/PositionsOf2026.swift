public import FaultSimulator

/// What should happen after `VM_FAULT_RETRY` under an area's lock, as discussed in 2025 and 2026: four positions as
/// kernels, under one workload, and over all schedules of a small one.
///
/// Threads of a process with many areas read cold pages of one big mapped file at random. Another thread maps and
/// unmaps elsewhere, and forks now and then. A monitor in another process reads `/proc/PID/maps`. No figures are
/// published.
public struct PositionsOf2026: Experiment {
    /// How many nanoseconds of virtual time each run is measured over.
    public var nanoseconds: UInt64 = 100_000_000
    /// What a random read takes.
    public var readNanoseconds: UInt64 = 2_000_000
    /// How many threads read.
    public var readers = 8
    /// How many areas the process has in addition to the file: a fork holds the mmap lock while it copies them.
    public var areas = 100
    /// How often the page may be evicted while the small instance is explored.
    public var evictions = 2

    /// Makes the experiment as it was discussed.
    public init() {}

    /// `2026`.
    public var name: String { "2026" }
    /// What it asks.
    public var title: String { "After the wait for I/O under an area's lock, which lock is next?" }
    /// The threads.
    public var source: String { "linux-mm, November 2025 to June 2026: Song, Wilcox, Baghdasaryan" }

    /// The positions: each is Linux 6.12 with another ``KernelModel/AreaRetry``.
    static let models: [KernelModel] = [
        KernelModel.linux6_12.with(\.areaRetry, .mmapLock, named: "a today: mmap lock"),
        KernelModel.linux6_12.with(\.areaRetry, .areaLock, named: "b Song: area's lock again"),
        KernelModel.linux6_12.with(\.areaRetry, .keepsLock, named: "c Wilcox: keep the lock"),
        KernelModel.linux6_12.with(\.areaRetry, .split, named: "d split RETRY"),
    ]

    /// The figures of one position under the workload.
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
        /// The file's count of misses at the end, `mmap_miss`. Hits, including those of retries, reduce it. Above 100 a
        /// fault reads only its own page.
        public let misses: Int
        /// The readers' waits for what they have read.
        public let readersForIO: Waiting
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

    /// The parties that may wait behind a read of a fault.
    public enum Party: String, CaseIterable, Sendable {
        /// A thread that forks.
        case fork
        /// A thread that changes the area's protection.
        case mprotect = "mprotect of the area"
        /// A thread that unmaps the area.
        case munmap = "munmap of the area"
        /// A thread that maps memory elsewhere.
        case mmap = "mmap elsewhere"
        /// Another process that lists the areas, while a thread forks.
        case monitor = "a monitor"
    }

    /// The result over all schedules of the small instance.
    public struct Worst: Equatable, Sendable {
        /// The position.
        public let model: String
        /// The parties that can wait, directly or indirectly, for the read of a fault's first attempt.
        public let behindFirst: [Party]
        /// The parties that can wait for the read of its second attempt, if the page is evicted between the two.
        public let behindSecond: [Party]
        /// The largest number of attempts of one fault, by how often the page may be evicted: never, once, ...
        public let attempts: [Int]
        /// The same, if another task has begun to read the page when the fault begins.
        public let attemptsOnPageUnderRead: [Int]
        /// Whether every schedule ends: no task is delayed any longer when evictions stop.
        public let alwaysEnds: Bool
        /// The number of different states in the explorations that counted attempts.
        public let states: Int
    }

    /// The results.
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
        let runs = try workloads()
        return Outcome(
            readNanoseconds: readNanoseconds, runs: runs.map(\.0), worst: try worstCases(), timelines: runs.map(\.1))
    }

    /// Only the workload under each position, with the piece of it that the picture shows.
    public func workloads() throws -> [(Run, Timeline)] {
        let costs = try MeasuredCosts.costsWithMapping()
        return try Self.models.map { try workload($0, costs) }
    }

    /// Only the schedules of the small instance under each position.
    public func worstCases() throws -> [Worst] { try Self.models.map(worst) }

    // MARK: The workload

    /// The length of the end of a run that is drawn, long enough for a fork.
    private static let pieceNanoseconds: UInt64 = 8_000_000

    private func workload(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> (Run, Timeline) {
        var world = try LabWorld.timed(
            model, disk: .latency(nanoseconds: readNanoseconds), costs: costs, processors: readers + 2)
        let first = world.task()
        var threads = [first]
        while threads.count < readers { threads.append(world.thread(of: first)) }
        let mapper = world.thread(of: first)
        let monitor = world.task()
        let file = try world.file(pages: 1 << 20)
        let area = try world.map(file, .read, .shared, in: first)
        for number in 0..<areas {
            // Two kinds alternate, so that they don't merge.
            _ = try world.map(anonymousPages: 1, number % 2 == 0 ? .read : .readWrite, in: first)
        }
        for thread in threads {
            world.start(RandomReader(area: area, thinkNanoseconds: 10_000, isIrregular: true), in: thread)
        }
        world.start(MapperThatForks(pauseNanoseconds: 10_000, mappingsPerFork: 500), in: mapper)
        world.start(Monitor(map: area.map, pauseNanoseconds: 500_000), in: monitor)
        world.machine.recordsWaits = true
        let end = world.clock + nanoseconds
        world.run(until: .time(end - min(nanoseconds, Self.pieceNanoseconds)))
        world.recordPiece()
        world.run(until: .time(end))

        let lock = LockName.mmap(area.map)
        var faults = TaskCounters()
        for thread in threads {
            faults = faults + world.machine.counters(of: thread)
        }
        let sleeps = Sleeps(of: world)
        let seconds = Double(nanoseconds) / 1e9
        let count = Double(faults.exceptions)
        let run = Run(
            model: model.name.description, reads: count / seconds,
            attemptsPerFault: Double(faults.attempts) / count,
            mmapLocksPerFault: Double(faults.mmapReadLocks) / count,
            majorFaults: Double(faults.majorFaults) / count,
            mappings: Double(world.machine.counters(of: mapper).mmapWriteLocks) / 2 / seconds,
            misses: world.machine[readaheadOf: file].mmapMiss,
            readersForIO: sleeps.waiting(threads) { if case .io = $0 { true } else { false } },
            readersForMmap: sleeps.waiting(threads, for: lock), mapperForMmap: sleeps.waiting([mapper], for: lock),
            mapperForAreas: sleeps.waiting([mapper]) { $0 == .areaLock(area.map) },
            monitorForMmap: sleeps.waiting([monitor], for: lock),
            chain: world.machine.longestChain.map(\.description).joined(separator: " <- "))

        let names =
            threads.enumerated().map { ($1, "reads cold pages \($0 + 1)") }
            + [(mapper, "maps, unmaps, forks"), (monitor, "monitor")]
        return (run, world.piece("cold reads, mappings and forks", names, areas: [(area, "the file")]))
    }
}

/// A program that maps a page of anonymous memory and unmaps it, with a pause after each, and forks now and then.
struct MapperThatForks: TaskProgram {
    /// The pause, on average.
    let pauseNanoseconds: UInt64
    let mappingsPerFork: UInt64

    func next(after last: OperationOutcome, task: TaskID, _ turns: inout RandomTurns) -> TaskOperation? {
        defer { turns.count += 1 }
        let step = turns.count % (3 * mappingsPerFork + 2)
        if step == 3 * mappingsPerFork { return .fork }
        if step == 3 * mappingsPerFork + 1 { return .kill(TaskID(Int(last.value)), .kill) }
        switch step % 3 {
        case 0: return Mapper.map
        case 1: return Mapper.unmap(last.value)
        default: return .sleep(nanoseconds: 1 + nextRandom(&turns.random, task) % (2 * pauseNanoseconds))
        }
    }
}

/// A program that reads the list of a map's areas again and again, with pauses.
struct Monitor: TaskProgram {
    let map: MapID
    /// The pause, on average.
    let pauseNanoseconds: UInt64

    func next(after last: OperationOutcome, task: TaskID, _ turns: inout RandomTurns) -> TaskOperation? {
        turns.count += 1
        if turns.count % 2 == 1 { return .readProcMaps(map) }
        return .sleep(nanoseconds: 1 + nextRandom(&turns.random, task) % (2 * pauseNanoseconds))
    }
}

extension PositionsOf2026.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2026")
        list.add(input: "a read", "all", Double(readNanoseconds) / 1e6, .milliseconds)
        for run in runs {
            let model = run.model
            list.add("cold reads", model, run.reads, .perSecond)
            list.add("attempts a fault", model, run.attemptsPerFault, .attempts)
            list.add("mmap lock taken a fault", model, run.mmapLocksPerFault, .ratio)
            list.add("part of the faults that is major", model, run.majorFaults, .ratio)
            list.add("mmap_miss at the end", model, run.misses, .times)
            list.add("mappings", model, run.mappings, .perSecond)
            list.add("readers for I/O: longest", model, Double(run.readersForIO.longest) / 1e3, .microseconds)
            for (who, waiting) in [
                ("readers for mmap lock", run.readersForMmap), ("mapper for mmap lock", run.mapperForMmap),
                ("mapper for area locks", run.mapperForAreas), ("monitor for mmap lock", run.monitorForMmap),
            ] {
                list.add("\(who): waits", model, waiting.times, .times)
                list.add("\(who): in all", model, Double(waiting.total) / 1e3, .microseconds)
                list.add("\(who): behind others' reads", model, Double(waiting.behindIO) / 1e3, .microseconds)
                list.add("\(who): longest", model, Double(waiting.longest) / 1e3, .microseconds)
            }
        }
        for worst in worst {
            for party in PositionsOf2026.Party.allCases {
                for (attempt, behind) in [(1, worst.behindFirst), (2, worst.behindSecond)] {
                    list.add(
                        "worst: \(party.rawValue) waits for attempt \(attempt)'s read", worst.model,
                        behind.contains(party) ? 1 : 0, .yes)
                }
            }
            for (times, attempts) in worst.attempts.enumerated() {
                list.add("worst: attempts, \(times) evictions", worst.model, attempts, .attempts)
            }
            for (times, attempts) in worst.attemptsOnPageUnderRead.enumerated() {
                list.add(
                    "worst: attempts, page under read, \(times) evictions", worst.model, attempts, .attempts)
            }
            list.add("worst: every schedule ends", worst.model, worst.alwaysEnds ? 1 : 0, .yes)
            list.add("worst: states explored for attempts", worst.model, worst.states, .states)
        }
        return list.all
    }

    /// The longest chains, and the choices that were made.
    public var remarks: [String] {
        runs.map { "Longest chain, \($0.model): \($0.chain)" }
            + [
                "Worst: over all schedules of one reader of one cold page, with a thread that does one call, a monitor, or "
                    + "evictions beside it. Attempt 2 reads if the page was evicted after attempt 1. A MAJOR attempt makes the next one "
                    + "TRIED, which may not drop its lock; one that found the page under read does not.",
                "Where the discussion left it open, we chose: under b a second RETRY goes to the mmap lock; under c only waits "
                    + "for pages keep the lock; the monitor's listing takes the mmap lock, as up to 6.16.",
            ]
    }
}
