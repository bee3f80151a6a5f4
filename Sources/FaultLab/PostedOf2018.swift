import FaultSimulator

/// The series of 2018 as it was posted, the two reviewers' proposals, and what was merged in 5.1.
///
/// As posted (v3), a fault that misses its page starts the read, drops the lock and retries, with the page kept: the wait
/// for the read is then the second attempt's, which may not drop the lock. And the flag that would tell `page_mkwrite` that
/// its page is the one that it has prepared is masked out before the handler sees it.
public struct PostedOf2018: Experiment {
    /// The experiment as argued.
    public init() {}

    /// `2018-posted`.
    public var name: String { "2018-posted" }
    /// What it asks.
    public var title: String { "What would the series of 2018 have done as it was posted?" }
    /// The series and its reviews.
    public var source: String { "Bacik v3, with the reviews by Chinner and Kara; commit 6b4c9f446981, Linux 5.1" }

    /// What one kernel does.
    public struct Behaviour: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// Whether the mmap lock is held while the read of a missing page is waited for.
        public let holdsLock: Bool
        /// In which attempt that is.
        public let attempt: Int
        /// How often btrfs prepares the page of a shared store.
        public let preparations: Int
        /// The store's runs of `handle_mm_fault()`.
        public let attempts: Int
    }

    /// What it has found out.
    public struct Outcome: ExperimentOutcome {
        /// The kernels.
        public let behaviours: [Behaviour]
    }

    /// Does the experiment.
    public func run() throws -> Outcome {
        Outcome(
            behaviours: try [KernelModel.bacik2018, .chinner2018, .kara2018, .linux5_1].map { model in
                let (holdsLock, attempt) = try miss(model)
                let (preparations, attempts) = try store(model)
                return Behaviour(
                    model: model.name.description, holdsLock: holdsLock, attempt: attempt, preparations: preparations,
                    attempts: attempts)
            })
    }

    private func miss(_ model: KernelModel) throws(WorldError) -> (holdsLock: Bool, attempt: Int) {
        var world = try World(model)
        let reader = world.task()
        let area = try world.map(try world.file(pages: 64), .read, in: reader)
        world.start(reader, .read(area, page: 3))
        world.run()
        return (!world.mmapLock(of: reader).isFree, world.report(reader).counters.attempts)
    }

    private func store(_ model: KernelModel) throws(WorldError) -> (preparations: Int, attempts: Int) {
        var world = try World(model)
        let file = try world.file(pages: 4, on: .btrfs, resident: .all)
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.read(area), in: task)
        world.start(task, .write(area))
        var preparations = 0
        repeat {
            world.run()
            preparations += world.completeReads()
        } while world.machine.isBusy(task)
        return (preparations, world.report(task).counters.attempts)
    }
}

extension PostedOf2018.Outcome {
    /// The figures.
    public var measurements: [Measurement] {
        var list = MeasurementList("2018-posted")
        for kernel in behaviours {
            list.add("miss: waits for the read with the lock held", kernel.model, kernel.holdsLock ? 1 : 0, .yes)
            list.add("miss: the attempt that waits", kernel.model, kernel.attempt, .times)
            list.add("shared store on btrfs: page prepared", kernel.model, kernel.preparations, .times)
            list.add("shared store on btrfs: attempts", kernel.model, kernel.attempts, .attempts)
        }
        return list.all
    }

    /// What follows.
    public var remarks: [String] {
        [
            "As posted, the wait of a synchronous miss is back under the lock, and page_mkwrite prepares its page twice. What "
                + "landed waits in the first attempt, without the lock, and leaves page_mkwrite alone."
        ]
    }
}
