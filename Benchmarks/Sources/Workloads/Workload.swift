import FaultSimulator

/// Something that is timed: a machine that is set up, and what it then does.
///
///     var run = try Workload.ascendingFaults.prepare()
///     let operations = try run.go()      // only this is timed
///
/// Everything is prepared anew for each run, so that runs don't depend on each other.
public enum Workload: String, CaseIterable, Sendable {
    /// First writes to 65,536 pages of one anonymous area, in ascending order, by one operation.
    case ascendingFaults
    /// First writes to 64,000 pages of 1,000 anonymous areas in random order, one operation each.
    case scatteredFaults
    /// The operations of ``scatteredFaults`` on pages that are mapped: what starting an operation and a hit cost.
    case scatteredHits
    /// Reads of a file whose pages are cached, 16 pages apart: each fault maps 16 pages.
    case cachedFileFaults
    /// `mmap(2)` of 64 pages into the only hole among 1,000 areas that takes them, and `munmap(2)`; one pair is one.
    case mapAndUnmap
    /// A copy of a machine with 10,000 resident pages, a write to one of them in the copy, and dropping the copy.
    case forkAndWrite
    /// Writes to 4,096 mapped pages, 16 times over: no fault.
    case hits
    /// Reads of a file whose pages are not cached: a fault that reads, drops the lock, waits, and is retried.
    case coldReads
    /// The faults of ``ascendingFaults`` where stages take time: each goes through all stages of the fault path.
    case stagedFaults
    /// The faults of ``ascendingFaults`` as a `World` has them by default: laws are checked and attempts reported.
    case watchedFaults
    /// The faults of ``ascendingFaults`` while all events are kept; one event is one.
    case tracedEvents

    /// What is done, in words.
    public var title: String {
        switch self {
        case .ascendingFaults: "minor fault, ascending pages"
        case .scatteredFaults: "minor fault, 1,000 areas, random (per operation)"
        case .scatteredHits: "the same operations when mapped (per operation)"
        case .cachedFileFaults: "cached file fault, 16 pages mapped"
        case .mapAndUnmap: "mmap + munmap among 1,000 areas"
        case .forkAndWrite: "fork of 10,000 resident pages + one write"
        case .hits: "touch that hits"
        case .coldReads: "cold file read, retried"
        case .stagedFaults: "minor fault through all stages, with costs"
        case .watchedFaults: "minor fault, laws checked and attempts reported"
        case .tracedEvents: "event that is traced"
        }
    }

    /// Sets up one run.
    public func prepare() throws -> Run {
        switch self {
        case .ascendingFaults: try Self.ascending(pages: 65_536)
        case .scatteredFaults: try Self.scattered(mapped: false)
        case .scatteredHits: try Self.scattered(mapped: true)
        case .cachedFileFaults: try Self.cachedFile(faults: 4_096)
        case .mapAndUnmap: try Self.mapping(pairs: 16_384)
        case .forkAndWrite: try Self.forking(copies: 1_024)
        case .hits: try Self.hitting(pages: 4_096, rounds: 16)
        case .coldReads: try Self.cold(reads: 4_096)
        case .stagedFaults: try Self.staged(pages: 65_536)
        case .watchedFaults: try Self.watched(pages: 16_384)
        case .tracedEvents: try Self.traced(pages: 16_384)
        }
    }

    /// One run that is set up.
    public struct Run {
        /// What is run.
        enum Kind {
            case toTheEnd
            case copies(Int, TaskOperation)
        }

        /// What is timed.
        var machine: Machine
        let task: TaskID
        let kind: Kind
        /// How many of what the workload counts one run does.
        public let count: Int
        /// How many minor and major faults it must cause.
        let minorFaults: Int
        let majorFaults: Int

        /// Does what is timed.
        ///
        /// - Returns: A number that depends on all that was done, so that nothing of it can be left out.
        public mutating func go() -> UInt64 {
            switch kind {
            case .toTheEnd:
                let reason = machine.run()
                return reason == .finished ? machine.fingerprintSeed(of: task) : 0
            case .copies(let copies, let operation):
                var sum: UInt64 = 0
                for _ in 0..<copies {
                    var copy = machine
                    copy.start(operation, in: task)
                    if copy.run() == .finished { sum &+= copy.fingerprintSeed(of: task) }
                }
                return sum
            }
        }

        /// Checks that the run did what it is said to do.
        ///
        /// - Throws: ``Unexpected`` if it did not: what was timed is worthless then.
        public func verify(_ result: UInt64) throws {
            let counters = machine.counters(of: task)
            guard result != 0, counters.minorFaults == minorFaults, counters.majorFaults == majorFaults else {
                throw Unexpected(minorFaults: counters.minorFaults, majorFaults: counters.majorFaults)
            }
        }
    }

    /// A run that did something else than it should have.
    public struct Unexpected: Error, CustomStringConvertible {
        /// How many minor faults the task had.
        public let minorFaults: Int
        /// How many major faults the task had.
        public let majorFaults: Int

        /// What happened instead.
        public var description: String { "the run ended early: \(minorFaults) minor and \(majorFaults) major faults" }
    }
}

extension Machine {
    /// A number that follows from what `task` did last, and is never 0.
    fileprivate func fingerprintSeed(of task: TaskID) -> UInt64 {
        let report = report(of: task)
        return UInt64(report.outcome.stamp) &+ UInt64(truncatingIfNeeded: report.outcome.value) &+ 1
    }
}
