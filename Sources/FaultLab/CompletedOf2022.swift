public import FaultSimulator

/// Linux 6.0: a program dirties 400 MB of a tmpfs file, page by page, through a shared mapping.
///
/// In Linux 5.5 to 5.19 each first store to a page drops the mmap lock for throttling and returns `RETRY`, and a second
/// attempt finds that everything is done. `VM_FAULT_COMPLETED` saves this attempt. Counts are exact. Costs come from
/// ``MeasuredCosts``, which contain no retry, so the ratio of the two times is a prediction.
public struct CompletedOf2022: Experiment {
    /// How many pages are dirtied: 400 MiB.
    public var pages = 400 << 8

    /// Makes the experiment as published.
    public init() {}

    /// `2022`.
    public var name: String { "2022" }
    /// What it asks.
    public var title: String { "What does it save to say that a fault is completed, instead of retrying it?" }
    /// The patch.
    public var source: String { "Xu, \"mm: avoid unnecessary page fault retires on shared memory types\", Linux 6.0" }

    /// The published times in milliseconds, on an arm64 virtual machine.
    static let published = (before: 650.980, after: 569.396)

    /// The figures of one kernel.
    public struct Run: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// `pgfault` in `/proc/vmstat`.
        public let pgfault: Int
        /// Page-fault exceptions.
        public let faults: Int
        /// Runs of `handle_mm_fault()`.
        public let attempts: Int
        /// `min_flt`.
        public let minorFaults: Int
        /// `maj_flt`.
        public let majorFaults: Int
        /// How often the mmap lock was taken.
        public let lockAcquisitions: Int
        /// Virtual time.
        public let nanoseconds: UInt64
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// The costs: an input.
        public let costs: CostModel
        /// The kernel that retries.
        public let before: Run
        /// The kernel that completes.
        public let after: Run
        /// The ratios for the smallest and the largest possible cost of an attempt.
        public let bounds: ClosedRange<Double>
        /// The first pages under both kernels.
        public let timelines: [Timeline]

        /// The time after, divided by the time before.
        public var ratio: Double { Double(after.nanoseconds) / Double(before.nanoseconds) }
    }

    /// Does the experiment.
    public func run() throws -> Outcome {
        let (before, after) = (KernelModel.linux5_19, KernelModel.linux6_1)
        let costs = try MeasuredCosts.costs()
        let bounds = try [MeasuredCosts.populateNanoseconds, MeasuredCosts.walkNanoseconds].map { attempt in
            var part = self
            part.pages = min(pages, 256)  // every page costs the same
            let costs = try MeasuredCosts.costs(attempt: attempt)
            return Double(try part.dirty(after, costs).nanoseconds) / Double(try part.dirty(before, costs).nanoseconds)
        }
        return Outcome(
            costs: costs, before: try dirty(before, costs), after: try dirty(after, costs),
            bounds: bounds[0]...bounds[1],
            timelines: try [before, after].map { try timeline($0, costs) })
    }

    private func setUp(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> (World, TaskID, Area) {
        var world = try LabWorld.timed(model, costs: costs)
        let task = world.task()
        let area = try world.map(try world.file(pages: pages, on: .tmpfs), .readWrite, .shared, in: task)
        return (world, task, area)
    }

    private func dirty(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> Run {
        var (world, task, area) = try setUp(model, costs)
        let begin = world.clock
        let pgfault = world.machine.events.pgfault
        let report = try world.perform(.write(area, pages: pages), in: task)
        return Run(
            model: model.name.description, pgfault: world.machine.events.pgfault - pgfault,
            faults: report.counters.exceptions, attempts: report.counters.attempts,
            minorFaults: report.minorFaults, majorFaults: report.majorFaults,
            lockAcquisitions: report.counters.mmapReadLocks, nanoseconds: world.clock - begin)
    }

    private func timeline(_ model: KernelModel, _ costs: CostModel) throws(WorldError) -> Timeline {
        var (world, task, area) = try setUp(model, costs)
        world.recordPiece()
        try world.perform(.write(area, pages: 6), in: task)
        return world.piece("the first six stores", [(task, "the program")])
    }
}

extension CompletedOf2022.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        let published = CompletedOf2022.published
        var list = MeasurementList("2022")
        let model = after.model
        for (measure, figure) in [
            ("an attempt that finds all done, at least", MeasuredCosts.walkNanoseconds),
            ("an attempt that finds all done, at most", MeasuredCosts.populateNanoseconds),
            ("an attempt that finds all done, taken", MeasuredCosts.attemptNanoseconds),
            ("first read of a private page", MeasuredCosts.readNanoseconds),
            ("first store to a shared page", MeasuredCosts.storeNanoseconds),
        ] {
            list.add(input: measure, model, Double(figure), .nanoseconds)
        }
        for (run, pgfault, perFault) in [(before, 204_800.0, 2.0), (after, 102_400.0, 1.0)] {
            list.add("pgfault", run.model, run.pgfault, .times, published: pgfault)
            list.add(
                "attempts a fault", run.model, Double(run.attempts) / Double(run.faults), .attempts,
                published: perFault)
            list.add("faults", run.model, run.faults, .faults)
            list.add("major faults", run.model, run.majorFaults, .faults)
            list.add("mmap lock taken", run.model, run.lockAcquisitions, .times)
        }
        list.add(
            "time", before.model, Double(before.nanoseconds) / 1e6, .milliseconds, published: published.before)
        list.add("time", after.model, Double(after.nanoseconds) / 1e6, .milliseconds, published: published.after)
        let ratio = published.after / published.before
        list.add("time after / before", model, self.ratio, .ratio, published: ratio)
        list.add("the same, attempt at most", model, bounds.lowerBound, .ratio, published: ratio)
        list.add("the same, attempt at least", model, bounds.upperBound, .ratio, published: ratio)
        return list.all
    }

    /// Why the times differ from the published ones, but the ratio does not.
    public var remarks: [String] {
        [
            "The published times are of another machine (arm64) than the costs (x86-64): compare the ratio. A page size "
                + "of 4096 bytes is assumed; the mail does not state it."
        ]
    }
}
