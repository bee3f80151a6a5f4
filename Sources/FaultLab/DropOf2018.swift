public import FaultSimulator

/// The priority inversion of 2018: a thread of low priority sleeps inside a fault because its I/O is throttled. Another
/// thread of its process wants the mmap lock for writing. A monitor of high priority that reads `/proc/PID/maps` waits
/// behind both.
///
/// The device throttles at submission, depending on the I/O class of the task, as blk-iolatency does. The writer comes
/// 1 ms after the fault, and the monitor 2 ms after it.
public struct DropOf2018: Experiment {
    /// How long the device delays a submission of the low-priority thread.
    public var throttleNanoseconds: UInt64 = 400_000_000
    /// How long a read takes after its submission.
    public var readNanoseconds: UInt64 = 100_000_000

    /// Makes the experiment as it was discussed.
    public init() {}

    /// `2018`.
    public var name: String { "2018" }
    /// What it asks.
    public var title: String { "How long does a monitor wait for a map whose owner's I/O is throttled?" }
    /// The series and the commit.
    public var source: String { "Bacik and Weiner, \"drop the mmap_sem when doing IO in the fault path\", Linux 5.1" }

    /// The cases of the low-priority thread's fault.
    public enum Case: String, CaseIterable, Sendable {
        /// The page is missing. The fault submits its read, with others, and waits.
        case miss = "missing page"
        /// The page is cached with the readahead mark. The fault submits more reads, and does not wait.
        case readahead = "page with the readahead mark"
        /// The page is cached, but its read had failed. It is read again, alone.
        case reread = "page that is not uptodate"
        /// The file system reserves space for a page that becomes writable.
        case mkwrite = "page_mkwrite of an expensive file system"
    }

    /// How the device treats the submissions of a thread.
    public enum IOClass: Sendable {
        /// They are delayed in favour of others.
        case throttled
        /// They are not delayed.
        case protected
    }

    /// The waits under one kernel in one case.
    public struct Waits: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The case.
        public let what: Case
        /// Whether there was a writer.
        public let hasWriter: Bool
        /// The I/O class of the thread that faults.
        public let ioClass: IOClass
        /// The monitor's longest wait for the lock, in nanoseconds.
        public let monitor: UInt64
        /// The writer's longest wait for the lock, in nanoseconds.
        public let writer: UInt64
        /// The low-priority thread's longest hold of the lock.
        public let hold: UInt64
        /// The chain of waits when the monitor waited.
        public let chain: String
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// Throttling at submission: an input.
        public let throttleNanoseconds: UInt64
        /// A read: an input.
        public let readNanoseconds: UInt64
        /// Every case under every kernel.
        public let waits: [Waits]
        /// The missing page under each kernel.
        public let timelines: [Timeline]
    }

    /// The kernels, oldest first.
    static let models: [KernelModel] = [.linux2_6_36, .linux3_19, .linux5_1, .linux6_1, .linux6_12]

    /// Does the experiment.
    public func run() throws -> Outcome {
        var waits: [Waits] = []
        var timelines: [Timeline] = []
        for what in Case.allCases {
            for model in Self.models {
                let (run, timeline) = try inversion(what, model, hasWriter: true)
                waits.append(run)
                if what == .miss { timelines.append(timeline) }
            }
        }
        waits.append(try inversion(.miss, Self.models[0], hasWriter: false).0)
        waits.append(try inversion(.miss, Self.models[0], hasWriter: true, .protected).0)
        return Outcome(
            throttleNanoseconds: throttleNanoseconds, readNanoseconds: readNanoseconds, waits: waits,
            timelines: timelines)
    }

    private func inversion(
        _ what: Case, _ model: KernelModel, hasWriter: Bool, _ ioClass: IOClass = .throttled
    ) throws(WorldError) -> (Waits, Timeline) {
        var world = try LabWorld.timed(model, processors: 4)
        world.machine.isChecking = true
        let low = world.task()
        let writer = world.thread(of: low)
        let monitor = world.task()
        let disk = world.addDisk(
            GuardedDisk(
                readNanoseconds: readNanoseconds, throttleNanoseconds: throttleNanoseconds,
                throttled: ioClass == .throttled ? low : .none))
        let operation = try prepare(what, low, disk, &world)
        let lock = LockName.mmap(world.machine.map(of: low))

        world.recordPiece()
        world.start(operation, in: low)
        if hasWriter {
            world.start(
                [.sleep(nanoseconds: 1_000_000), .mmap(MapRequest(pages: 1, access: .readWrite))], in: writer)
        }
        let map = world.machine.map(of: low)
        world.start([.sleep(nanoseconds: 2_000_000), .readProcMaps(map)], in: monitor)
        let reason = world.run()
        if let violation = reason.violations.first { throw .brokenContract(violation) }
        guard reason == .finished else { throw .waiting(WaitLink.chain(of: reason.waits)) }

        let timeline = world.piece(
            what.rawValue, [(low, "low: the fault"), (writer, "low: mmap"), (monitor, "high: reads maps")])
        let waits = Waits(
            model: model.name.description, what: what, hasWriter: hasWriter, ioClass: ioClass,
            monitor: Sleeps(of: world).waiting([monitor], for: lock).longest,
            writer: Sleeps(of: world).waiting([writer], for: lock).longest,
            hold: timeline.longestHold(of: lock, by: low),
            chain: world.machine.longestChain.map(\.description).joined(separator: " <- "))
        return (waits, timeline)
    }

    /// Sets up the case, and returns the operation of the fault.
    private func prepare(
        _ what: Case, _ low: TaskID, _ disk: DeviceID, _ world: inout World
    ) throws(WorldError) -> TaskOperation {
        let other = world.task()
        switch what {
        case .miss:
            return .read(try world.map(try world.file(pages: 64, device: disk), .read, .shared, in: low), page: 40)
        case .readahead:
            // A read around page 16 reads pages 0 to 31, and marks page 24.
            let file = try world.file(pages: 64, device: disk)
            try world.perform(.read(try world.map(file, .read, .shared, in: other), page: 16), in: other)
            return .read(try world.map(file, .read, .shared, in: low), page: 24)
        case .reread:
            let file = try world.file(pages: 64, device: disk)
            world.machine.breakBlocks(of: file, PageRun(0, 63))
            let area = try world.map(file, .read, .shared, in: other)
            try world.perform(.read(area, page: 40), in: other)
            world.machine.repairBlocks(of: file)
            return .read(try world.map(file, .read, .shared, in: low), page: 40)
        case .mkwrite:
            let file = try world.file(pages: 64, on: .btrfs, device: disk, resident: .all)
            return .write(try world.map(file, .readWrite, .shared, in: low), page: 40)
        }
    }
}

/// A disk that delays only the submissions of the task whose I/O class is ``DropOf2018/IOClass/throttled``, as
/// blk-iolatency does with unprotected groups.
struct GuardedDisk: BlockDevice {
    let readNanoseconds: UInt64
    let throttleNanoseconds: UInt64
    let throttled: TaskID

    var name: StaticName { StaticName("guarded disk") }

    func completion(of request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        // The request is delayed before it reaches the device.
        now + readNanoseconds + (request.task == throttled ? throttleNanoseconds : 0)
    }

    func throttle(_ request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 {
        request.task == throttled ? now + throttleNanoseconds : now
    }
}

extension DropOf2018.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2018")
        list.add(
            input: "throttled submission", "all", Double(throttleNanoseconds) / 1e6, .milliseconds)
        list.add(input: "a read", "all", Double(readNanoseconds) / 1e6, .milliseconds)
        for run in waits {
            let what =
                run.what.rawValue + (run.hasWriter ? "" : ", no writer")
                + (run.ioClass == .throttled ? "" : ", by a protected thread")
            list.add("\(what): the monitor waits", run.model, Double(run.monitor) / 1e6, .milliseconds)
            list.add("\(what): the fault holds the lock", run.model, Double(run.hold) / 1e6, .milliseconds)
        }
        return list.all
    }

    /// The chain of waits for which the series was written.
    public var remarks: [String] {
        let chain = waits.first { $0.hasWriter }?.chain ?? ""
        return ["Only the complaint was published, without figures.", "The longest chain: \(chain)"]
    }
}
