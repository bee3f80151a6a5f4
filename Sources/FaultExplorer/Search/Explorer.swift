public import FaultCore

/// An explorer goes through everything that can happen to a machine. It copies the machine at every choice: which
/// runnable task does its next stage, which request a device finishes, whether a timer expires, whether something is
/// injected now.
///
///     let found = Explorer(world.machine).explore()
///     #expect(found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
///     #expect(found.texts == ["task 0: ...", "task 0: ..."])
///
/// Exploration has no time: nothing costs time, any request and any timer may be next, and the clock and the order of
/// the run queue are not part of the state. A state is recognized by its fingerprint without these, together with
/// everything that laws and observations may read: fault counts, attempts and their results, outcomes, and what the
/// laws remember. So no state is skipped from which something else could be found. Two different states have the same
/// key with a probability of 2^-64.
///
/// Stages are never merged, because a stage may read state that it shares with other tasks.
public struct Explorer: Sendable {
    /// The order in which states are visited. The states that are found are the same.
    public enum Order: Sendable {
        /// Follows one schedule to its end, then goes back to the last choice. Keeps few machines.
        case depthFirst
        /// Visits all states one choice away, then two. Its schedules are the shortest.
        case breadthFirst
    }

    /// How much a task does between two choices.
    public enum Grain: Sendable {
        /// One stage: every interleaving of any number of processors.
        case stage
        /// All stages until it sleeps or its operation ends: the interleavings of one processor without preemption.
        case untilSleep
    }

    /// Which requests may be finished.
    public enum Completions: Sendable {
        /// All, including those that are held.
        case all
        /// Those that are not held.
        case unlessHeld
        /// None: the exploration ends when all tasks sleep.
        case none
    }

    /// What to explore.
    public struct Options: Sendable {
        /// The search order.
        public var order: Order = .depthFirst
        /// How much a task does between two choices.
        public var grain: Grain = .stage
        /// Which requests may be finished.
        public var completions: Completions = .all
        /// What may happen from outside; at most 16.
        public var injections: [Injection] = []
        /// After this many states the exploration stops, and is not complete; at most 2^32 - 1.
        public var stateLimit = 10_000_000
        /// With ``Grain/untilSleep``: after this many stages of one turn the exploration stops, and is not complete,
        /// because the task may never sleep; at least 1.
        public var turnLimit = 10_000_000
        /// Whether laws are checked; the laws about states at every state. The exploration does not continue from a
        /// state that breaks one.
        public var checksLaws = true
        /// Whether the results of attempts are kept, for observations.
        public var recordsAttempts = true
        /// Whether observations may read counters of locks: how often one was taken, and how often a trylock failed.
        /// This leads to more states.
        public var observesLocks = false
        /// Whether states differ if they differ only in the counts of faults, attempts and results.
        ///
        /// If not, a task that may retry any number of times does not lead to infinitely many states. Then observations
        /// must not read counts, because it is undefined which of several values they would find.
        public var tellsCountsApart: Bool {
            get { keyParts.contains(.counts) }
            set { if newValue { keyParts.insert(.counts) } else { keyParts.remove(.counts) } }
        }
        /// The observation at a final state, where nothing but injections can happen.
        ///
        /// It may read what distinguishes states: memory, files, tasks, fault counts, results of attempts, outcomes. It
        /// must not read the clock, statistics, or single `AttemptReport`s.
        public var observe: @Sendable (Machine) -> String = { $0.outcomeText }
        /// The parts of the key that distinguishes states; for tests of the explorer.
        package var keyParts: StateKey.Parts = .all
        /// Whether a move is made only once from the same state of what it depends on. The results are the same, in less time.
        /// This has an effect only with grain `stage`.
        ///
        /// Without laws and injections, depth first, a stage depends on its task and on what its routine declares to read;
        /// otherwise on its task and all shared state. So it requires that declarations are complete, and that no stage
        /// reads the own state of another task: which routine it runs, at which stage, with which words. Turn it off for
        /// a plug-in that does.
        public var remembersStages = true
        /// Whether each move that is remembered is made, too, and the exploration stops if it leads elsewhere; for tests of the
        /// explorer. This has an effect only depth first.
        package var makesRememberedMoves = false
        /// Whether hashes of unchanged tasks are kept; for tests of the explorer.
        package var keepsDigests = true

        /// Options that explore everything, depth first, with laws.
        public init() {}
    }

    /// The machine at which it begins.
    public let start: Machine
    /// The options.
    public let options: Options

    /// Makes an explorer.
    ///
    /// - Precondition: There are at most 16 injections, each of 0 to 15 times, which name only things that the machine
    ///   has. The limit of states is at most 2^32 - 1, and turns have at least 1 stage.
    public init(_ start: Machine, _ options: Options = Options()) {
        guard options.injections.count <= InjectionCounts.most else {
            misuse("Explorer: at most 16 injections, not \(options.injections.count)")
        }
        guard options.injections.allSatisfy({ 0...15 ~= $0.times }) else {
            misuse("Explorer: an injection happens 0 to 15 times")
        }
        guard options.stateLimit <= UInt32.max else {
            misuse(
                "Explorer: stateLimit is \(options.stateLimit); states are numbered in 32 bits: set at most \(UInt32.max)"
            )
        }
        guard options.stateLimit >= 0, options.turnLimit >= 1 else {
            misuse(
                "Explorer: stateLimit is \(options.stateLimit) and turnLimit \(options.turnLimit); set at least 0 and 1"
            )
        }
        for injection in options.injections { start.require(injection) }
        var machine = start
        machine.recordsAttempts = options.recordsAttempts
        machine.isChecking = options.checksLaws
        machine.drive()
        self.start = machine
        self.options = options
    }

    /// Explores.
    public func explore() -> Exploration {
        var search = Search(from: start, options)
        switch options.order {
        case .depthFirst: search.goDeep()
        case .breadthFirst: search.goWide()
        }
        return search.finish()
    }

    /// All observations that are possible when the running tasks have come to rest, over every order in which they can
    /// take turns.
    ///
    /// - Parameters:
    ///   - machine: The machine at which it begins. For the release of a device, see `Machine.stopHolding(_:)`.
    ///   - grain: By default the grain of a single processor.
    ///   - completions: By default requests that are not held may be finished, at any moment.
    ///   - observe: What to observe at rest; it may read counters of locks, too.
    /// - Returns: The distinct texts, sorted.
    public static func outcomesAtRest(
        _ machine: Machine, _ grain: Grain = .untilSleep, _ completions: Completions = .unlessHeld,
        observe: @escaping @Sendable (Machine) -> String = { $0.outcomeText }
    ) -> [String] {
        var options = Options()
        options.grain = grain
        options.completions = completions
        options.checksLaws = false
        options.observesLocks = true
        options.observe = observe
        return Explorer(machine, options).explore().texts
    }
}
