public import FaultSimulator

/// The series of 2018 as it was posted, the two reviewers' proposals, and what was merged in 5.1.
///
/// As posted (v3), a fault that misses its page starts the read, drops the lock and retries, and keeps the page. So the
/// second attempt waits for the read, and it may not drop the lock. Also, the flag that tells `page_mkwrite` that it
/// has already prepared the page is masked out before the handler sees it.
///
/// Another thread of the process maps memory 10 ms after the fault.
public struct PostedOf2018: Experiment {
    /// How long a read takes, and how long btrfs takes to prepare a page.
    public var readNanoseconds: UInt64 = 100_000_000

    /// Makes the experiment as it was discussed.
    public init() {}

    /// `2018-posted`.
    public var name: String { "2018-posted" }
    /// What it asks.
    public var title: String { "What would the series of 2018 have done as it was posted?" }
    /// The series and its reviews.
    public var source: String { "Bacik v3, with the reviews by Chinner and Kara; commit 6b4c9f446981, Linux 5.1" }

    /// The behaviour of one kernel.
    public struct Behaviour: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// Whether the fault holds the mmap lock while it waits for the read of a missing page.
        public let holdsLock: Bool
        /// The attempt in which it waits.
        public let attempt: Int
        /// How long a thread that maps memory meanwhile waits for the lock, in nanoseconds.
        public let mapperWait: UInt64
        /// How often btrfs prepares the page of a shared store.
        public let preparations: Int
        /// The store's runs of `handle_mm_fault()`.
        public let attempts: Int
        /// How long a thread that maps memory during the store waits for the lock, in nanoseconds.
        public let mapperWaitInStore: UInt64
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// What a read takes: an input.
        public let readNanoseconds: UInt64
        /// The kernels.
        public let behaviours: [Behaviour]
        /// The miss and the store under each kernel.
        public let timelines: [Timeline]
    }

    /// The kernels.
    static let models: [KernelModel] = [.bacik2018, .chinner2018, .kara2018, .linux5_1]

    /// Does the experiment.
    public func run() throws -> Outcome {
        var behaviours: [Behaviour] = []
        var timelines: [Timeline] = []
        for model in Self.models {
            let (holdsLock, attempt) = try miss(model)
            let (preparations, attempts) = try store(model)
            let (wait, missed) = try timed(model, .ext4)
            let (storeWait, stored) = try timed(model, .btrfs)
            timelines += [missed, stored]
            behaviours.append(
                Behaviour(
                    model: model.name.description, holdsLock: holdsLock, attempt: attempt, mapperWait: wait,
                    preparations: preparations, attempts: attempts, mapperWaitInStore: storeWait))
        }
        return Outcome(readNanoseconds: readNanoseconds, behaviours: behaviours, timelines: timelines)
    }

    private func miss(_ model: KernelModel) throws(WorldError) -> (holdsLock: Bool, attempt: Int) {
        var world = try World(model)
        let reader = world.task()
        let area = try world.map(try world.file(pages: 64), .read, in: reader)
        world.start(.read(area, page: 3), in: reader)
        world.run()
        return (!world.mmapLock(of: reader).isFree, world.report(of: reader).counters.attempts)
    }

    private func store(_ model: KernelModel) throws(WorldError) -> (preparations: Int, attempts: Int) {
        var world = try World(model)
        let file = try world.file(pages: 4, on: .btrfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.read(area), in: task)
        world.start(.write(area), in: task)
        var preparations = 0
        repeat {
            world.run()
            preparations += world.completeReads()
        } while world.machine.isBusy(task)
        return (preparations, world.report(of: task).counters.attempts)
    }

    /// Measures how long a thread that maps memory waits during the miss on ext4 or the store on btrfs.
    private func timed(_ model: KernelModel, _ fileSystem: World.FileSystem) throws(WorldError) -> (UInt64, Timeline) {
        var world = try LabWorld.timed(model, disk: .latency(nanoseconds: readNanoseconds), processors: 2)
        world.machine.isChecking = true
        let isStore = fileSystem == .btrfs
        let task = world.task()
        let mapper = world.thread(of: task)
        let file = try world.file(pages: 64, on: fileSystem, resident: isStore ? .all : .none)
        let area = try world.map(file, isStore ? .readWrite : .read, .shared, in: task)
        if isStore { try world.perform(.read(area, page: 3), in: task) }
        let lock = LockName.mmap(area.map)
        world.recordPiece()
        world.start(isStore ? .write(area, page: 3) : .read(area, page: 3), in: task)
        world.start(
            [.sleep(nanoseconds: 10_000_000), .mmap(MapRequest(pages: 1, access: .readWrite))], in: mapper)
        let reason = world.run()
        if let violation = reason.violations.first { throw .brokenContract(violation) }
        let timeline = world.piece(
            isStore ? "a shared store on btrfs" : "a miss", [(task, isStore ? "stores" : "reads"), (mapper, "maps")])
        return (Sleeps(of: world).waiting([mapper], for: lock).longest, timeline)
    }
}

extension PostedOf2018.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2018-posted")
        list.add(input: "a read, or preparing a page", "all", Double(readNanoseconds) / 1e6, .milliseconds)
        for kernel in behaviours {
            list.add("miss: waits for the read with the lock held", kernel.model, kernel.holdsLock ? 1 : 0, .yes)
            list.add("miss: the attempt that waits", kernel.model, kernel.attempt, .times)
            list.add("miss: a mapper waits", kernel.model, Double(kernel.mapperWait) / 1e6, .milliseconds)
            list.add("shared store on btrfs: page prepared", kernel.model, kernel.preparations, .times)
            list.add("shared store on btrfs: attempts", kernel.model, kernel.attempts, .attempts)
            list.add(
                "shared store on btrfs: a mapper waits", kernel.model, Double(kernel.mapperWaitInStore) / 1e6,
                .milliseconds)
        }
        return list.all
    }

    /// What follows from the figures.
    public var remarks: [String] {
        [
            "As posted, a synchronous miss waits with the lock held, and page_mkwrite prepares its page twice. The merged "
                + "version waits in the first attempt, without the lock, and does not change page_mkwrite."
        ]
    }
}
