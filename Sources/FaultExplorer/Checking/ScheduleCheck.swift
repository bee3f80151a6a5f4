public import FaultCore

/// A check of a world in every order in which its tasks can run: which schedules it tries, what must hold, and its
/// limits.
///
///     let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd, .outcomes(["task 0: ok; task 1: ok"])])
///     #expect(verdict.holds, "\(verdict)")
///
/// It also searches for deadlocks, lost wake-ups, livelocks and starvation, unless ``searches`` says otherwise. The same
/// check of the same machine has the same result on any number of cores.
public struct ScheduleCheck: Sendable {
    /// What a check searches for, beside states that break its properties.
    public struct Searches: OptionSet, BitwiseCopyable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// A set of these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Deadlocks: final states in which tasks sleep for something that will never happen. They include lost
        /// wake-ups. With ``Explorer/Completions`` other than all, tasks that sleep at the end are no deadlock.
        public static var deadlock: Self { Self(rawValue: 1) }
        /// Endless schedules in which a task makes no progress, although every task that can always run does run again
        /// and again. Only an exhaustive check looks for them.
        public static var endlessness: Self { Self(rawValue: 2) }
    }

    /// What an exhaustive check may leave out without a change of the final states, the deadlocks, and the properties
    /// that hold there.
    ///
    /// A property about every state turns both reductions off, because reductions leave out states.
    /// ``Coverage/passedOver`` says what was left out.
    public struct Reductions: OptionSet, BitwiseCopyable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// A set of these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// If the choices of a task commute with everything that other tasks can still do before the task continues, only
        /// these choices are tried, without the alternatives. This uses the reads that stages declare and the writes that
        /// they note. The choices of a task are its next stage, the ends of its requests, and its timers.
        public static var commuting: Self { Self(rawValue: 1) }
        /// Tasks with the same memory that are about to do the same operations are alike. Two states that differ only
        /// because such tasks have changed places count as one, and the outcomes that follow are found once. Tasks that
        /// store are not alike, because what a page contains is a hash that has the numbers of the tasks that wrote it.
        ///
        /// Plug-ins must not treat tasks differently by their numbers.
        public static var likeTasks: Self { Self(rawValue: 2) }
    }

    /// The limits of a check.
    public struct Limits: Equatable, Sendable {
        /// States; at most 2^32 - 1.
        public var states = 10_000_000
        /// Choices in a schedule.
        public var depth = 100_000
        /// Bytes of memory, with an estimate for machines.
        public var memory = 4 << 30
        /// Stages of one turn, with ``Explorer/Grain/untilSleep``.
        public var turn = 1_000_000

        /// Limits for a check that fits into a few gigabytes.
        public init() {}
    }

    /// The progress of a check.
    public struct Progress: Equatable, Sendable {
        /// States so far.
        public let states: Int
        /// The length of the current schedules, or the number of runs so far.
        public let depth: Int
    }

    /// Which schedules it tries.
    public var strategy = Strategy.exhaustive
    /// What must hold.
    public var properties: [Property] = [.laws]
    /// What it searches for, beside states that break its properties; by default, everything.
    public var searches: Searches = [.deadlock, .endlessness]
    /// What may be left out.
    public var reductions: Reductions = .commuting
    /// What may happen from outside; at most 16.
    public var injections: [Injection] = []
    /// How much a task does between two choices.
    public var grain = Explorer.Grain.stage
    /// Which requests may be finished.
    public var completions = Explorer.Completions.all
    /// The limits of a check.
    public var limits = Limits()
    /// Whether states differ if they differ only in the counts of faults, attempts and results; see
    /// ``Explorer/Options/tellsCountsApart``.
    public var tellsCountsApart = true
    /// The observation at a final state; see ``Explorer/Options/observe``.
    public var observe: @Sendable (Machine) -> String = { $0.outcomeText }
    /// Called from time to time; the check stops if it returns true. For callers with a clock.
    public var shouldStop: @Sendable () -> Bool = { false }
    /// Called from time to time with the progress.
    public var progress: @Sendable (Progress) -> Void = { _ in }
    /// Locations whose reads and writes are ignored; for tests of the reductions.
    package var overlooks: (@Sendable (StateLocation) -> Bool)?
    /// Whether it is remembered what a stage does, so that it need not run again; for tests.
    package var remembersEffects = true

    /// Makes a check of every schedule for the laws.
    public init() {}

    /// Makes a check with a strategy and properties.
    public init(_ strategy: Strategy, for properties: [Property]) {
        self.strategy = strategy
        self.properties = properties
    }

    /// Checks everything that can happen from this machine on.
    ///
    /// - Precondition: The strategy's numbers are possible: see ``Strategy``.
    public func run(on machine: Machine) -> Verdict {
        strategy.require()
        return Checking(self, machine).run()
    }

    /// Checks everything that can happen from this machine on, on several cores. The result does not depend on their
    /// number.
    ///
    /// - Precondition: The strategy's numbers are possible: see ``Strategy``.
    public func run(on machine: Machine, cores: Int) async -> Verdict {
        strategy.require()
        return await Checking(self, machine).run(cores: max(1, cores))
    }

    /// The same for the searches.
    var options: Explorer.Options {
        var options = Explorer.Options()
        options.grain = grain
        options.completions = completions
        options.injections = injections
        options.stateLimit = limits.states
        options.turnLimit = limits.turn
        options.observe = observe
        options.tellsCountsApart = tellsCountsApart
        options.checksLaws = properties.contains { if case .laws = $0.kind { true } else { false } }
        return options
    }
}
