public import FaultCore

/// Goes through everything that can happen to a machine, by forking it at every choice: which runnable task takes its
/// next stage, which request a device finishes, whether a timer expires, whether something is injected now.
///
///     let found = Explorer(world.machine).explore()
///     #expect(found.brokenLaws.isEmpty && found.deadlocks.isEmpty)
///     #expect(found.texts == ["task 0: ...", "task 0: ..."])
///
/// Exploration is untimed: nothing costs time, any request and any timer may be next, and neither the clock nor the
/// order of the run queue is state. A state is known again by its fingerprint without those, together with what
/// laws and observations may read: fault counts, attempts and their results, outcomes, and what the laws remember. So no
/// state is passed over from which something else could be found. Two different states have one key with a chance of
/// 2^-64.
///
/// No stages are fused: what a stage reads is shared with the other tasks wherever it matters.
public struct Explorer: Sendable {
    /// In which order states are visited. The states that are found are the same.
    public enum Order: Sendable {
        /// Follow one schedule to its end, then go back to the last choice. Keeps few machines.
        case depthFirst
        /// All states one choice away, then two. Its schedules are the shortest.
        case breadthFirst
    }

    /// How much a task does between two choices.
    public enum Grain: Sendable {
        /// One stage: every interleaving that processors of any number can show.
        case stage
        /// All until it sleeps or its operation ends: the interleavings of one processor that takes nobody's time.
        case untilSleep
    }

    /// Which requests may be finished.
    public enum Completions: Sendable {
        /// All, those that are held too.
        case all
        /// Those that are not held.
        case unlessHeld
        /// None: the exploration ends where all tasks sleep.
        case none
    }

    /// What to explore.
    public struct Options: Sendable {
        /// In which order.
        public var order: Order = .depthFirst
        /// How much a task does between two choices.
        public var grain: Grain = .stage
        /// Which requests may be finished.
        public var completions: Completions = .all
        /// What may happen from outside; at most 16.
        public var injections: [Injection] = []
        /// After so many states the exploration stops, and is not complete; at most 2^32 - 1.
        public var stateLimit = 10_000_000
        /// With ``Grain/untilSleep``: after so many stages of one turn the exploration stops, and is not complete, because the
        /// task may never sleep; at least 1.
        public var turnLimit = 10_000_000
        /// Whether laws are checked, those between stages at every state. A state that breaks one is not left again.
        public var checksLaws = true
        /// Whether the results of attempts are kept, for observations.
        public var recordsAttempts = true
        /// Whether counters of locks may be observed: how often one was taken, or tried in vain. It makes more states.
        public var observesLocks = false
        /// Whether states that differ only in how many faults, attempts and results there were are told apart.
        ///
        /// Without, a task that may go round any number of times makes no end of states no more. What is observed must not
        /// read counts then: which of several it finds is left open.
        public var tellsCountsApart: Bool {
            get { keyParts.contains(.counts) }
            set { if newValue { keyParts.insert(.counts) } else { keyParts.remove(.counts) } }
        }
        /// What is observed in a final state: where nothing can happen but injections.
        ///
        /// It may read what states are told apart by: memory, files, tasks, fault counts, results of attempts,
        /// outcomes; not the clock, nor statistics, nor single `AttemptReport`s.
        public var observe: @Sendable (Machine) -> String = { $0.outcomeText }
        /// What states are told apart by; for tests of the explorer.
        package var keyParts: StateKey.Parts = .all
        /// Whether a stage that changes nothing but its task is run only once from the same state of that task and of all
        /// that is shared, where stages are what is chosen. It finds the same, in less time.
        ///
        /// It takes for granted that no stage reads what another task is by itself: which routine it runs, at what stage,
        /// with which words. Turn it off for something plugged in that does.
        public var remembersStages = true
        /// Whether tasks that have not changed are not hashed again; for tests of the explorer.
        package var keepsDigests = true

        /// Everything, depth first, with laws.
        public init() {}
    }

    /// Where it begins.
    public let start: Machine
    /// What it does.
    public let options: Options

    /// Makes an explorer.
    ///
    /// - Precondition: There are at most 16 injections, each of 0 to 15 times, of what the machine has; at most 2^32 - 1
    ///   states; and turns of at least 1 stage.
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

    /// What can be observed when all tasks that run now have come to rest: every order in which they can take turns.
    ///
    /// - Parameters:
    ///   - machine: Where it begins. For what follows on the release of a device, see `Machine.letGo(_:)`.
    ///   - grain: By default what one processor can show.
    ///   - completions: By default what is not held may be finished, at any moment.
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
