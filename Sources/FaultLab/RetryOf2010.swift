public import FaultSimulator

/// Commit d065bd810b6d (Linux 2.6.37): thread A reads a big mapped file at random places; thread B of the process maps
/// and unmaps elsewhere.
///
/// Two figures are inputs: the time of a random read of the disk, and the rate of B alone. Everything else follows from
/// the lock: A slows B down if A holds the lock during its reads, and does not if A drops it.
///
/// Before the commit, B makes one iteration for every two reads of A, one for each read, or more, depending on how soon
/// A faults again.
/// Mmap and munmap each need the lock. If A faults again while B's mmap runs, it queues before B's munmap, and B waits
/// for a whole read. If A computes until both are done, B waits once per iteration.
public struct RetryOf2010: Experiment {
    /// How many nanoseconds of virtual time each run is measured over.
    public var nanoseconds: UInt64 = 2_000_000_000

    /// Makes the experiment as published.
    public init() {}

    /// `2010`.
    public var name: String { "2010" }
    /// What it asks.
    public var title: String { "Is a thread that maps and unmaps chained to another's disk reads?" }
    /// The commit.
    public var source: String { "Lespinasse, \"mm: retry page fault when blocking on disk transfer\", Linux 2.6.37" }

    /// The published rates a second.
    static let published = (reads: 55.0, before: 55.0, after: 15_000.0)

    /// The rates of one run, a second.
    public struct Rates: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// How long A computes between two reads, in nanoseconds.
        public let thinkNanoseconds: UInt64
        /// Reads of thread A.
        public let reads: Double
        /// Iterations of thread B.
        public let mappings: Double
    }

    /// What it has found out.
    public struct Outcome: ExperimentOutcome {
        /// What a random read takes: an input.
        public let readNanoseconds: UInt64
        /// How long one stage of a system call takes, chosen so that B alone is as fast as published: an input.
        public let stageNanoseconds: UInt64
        /// B without A.
        public let alone: Double
        /// One run for each think time, under the kernel before.
        public let before: [Rates]
        /// The same, if the lock wakes its queue as later locks do.
        public let beforeWithBatches: [Rates]
        /// The run under the later kernel.
        public let after: Rates
        /// A short piece of both runs.
        public let timelines: [Timeline]
    }

    /// Does the experiment.
    public func run() throws -> Outcome {
        let (before, after) = (KernelModel.linux2_6_36, KernelModel.linux2_6_37)
        let batches = before.with(\.lockWake, .allQueuedReaders, named: "linux2_6_36 lockWake=allQueuedReaders")
        let read = UInt64(1e9 / Self.published.reads)
        let stages = try MeasuredCosts.stagesOfMapping(after)
        let stage = UInt64(nearest(1e9 / Self.published.after / Double(stages)))
        let setUp = SetUp(readNanoseconds: read, stageNanoseconds: stage)
        let iteration = stage * stages
        // A faults again at once, between the end of B's mmap and the end of its munmap, or long after both.
        let thinks = [0, iteration * 3 / 4, iteration * 5 / 2]
        return Outcome(
            readNanoseconds: read, stageNanoseconds: stage, alone: try rates(after, setUp, think: nil).mappings,
            before: try thinks.map { try rates(before, setUp, think: $0) },
            beforeWithBatches: try thinks.map { try rates(batches, setUp, think: $0) },
            after: try rates(after, setUp, think: 0),
            timelines: try [before, after].map { try Self.timeline($0, setUp) })
    }

    private struct SetUp {
        let readNanoseconds: UInt64
        let stageNanoseconds: UInt64

        func world(_ model: KernelModel) throws(WorldError) -> World {
            var costs = try MeasuredCosts.costs()
            costs.systemCallStageNanoseconds = stageNanoseconds
            return try LabWorld.timed(
                model, disk: .latency(nanoseconds: readNanoseconds), costs: costs, processors: 2)
        }
    }

    /// Two threads over one file of a gibibyte.
    private static func threads(
        _ world: inout World, think: UInt64?
    ) throws(WorldError) -> (reader: TaskID, mapper: TaskID) {
        let reader = world.task()
        let mapper = world.thread(of: reader)
        let area = try world.map(try world.file(pages: 1 << 18), .read, .shared, in: reader)
        if let think { world.start(RandomReader(area: area, thinkNanoseconds: think), in: reader) }
        world.start(Mapper(), in: mapper)
        return (reader, mapper)
    }

    private func rates(_ model: KernelModel, _ setUp: SetUp, think: UInt64?) throws(WorldError) -> Rates {
        var world = try setUp.world(model)
        let (reader, mapper) = try Self.threads(&world, think: think)
        let begin = world.machine.counters(of: mapper).mmapWriteLocks
        world.run(until: .time(nanoseconds))
        let seconds = Double(nanoseconds) / 1e9
        let reads = world.machine.counters(of: reader).majorFaults
        return Rates(
            model: model.name.description, thinkNanoseconds: think ?? 0, reads: Double(reads) / seconds,
            mappings: Double(world.machine.counters(of: mapper).mmapWriteLocks - begin) / 2 / seconds)
    }

    /// Three reads of A, after one that brings the threads into step.
    private static func timeline(_ model: KernelModel, _ setUp: SetUp) throws(WorldError) -> Timeline {
        var world = try setUp.world(model)
        let (reader, mapper) = try threads(&world, think: 0)
        world.run(until: .time(setUp.readNanoseconds * 3 / 2))
        world.recordPiece()
        world.run(until: .time(setUp.readNanoseconds * 9 / 2))
        return world.piece(
            "A reads a file, B maps and unmaps", [(reader, "A: random reads"), (mapper, "B: mmap, munmap")])
    }
}

extension RetryOf2010.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        let published = RetryOf2010.published
        var list = MeasurementList("2010")
        list.add(
            input: "A alone: a random read", after.model, Double(readNanoseconds) / 1e6, .milliseconds,
            published: 1e3 / published.reads)
        list.add(input: "B alone", after.model, alone, .perSecond, published: published.after)
        for rates in before + beforeWithBatches {
            let isPublished = rates.model == before[0].model
            list.add(
                think(rates, "A"), rates.model, rates.reads, .perSecond, published: isPublished ? published.reads : nil)
            list.add(
                think(rates, "B"), rates.model, rates.mappings, .perSecond,
                published: isPublished ? published.before : nil)
        }
        list.add("A", after.model, after.reads, .perSecond, published: published.reads)
        list.add("B", after.model, after.mappings, .perSecond, published: published.after)
        return list.all
    }

    /// The name of a thread's rate, depending on how long A computes.
    func think(_ rates: RetryOf2010.Rates, _ thread: String) -> String {
        "\(thread), A thinks \((rates.thinkNanoseconds + 500) / 1000) us"
    }

    /// What decides how many iterations a second B makes before the commit.
    public var remarks: [String] {
        [
            "Before, A's think time decides: B gets the lock once between two reads of A if A faults again during B's mmap, "
                + "twice (a whole iteration) if A faults again during its munmap, and more often if A computes longer.",
            "With one reader it makes no difference whether the lock wakes leading readers or all of them.",
        ]
    }
}
