public import FaultSimulator

/// Linux 4.11 and later: memory that is fetched when it is touched. A program resolves the faults of another one. The
/// other one is a guest that was migrated before its memory (post-copy), a guest whose memory is saved before it is
/// written (pre-copy by write-protection), or a process that was restored without its pages (lazy restore).
///
/// There are no published figures for all kernels. The measures follow from rules: which fault may wait again, under
/// which lock, how it counts, and which locks are held meanwhile.
public struct MonitorsOf2017: Experiment {
    /// How many pages the memory has.
    public var pages = 64
    /// How long it takes to fetch a page that a task waits for, in nanoseconds: a round trip in a data centre.
    public var latencyNanoseconds: UInt64 = 200_000
    /// How long it takes to fetch a page that no task waits for.
    public var intervalNanoseconds: UInt64 = 100_000

    /// Makes the experiment.
    public init() {}

    /// `2017`.
    public var name: String { "2017" }
    /// What it asks.
    public var title: String { "Which tasks wait for a program that resolves faults, how long, and with which lock?" }
    /// The code.
    public var source: String { "userfaultfd(2) of Linux 4.11 to 6.19: post-copy of QEMU, lazy pages of CRIU" }

    /// The cases.
    public enum Case: String, Sendable, CaseIterable {
        /// Two processors of a guest write pages from both ends; the monitor fetches all pages, first those that faults
        /// ask for.
        case postCopy = "post-copy"
        /// The same with memory that is present and protected; the monitor saves all pages, first those with a fault.
        case preCopy = "pre-copy"
        /// A process writes its memory to a file, page by page, with write(2). The monitor is another process, and
        /// fetches the pages that faults ask for. A third process writes to the same file.
        case restore = "lazy restore"
    }

    /// The figures of one kernel.
    public struct Run: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The case.
        public let what: Case
        /// Page-fault exceptions.
        public let faults: Int
        /// Runs of `handle_mm_fault()`.
        public let attempts: Int
        /// `min_flt`.
        public let minorFaults: Int
        /// `maj_flt`.
        public let majorFaults: Int
        /// How often the faulting tasks took the mmap lock.
        public let lockAcquisitions: Int
        /// Their waits for the monitor.
        public let forMonitor: Waiting
        /// The longest hold of the mmap lock, in nanoseconds.
        public let longestHold: UInt64
        /// The waits of the thread that maps and unmaps for the mmap lock.
        public let mapperForLock: Waiting
        /// The waits of the other writer for the file.
        public let otherForFile: Waiting
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// Every case under every kernel that has it.
        public let runs: [Run]
        /// For each kernel, whether a guest whose first lookup may not wait leaves a lock held, so that everything
        /// hangs.
        public let hangs: [(model: String, hangs: Bool)]
        /// The first millisecond of post-copy under the first kernel and the last.
        public let timelines: [Timeline]
    }

    /// The kernels, oldest first.
    static var models: [KernelModel] {
        [.linux4_11, .linux4_19, .linux5_7, .linux5_10, .linux6_1, .linux6_4, .linux6_12, .linux6_19]
    }

    /// Does the experiment.
    public func run() throws -> Outcome {
        let costs = try MeasuredCosts.costs()
        let runs = try Case.allCases.flatMap { what in try Self.models.compactMap { try run(what, $0, costs)?.run } }
        let hangs = try ([.linux4_16_rc1] + Self.models).map { ($0.name.description, try isHanging($0)) }
        let pieces = try [KernelModel.linux4_11, .linux6_19].compactMap { try run(.postCopy, $0, costs)?.timeline }
        return Outcome(runs: runs, hangs: hangs, timelines: pieces)
    }

    private func run(
        _ what: Case, _ model: KernelModel, _ costs: CostModel
    ) throws(WorldError) -> (run: Run, timeline: Timeline)? {
        guard what != .preCopy || model.userfaults.rawValue >= KernelModel.Userfaults.protection.rawValue else {
            return nil
        }
        var world = try LabWorld.timed(model, costs: costs, processors: 4)
        let task = world.task()
        let area = try world.map(anonymousPages: pages, in: task)
        let file = try world.file(pages: pages, resident: .all)
        if what == .preCopy { try world.perform(.write(area, pages: pages), in: task) }
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: what == .preCopy ? .writeProtect : .missing, by: task)
        let daemon = try world.fork(task)
        let other = what == .restore ? try world.fork(daemon) : world.thread(of: task)
        let mapper = world.thread(of: task)
        let start = (
            exceptions: world.machine.counters(of: task).exceptions, locks: world.mmapLocks(of: [task, other])
        )
        let counted = world.machine.counters(of: task)
        world.recordPiece()

        let latency = Duration.nanoseconds(Int64(latencyNanoseconds))
        let interval = Duration.nanoseconds(Int64(intervalNanoseconds))
        switch what {
        case .postCopy: world.startMonitor(.postCopy(latency: latency, fetching: area, every: interval), of: descriptor)
        case .preCopy: world.startMonitor(.snapshot(of: area, latency: latency, every: interval), of: descriptor)
        case .restore: world.startMonitor(.postCopy(latency: latency), of: descriptor, in: daemon)
        }
        world.run(until: .time(world.clock + 10_000))  // by then the pages are protected
        let numbers = Array(0..<pages)
        switch what {
        case .postCopy, .preCopy:
            for (runner, order) in [(task, numbers), (other, numbers.reversed())] {
                world.start(order.map { .write(area, page: $0) }, in: runner)
            }
        case .restore:
            world.start(numbers.map { .write(file, page: $0, from: area, at: $0) }, in: task)
            world.start(numbers.map { .write(file, page: $0) }, in: other)
        }
        world.start(Mapper(pauseNanoseconds: 50_000), in: mapper)
        let begin = world.clock
        world.run(until: .time(begin + 1_000_000))
        let timeline = world.piece(
            what.rawValue,
            [(task, "faults 1"), (other, what == .restore ? "writes" : "faults 2"), (mapper, "mmap, munmap")])
        for runner in [task, other] { world.run(until: .done(runner)) }

        let faulters = what == .restore ? [task] : [task, other]
        let sleeps = Sleeps(of: world)
        var sum = (
            faults: -start.exceptions, attempts: -counted.attempts, minor: -counted.minorFaults,
            major: -counted.majorFaults
        )
        for faulter in faulters {
            let counters = world.machine.counters(of: faulter)
            sum.faults += counters.exceptions
            sum.attempts += counters.attempts
            sum.minor += counters.minorFaults
            sum.major += counters.majorFaults
        }
        let statistics = world.machine.lockStatistics(of: area.map)
        let run = Run(
            model: model.name.description, what: what, faults: sum.faults, attempts: sum.attempts,
            minorFaults: sum.minor,
            majorFaults: sum.major, lockAcquisitions: world.mmapLocks(of: faulters) - start.locks,
            forMonitor: sleeps.waiting(faulters) { if case .userfault = $0 { true } else { false } },
            longestHold: max(statistics.readHolds.maximum, statistics.writeHolds.maximum),
            mapperForLock: sleeps.waiting([mapper], for: .mmap(area.map)),
            otherForFile: what == .restore ? sleeps.waiting([other], for: .inode(file)) : Waiting())
        return (run, timeline)
    }

    /// Looks up a guest's page as KVM does, first without waiting, while another thread maps memory.
    private func isHanging(_ model: KernelModel) throws(WorldError) -> Bool {
        var world = try LabWorld.timed(model)
        let guest = world.task()
        let area = try world.map(anonymousPages: 1, in: guest)
        let descriptor = try world.userfaultfd(in: guest)
        try world.register(area, with: descriptor, for: .missing, by: guest)
        world.startMonitor(.postCopy(latency: .nanoseconds(Int64(latencyNanoseconds))), of: descriptor)
        let flags: [GUPFlags] = [[.noWait, .unlockable, .write], [.unlockable, .write]]
        world.start(flags.map { .getUserPages(area, $0) }, in: guest)
        let mapper = world.thread(of: guest)
        world.start(Mapper.map, in: mapper)
        world.run()
        return world.machine.isBusy(mapper) || world.machine.isBusy(guest)
    }
}

extension World {
    /// How often tasks have taken an mmap lock for reading, in all.
    fileprivate func mmapLocks(of tasks: [TaskID]) -> Int {
        tasks.map { machine.counters(of: $0).mmapReadLocks }.reduce(0, +)
    }
}

extension MonitorsOf2017.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2017")
        for run in runs {
            let what = run.what.rawValue
            list.add("\(what): faults", run.model, run.faults, .faults)
            list.add("\(what): retries", run.model, run.attempts - run.faults, .attempts)
            list.add("\(what): major faults", run.model, run.majorFaults, .faults)
            list.add("\(what): minor faults", run.model, run.minorFaults, .faults)
            list.add("\(what): mmap lock taken", run.model, run.lockAcquisitions, .times)
            list.add("\(what): waits for the monitor", run.model, run.forMonitor.times, .times)
            list.add("\(what): longest of them", run.model, Double(run.forMonitor.longest) / 1e3, .microseconds)
            list.add("\(what): mmap lock held at most", run.model, Double(run.longestHold) / 1e3, .microseconds)
            list.add(
                "\(what): the mapper's longest wait", run.model, Double(run.mapperForLock.longest) / 1e3, .microseconds)
            guard run.what == .restore else { continue }
            list.add(
                "\(what): another writer of the file waits", run.model, Double(run.otherForFile.longest) / 1e3,
                .microseconds)
        }
        for (model, hangs) in hangs { list.add("a guest's lookup hangs", model, hangs ? 1 : 0, .yes) }
        return list.all
    }

    /// How long tasks wait, and with which lock.
    public var answer: String {
        let longest = runs.map(\.forMonitor.longest).max() ?? 0
        let held = runs.map(\.longestHold).max() ?? 0
        let file = runs.map(\.otherForFile.longest).max() ?? 0
        return
            "Tasks that fault, up to \(LabText.milliseconds(longest)), with no lock of the memory: the mmap lock is held for "
            + "\(LabText.number(Double(held) / 1e3, digits: 1)) us at most; but write(2) keeps its file's lock, so another "
            + "writer waits \(LabText.milliseconds(file))."
    }

    /// None was published.
    public var verdict: LabVerdict { LabVerdict(.unpublished, "no figure was published for all of these kernels") }

    /// All measures except the minor faults and the count of lock acquisitions.
    public var mainMeasures: [String] {
        measurements.map(\.measure).filter { !$0.hasSuffix("minor faults") && !$0.hasSuffix("lock taken") }
    }

    /// The reasons for the figures.
    public var remarks: [String] {
        [
            "Up to 5.6 a fault may wait only once: write-protection, with which it may have to wait again, came with 5.7. Up to "
                + "5.8 each wait counts as major; from 5.9 on because the second attempt is marked as tried. From 6.6 "
                + "on, where the first attempt is made under the area's lock, it does not count as major."
        ]
    }
}
