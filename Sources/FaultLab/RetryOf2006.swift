import FaultSimulator

/// The proposals of 2006 for a fault that has dropped the mmap lock to wait: where does it go on, and may it do so again?
///
/// One thread reads a page that is not cached; alone, or while another thread of its process maps memory. Then the page
/// is dropped from the cache whenever its read has finished, before the reader has looked again: who drops the lock anew
/// each time can be held up for ever.
public struct RetryOf2006: Experiment {
    /// How often the page is taken away, at most.
    public var rounds = [4, 16]

    /// The experiment as argued.
    public init() {}

    /// `2006`.
    public var name: String { "2006" }
    /// What it asks.
    public var title: String { "After the wait: retry in user mode, once in the kernel, or go on where it was?" }
    /// The thread.
    public var source: String { "Waychison, Herrenschmidt and Morton, NOPAGE_RETRY and pagefault_args, linux-mm 2006" }

    /// What one cold read has cost under one kernel.
    public struct Read: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// Whether the process has a second thread, which maps memory during the wait.
        public let hasMapper: Bool
        /// Whether the lock is held during the wait.
        public let holdsLock: Bool
        /// Exceptions of the reader.
        public let exceptions: Int
        /// Its runs of `handle_mm_fault()`.
        public let attempts: Int
        /// How often it took the mmap lock.
        public let locks: Int
    }

    /// What became of a read whose page was taken away again and again.
    public struct Chase: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// How often the page could have been taken away.
        public let rounds: Int
        /// Runs of `handle_mm_fault()` until the read ended, or the rounds did.
        public let attempts: Int
        /// Whether the read had ended by then.
        public let hasEnded: Bool
    }

    /// What it has found out.
    public struct Outcome: ExperimentOutcome {
        /// The reads.
        public let reads: [Read]
        /// The reads that were held up.
        public let chases: [Chase]
    }

    static let models: [KernelModel] = [
        .herrenschmidt2006, .waychison2006, .mortonSoleUser2006, .mortonSequence2006, .pagefaultArgs2006,
    ]

    /// Does the experiment.
    public func run() throws -> Outcome {
        var reads: [Read] = []
        var chases: [Chase] = []
        for model in Self.models {
            reads.append(try read(model, hasMapper: false))
            reads.append(try read(model, hasMapper: true))
        }
        for model in [KernelModel.herrenschmidt2006, .waychison2006] {
            for number in rounds { chases.append(try chase(model, rounds: number)) }
        }
        return Outcome(reads: reads, chases: chases)
    }

    private func read(_ model: KernelModel, hasMapper: Bool) throws(WorldError) -> Read {
        var world = try World(model)
        let reader = world.task()
        let area = try world.map(try world.file(pages: 64), .read, in: reader)
        let before = world.machine.counters(of: reader)
        world.start(reader, .read(area, page: 3))
        if hasMapper {
            let mapper = world.thread(of: reader)
            world.run()
            world.start(mapper, .mmap(MapRequest(pages: 1, flags: .readWrite)))
        }
        world.run()
        let holdsLock = !world.mmapLock(of: reader).isFree
        repeat { world.run() } while world.completeReads() > 0
        let counted = world.machine.counters(of: reader) - before
        return Read(
            model: model.name.description, hasMapper: hasMapper, holdsLock: holdsLock, exceptions: counted.exceptions,
            attempts: counted.attempts, locks: counted.mmapReadLocks)
    }

    private func chase(_ model: KernelModel, rounds: Int) throws(WorldError) -> Chase {
        var world = try World(model)
        let file = try world.file(pages: 64)
        let reader = world.task()
        _ = world.thread(of: reader)
        let evictor = world.task()
        let area = try world.map(file, .read, in: reader)
        world.start(reader, .read(area, page: 3))
        world.run()
        for _ in 0..<rounds where world.machine.isBusy(reader) {
            world.completeReads()
            // To the end of the attempt that has waited, and no further.
            while world.machine.wait(of: reader) == nil, world.machine.isInsideAttempt(reader) {
                world.machine.step(reader)
            }
            world.start(evictor, .dropCache(file))
            while world.machine.isBusy(evictor), world.machine.step(evictor) {}
            world.run()
        }
        return Chase(
            model: model.name.description, rounds: rounds, attempts: world.report(reader).counters.attempts,
            hasEnded: !world.machine.isBusy(reader))
    }
}

extension Machine {
    /// Whether a task runs `handle_mm_fault()`.
    fileprivate func isInsideAttempt(_ task: TaskID) -> Bool {
        backtrace(of: task).contains { $0.routine == .pageFault }
    }
}

extension RetryOf2006.Outcome {
    /// The figures.
    public var measurements: [Measurement] {
        var list = MeasurementList("2006")
        for read in reads {
            let what = read.hasMapper ? "cold read beside a mapper" : "cold read alone"
            list.add("\(what): waits with the lock held", read.model, read.holdsLock ? 1 : 0, .yes)
            list.add("\(what): exceptions", read.model, read.exceptions, .faults)
            list.add("\(what): attempts", read.model, read.attempts, .attempts)
            list.add("\(what): mmap lock taken", read.model, read.locks, .times)
        }
        for chase in chases {
            let what = "page taken away \(chase.rounds) times"
            list.add("\(what): attempts", chase.model, chase.attempts, .attempts)
            list.add("\(what): the read has ended", chase.model, chase.hasEnded ? 1 : 0, .yes)
        }
        return list.all
    }

    /// What follows.
    public var remarks: [String] {
        [
            "Who drops the lock anew each time can be held up for as long as somebody takes the page; who retries once "
                + "can't."
        ]
    }
}
