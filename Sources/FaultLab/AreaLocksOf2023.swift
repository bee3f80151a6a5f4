public import FaultSimulator

/// Per-VMA locks (Linux 6.4 to 6.12): threads fault in their own areas while another thread of the process constantly
/// maps and unmaps elsewhere. Between two touches, and between two calls, each thread computes for a different time, so
/// that they don't run in step.
///
/// The costs were measured. The cost of cache lines that move between processors is not modelled, so the published
/// rates of page-fault tests with 128 threads can't be reproduced. The experiment shows only which threads wait for the
/// mmap lock.
public struct AreaLocksOf2023: Experiment {
    /// How many nanoseconds of virtual time each run is measured over.
    public var nanoseconds: UInt64 = 10_000_000
    /// How many threads fault.
    public var faulters = 3
    /// How long a thread computes between two touches, on average.
    public var thinkNanoseconds: UInt64 = 200
    /// How long the thread that maps computes between two calls, on average.
    public var pauseNanoseconds: UInt64 = 1_000

    /// Makes the experiment.
    public init() {}

    /// `2023`.
    public var name: String { "2023" }
    /// What it asks.
    public var title: String { "Do faults in one area wait while another is mapped and unmapped?" }
    /// The series.
    public var source: String { "Baghdasaryan, \"Per-VMA locks\", Linux 6.4 to 6.12" }

    /// The memory on which the threads fault.
    public enum Case: String, CaseIterable, Sendable {
        /// First stores to private anonymous memory.
        case anonymous = "anonymous memory"
        /// First reads of cached pages of a file; each maps 16.
        case file = "cached file"
    }

    /// The figures of one kernel in one case.
    public struct Run: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The case.
        public let what: Case
        /// Faults of all threads, a second.
        public let faultsPerSecond: Double
        /// Acquisitions of the mmap lock for reading, for each fault.
        public let locksPerFault: Double
        /// The part of their time that the faulting threads waited for the mmap lock.
        public let waiting: Double
        /// The longest such wait, in nanoseconds.
        public let longestWait: UInt64
        /// The part of its time that the thread that maps waited for the mmap lock.
        public let mapperWaiting: Double
        /// Iterations of the thread that maps, a second.
        public let mappingsPerSecond: Double
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// Every case under every kernel.
        public let runs: [Run]
        /// 20 µs of the anonymous case, under each kernel.
        public let timelines: [Timeline]
    }

    /// The kernels, oldest first.
    static var models: [KernelModel] { [.linux6_1, .linux6_4, .linux6_6, .linux6_12] }

    /// Does the experiment.
    public func run() throws -> Outcome {
        let costs = try MeasuredCosts.costsWithMapping()
        return Outcome(
            runs: try Case.allCases.flatMap { what in try Self.models.map { try run(what, $0, costs) } },
            timelines: try Self.models.map { try timeline($0, costs) })
    }

    private func setUp(
        _ what: Case, _ model: KernelModel, _ costs: CostModel
    ) throws(WorldError) -> (world: World, faulters: [TaskID], mapper: TaskID, areas: [Area]) {
        var world = try LabWorld.timed(model, costs: costs, processors: faulters + 1)
        let first = world.task()
        var threads = [first]
        while threads.count < faulters { threads.append(world.thread(of: first)) }
        let mapper = world.thread(of: first)
        let pages = 1 << 14
        var programs: [Toucher] = []
        for _ in threads {
            // Another area between them keeps the areas from merging.
            _ = try world.map(anonymousPages: 1, .read, in: first)
            switch what {
            case .anonymous:
                let area = try world.map(anonymousPages: pages, in: first)
                try world.perform(.write(area, page: pages - 1), in: first)  // so that the area has its anon_vma
                programs.append(Toucher(area: area, access: .write, stride: 1, thinkNanoseconds: thinkNanoseconds))
            case .file:
                let area = try world.map(try world.file(pages: pages, resident: .all), .read, .shared, in: first)
                programs.append(Toucher(area: area, access: .read, stride: 16, thinkNanoseconds: thinkNanoseconds))
            }
        }
        // The mapper's memory must not merge with an area in which threads fault, because that would be a change of
        // that area.
        _ = try world.map(anonymousPages: 1, .read, in: first)
        for (thread, program) in zip(threads, programs) { world.start(program, in: thread) }
        world.start(Mapper(pauseNanoseconds: pauseNanoseconds), in: mapper)
        world.machine.recordsWaits = true
        return (world, threads, mapper, programs.map(\.area))
    }

    private func run(_ what: Case, _ model: KernelModel, _ costs: CostModel) throws(WorldError) -> Run {
        var (world, threads, mapper, _) = try setUp(what, model, costs)
        let lock = LockName.mmap(world.machine.map(of: mapper))
        let begin = world.clock
        func counters() -> (faults: Int, locks: Int) {
            threads.reduce((0, 0)) { sum, thread in
                let counters = world.machine.counters(of: thread)
                return (sum.0 + counters.exceptions, sum.1 + counters.mmapReadLocks)
            }
        }
        let before = counters()
        let mapped = world.machine.counters(of: mapper).mmapWriteLocks
        world.run(until: .time(begin + nanoseconds))
        let after = counters()
        let seconds = Double(nanoseconds) / 1e9
        let faults = Double(after.faults - before.faults)
        let sleeps = Sleeps(of: world)
        let waited = sleeps.waiting(threads, for: lock)
        return Run(
            model: model.name.description, what: what, faultsPerSecond: faults / seconds,
            locksPerFault: Double(after.locks - before.locks) / faults,
            waiting: Double(waited.total) / Double(nanoseconds * UInt64(threads.count)),
            longestWait: waited.longest,
            mapperWaiting: Double(sleeps.waiting([mapper], for: lock).total) / Double(nanoseconds),
            mappingsPerSecond: Double(world.machine.counters(of: mapper).mmapWriteLocks - mapped) / 2 / seconds)
    }

    private func timeline(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> Timeline {
        var (world, threads, mapper, areas) = try setUp(.anonymous, model, costs)
        world.run(until: .time(world.clock + 100_000))
        world.recordPiece()
        world.run(until: .time(world.clock + 20_000))
        let names = threads.enumerated().map { ($1, "faults in area \($0 + 1)") } + [(mapper, "mmap, munmap")]
        return world.piece(
            "anonymous memory", names, areas: areas.enumerated().map { ($1, "area \($0 + 1)") })
    }
}

/// A program that touches the pages of an area in order, then discards them all and begins again.
struct Toucher: TaskProgram {
    let area: Area
    let access: FaultException.Access
    let stride: Int
    /// How long it computes before each touch, on average.
    let thinkNanoseconds: UInt64

    /// The state of a toucher.
    struct State: PluginState {
        /// The next page.
        var page: UInt32 = 0
        /// Whether it has computed before the next touch; it computes every other turn.
        var hasComputed = false
        /// The state of its random numbers.
        var random: UInt64 = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("hasComputed", hasComputed)
            visitor.visit("random", random)
        }
    }

    func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        if !state.hasComputed {
            // The generator has 63 bits, because the documented figures were made with it.
            let think = nextRandom(&state.random, task) % (2 * thinkNanoseconds)
            state.random &= .max >> 1
            state.hasComputed = true
            return .compute(nanoseconds: think)
        }
        state.hasComputed = false
        let page = Int(state.page)
        if page >= area.pages {
            state.page = 0
            return .madvise(area, .dontNeed)
        }
        state.page += UInt32(stride)
        return .touch(access, area[page], pages: 1, stride: 1)
    }
}

extension AreaLocksOf2023.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2023")
        list.add(
            input: "mmap and munmap of a page", "all", Double(MeasuredCosts.mappingNanoseconds), .nanoseconds)
        for run in runs {
            let what = run.what.rawValue
            list.add("\(what): faults", run.model, run.faultsPerSecond, .perSecond)
            list.add("\(what): mmap lock taken a fault", run.model, run.locksPerFault, .ratio)
            list.add("\(what): part of time waiting for it", run.model, run.waiting, .ratio)
            list.add("\(what): longest wait for it", run.model, Double(run.longestWait) / 1e3, .microseconds)
            list.add("\(what): the other's mappings", run.model, run.mappingsPerSecond, .perSecond)
            list.add("\(what): part of time the other waits", run.model, run.mapperWaiting, .ratio)
        }
        return list.all
    }

    /// What can't be reproduced.
    public var remarks: [String] {
        [
            "Published for 128 threads of a page-fault test: one area +22 %, an area a thread +157 %. Most of that is "
                + "cache lines that go from processor to processor, which are not modelled."
        ]
    }
}
