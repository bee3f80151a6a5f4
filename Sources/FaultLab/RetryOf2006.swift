public import FaultSimulator

/// The proposals of 2006 for a fault that has dropped the mmap lock to wait: where does it continue, and may it drop
/// the lock again?
///
/// One thread reads a page that is not cached, alone, or while another thread of its process maps memory 1 ms later. In
/// another run the page is evicted whenever its read has finished, before the reader has looked again. A fault that
/// drops the lock on every attempt can be delayed forever in this way. The largest number of attempts is also
/// determined over all schedules of a small world.
public struct RetryOf2006: Experiment {
    /// What a read takes.
    public var readNanoseconds: UInt64 = 10_000_000
    /// How often the page is evicted, at most.
    public var rounds = [4, 16]
    /// How often it may be evicted while all schedules are explored, at most.
    public var evictions = 3

    /// Makes the experiment as it was discussed.
    public init() {}

    /// `2006`.
    public var name: String { "2006" }
    /// What it asks.
    public var title: String { "After the wait: retry in user mode, once in the kernel, or go on where it was?" }
    /// The thread.
    public var source: String { "Waychison, Herrenschmidt and Morton, NOPAGE_RETRY and pagefault_args, linux-mm 2006" }

    /// The figures of one cold read under one kernel.
    public struct Read: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// Whether the process has a second thread, which maps memory during the wait.
        public let hasMapper: Bool
        /// How long the reader held the lock without a break, in nanoseconds.
        public let hold: UInt64
        /// How long the mapper waited for it.
        public let mapperWait: UInt64
        /// Exceptions of the reader.
        public let exceptions: Int
        /// Its runs of `handle_mm_fault()`.
        public let attempts: Int
        /// How often it took the mmap lock.
        public let locks: Int

        /// Whether the lock is held during the wait.
        public var holdsLock: Bool { hold > 0 }
    }

    /// The party that evicts the page.
    public enum Thief: String, CaseIterable, Sendable {
        /// Another process, with `posix_fadvise(POSIX_FADV_DONTNEED)`, from the page cache.
        case fadvise = "fadvise(DONTNEED)"
        /// Another process that maps the page and reclaims it, with `madvise(MADV_PAGEOUT)`.
        case reclaim = "reclaim"
        /// Another thread of the process, with `madvise(MADV_DONTNEED)`, from the page table, but not from the page
        /// cache.
        case madvise = "madvise(DONTNEED)"
    }

    /// The result of a read whose page was evicted again and again.
    public struct Chase: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The party that evicts the page.
        public let thief: Thief
        /// How often the page could be evicted.
        public let rounds: Int
        /// Runs of `handle_mm_fault()` until the end of the read or of the rounds.
        public let attempts: Int
        /// How many of them dropped the lock, waited, and returned that the fault has to be retried.
        public let retries: Int
        /// Whether the read had ended by then.
        public let hasEnded: Bool
    }

    /// The result over all schedules of a read and an eviction.
    public struct Bound: Equatable, Sendable {
        /// The kernel.
        public let model: String
        /// The largest number of attempts of the read, by how often its page may be evicted: never, once, ...
        public let attempts: [Int]
        /// Whether every schedule ends.
        public let alwaysEnds: Bool
    }

    /// The results.
    public struct Outcome: ExperimentOutcome {
        /// What a read takes: an input.
        public let readNanoseconds: UInt64
        /// The reads.
        public let reads: [Read]
        /// The reads that were delayed.
        public let chases: [Chase]
        /// The largest numbers of attempts.
        public let bounds: [Bound]
        /// The reads while another thread maps.
        public let timelines: [Timeline]
    }

    /// The kernel before, and the proposals.
    static let models: [KernelModel] = [
        .linux2_6_36, .herrenschmidt2006, .waychison2006, .mortonSoleUser2006, .mortonSequence2006, .pagefaultArgs2006,
    ]

    /// The kernels that retry forever, and once.
    static let retrying: [KernelModel] = [.herrenschmidt2006, .waychison2006]

    /// Does the experiment.
    public func run() throws -> Outcome {
        var reads: [Read] = []
        var timelines: [Timeline] = []
        for model in Self.models {
            reads.append(try read(model, hasMapper: false).0)
            let (beside, timeline) = try read(model, hasMapper: true)
            reads.append(beside)
            timelines.append(timeline)
        }
        var chases: [Chase] = []
        for thief in Thief.allCases {
            for model in Self.retrying {
                for number in rounds { chases.append(try chase(model, thief, rounds: number)) }
            }
        }
        return Outcome(
            readNanoseconds: readNanoseconds, reads: reads, chases: chases, bounds: try Self.retrying.map(bound),
            timelines: timelines)
    }

    // MARK: One read

    private func read(_ model: KernelModel, hasMapper: Bool) throws(WorldError) -> (Read, Timeline) {
        var world = try LabWorld.timed(model, disk: .latency(nanoseconds: readNanoseconds), processors: 2)
        world.machine.isChecking = true
        let reader = world.task()
        let area = try world.map(try world.file(pages: 64), .read, in: reader)
        let lock = LockName.mmap(area.map)
        world.recordPiece()
        let before = world.machine.counters(of: reader)
        world.start(.read(area, page: 3), in: reader)
        var names = [(reader, "the reader")]
        if hasMapper {
            let mapper = world.thread(of: reader)
            names.append((mapper, "the mapper"))
            world.start(
                [.sleep(nanoseconds: 1_000_000), .mmap(MapRequest(pages: 1, access: .readWrite))], in: mapper)
        }
        let reason = world.run()
        if let violation = reason.violations.first { throw .brokenContract(violation) }
        let counted = world.machine.counters(of: reader) - before
        let timeline = world.piece("a cold read\(hasMapper ? ", and mmap" : "")", names)
        return (
            Read(
                model: model.name.description, hasMapper: hasMapper, hold: timeline.longestHold(of: lock, by: reader),
                mapperWait: hasMapper ? Sleeps(of: world).waiting([names[1].0], for: lock).longest : 0,
                exceptions: counted.exceptions, attempts: counted.attempts, locks: counted.mmapReadLocks),
            timeline
        )
    }

    // MARK: A read that is delayed

    private func chase(_ model: KernelModel, _ thief: Thief, rounds: Int) throws(WorldError) -> Chase {
        var world = try World(model)
        let file = try world.file(pages: 64)
        let reader = world.task()
        let other = thief == .madvise ? world.thread(of: reader) : world.task()
        let area = try world.map(file, .read, in: reader)
        let operations: [TaskOperation]
        switch thief {
        case .fadvise: operations = [.dropCache(file)]
        case .reclaim:
            let theirs = try world.map(file, .read, .shared, in: other)
            operations = [.read(theirs, page: 3), .madvise(theirs, .pageOut)]
        case .madvise: operations = [.madvise(area, .dontNeed)]
        }
        world.start(.read(area, page: 3), in: reader)
        world.run()
        for _ in 0..<rounds where world.machine.isBusy(reader) {
            world.completeReads()
            // The reader goes on only to the end of the attempt that has waited, or that has found the page.
            if thief == .madvise {
                while world.machine.isBusy(reader), world.presentPages(of: area).isEmpty { world.machine.step(reader) }
            }
            while world.machine.wait(of: reader) == nil, world.machine.isInsideAttempt(reader) {
                world.machine.step(reader)
            }
            for operation in operations {
                world.start(operation, in: other)
                while world.machine.isBusy(other), world.machine.step(other) {}
            }
            if thief != .madvise { world.run() }
        }
        let report = world.report(of: reader)
        return Chase(
            model: model.name.description, thief: thief, rounds: rounds, attempts: report.counters.attempts,
            retries: report.attempts.count { $0.result.contains(.retry) }, hasEnded: !world.machine.isBusy(reader))
    }

    private func bound(_ model: KernelModel) throws(WorldError) -> Bound {
        var attempts: [Int] = []
        var ends = true
        for times in 0...evictions {
            var world = try World(model)
            let file = try world.file(pages: 1)
            let reader = world.task()
            let evictor = world.task()
            world.start(.read(try world.map(file, .read, in: reader)), in: reader)
            var options = Explorer.Options()
            options.observe = { String($0.counters(of: reader).attempts) }
            if times > 0 { options.injections = [Injection(.start(.dropCache(file), in: evictor), times: times)] }
            let found = world.explore(options)
            ends = ends && found.isComplete && found.deadlocks.isEmpty && found.brokenLaws.isEmpty
            attempts.append(found.texts.compactMap(Int.init).max() ?? 0)
        }
        return Bound(model: model.name.description, attempts: attempts, alwaysEnds: ends)
    }
}

extension RetryOf2006.Outcome {
    /// The figures.
    public var measurements: [LabMeasurement] {
        var list = MeasurementList("2006")
        list.add(input: "a read", "all", Double(readNanoseconds) / 1e6, .milliseconds)
        for read in reads {
            let what = read.hasMapper ? "cold read beside a mapper" : "cold read alone"
            list.add("\(what): lock held at a stretch", read.model, Double(read.hold) / 1e6, .milliseconds)
            if read.hasMapper {
                list.add("\(what): the mapper waits", read.model, Double(read.mapperWait) / 1e6, .milliseconds)
            }
            list.add("\(what): exceptions", read.model, read.exceptions, .faults)
            list.add("\(what): attempts", read.model, read.attempts, .attempts)
            list.add("\(what): mmap lock taken", read.model, read.locks, .times)
        }
        for chase in chases {
            let what = "page taken away \(chase.rounds) times, \(chase.thief.rawValue)"
            list.add("\(what): attempts", chase.model, chase.attempts, .attempts)
            list.add("\(what): of which retry", chase.model, chase.retries, .attempts)
            list.add("\(what): the read has ended", chase.model, chase.hasEnded ? 1 : 0, .yes)
        }
        for bound in bounds {
            for (times, attempts) in bound.attempts.enumerated() {
                list.add(
                    "all schedules, page evicted at most \(times) times: attempts", bound.model, attempts, .attempts)
            }
            list.add("all schedules: each ends", bound.model, bound.alwaysEnds ? 1 : 0, .yes)
        }
        return list.all
    }

    /// What follows from the figures.
    public var remarks: [String] {
        [
            "A fault that drops the lock on every attempt can be delayed for as long as its page is evicted; one that retries "
                + "once can't: the second attempt waits with the lock held, and a later eviction takes the page from a fault "
                + "that has ended.",
            "madvise(DONTNEED) leaves the page in the cache: it costs an exception each time under every kernel, but no retry.",
        ]
    }
}
