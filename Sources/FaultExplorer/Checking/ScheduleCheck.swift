public import FaultCore

/// A test of a world in whatever order its tasks run: which schedules are tried, what is to hold, and how much may be spent.
///
///     let verdict = world.checkSchedules(.exhaustive, for: [.lawsAtEnd, .outcomes(["task 0: ok; task 1: ok"])])
///     #expect(verdict.holds, "\(verdict)")
///
/// Deadlocks, lost wake-ups, livelocks and starvation are looked for without being asked. The same check of the same machine
/// has the same result, on however many cores.
public struct ScheduleCheck: Sendable {
    /// What is looked for without being asked.
    public struct Unasked: OptionSet, BitwiseCopyable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// A set of these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Final states in which tasks sleep for what nobody will do, and lost wake-ups among them. With
        /// ``Explorer/Completions`` other than all, tasks that sleep at the end are no deadlock.
        public static var deadlock: Self { Self(rawValue: 1) }
        /// Schedules without end in which somebody never gets on, though everybody who can always run does so again and
        /// again. Only an exhaustive check looks for them.
        public static var endlessness: Self { Self(rawValue: 2) }
    }

    /// What an exhaustive check may leave out, because it makes no difference to final states, deadlocks and what holds there.
    ///
    /// A property about every state turns both off, since states are left out; ``Coverage/passedOver`` tells what was done.
    public struct Reductions: OptionSet, BitwiseCopyable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// A set of these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Choices of a task that commute with all that others can still do before the task goes on are made at once, without
        /// the alternatives: as stages declare what they read, and note what they write. Beside its next stage, the ends of a
        /// task's requests and its timers are its choices.
        public static var commuting: Self { Self(rawValue: 1) }
        /// Of tasks that are alike, the one with the lowest number begins first. Outcomes that differ only by which of them
        /// did what are found once.
        public static var likeTasks: Self { Self(rawValue: 2) }
    }

    /// What may be spent.
    public struct Limits: Equatable, Sendable {
        /// States; at most 2^32 - 1.
        public var states = 10_000_000
        /// Choices in a schedule.
        public var depth = 100_000
        /// Bytes of what is kept, machines counted by an estimate.
        public var memory = 4 << 30
        /// With ``Explorer/Grain/untilSleep``, stages of one turn.
        public var turn = 1_000_000

        /// Enough for what fits into a few gigabytes.
        public init() {}
    }

    /// How far a check is.
    public struct Progress: Equatable, Sendable {
        /// States so far.
        public let states: Int
        /// The length of the schedules that are tried, or how many were run.
        public let depth: Int
    }

    /// Which schedules.
    public var strategy = Strategy.exhaustive
    /// What is to hold.
    public var properties: [Property] = [.laws]
    /// What is looked for without being asked.
    public var unasked: Unasked = [.deadlock, .endlessness]
    /// What may be left out.
    public var reductions: Reductions = .commuting
    /// What may happen from outside; at most 16.
    public var injections: [Injection] = []
    /// How much a task does between two choices.
    public var grain = Explorer.Grain.stage
    /// Which requests may be finished.
    public var completions = Explorer.Completions.all
    /// What may be spent.
    public var limits = Limits()
    /// Whether states that differ only in how many faults, attempts and results there were are told apart; see
    /// ``Explorer/Options/tellsCountsApart``.
    public var tellsCountsApart = true
    /// What is observed in a final state; see ``Explorer/Options/observe``.
    public var observe: @Sendable (Machine) -> String = { $0.outcomeText }
    /// Asked now and then whether to stop: for callers who have a clock.
    public var shouldStop: @Sendable () -> Bool = { false }
    /// Told now and then how far it is.
    public var progress: @Sendable (Progress) -> Void = { _ in }
    /// Locations that no stage is seen to read or write; for tests of the reductions.
    package var overlooks: (@Sendable (StateLocation) -> Bool)?
    /// Whether what a stage reads and writes is looked at only once, where it must be the same; for tests.
    package var remembersMarks = true

    /// Every schedule, for the laws.
    public init() {}

    /// Some schedules, for some properties.
    public init(_ strategy: Strategy, for properties: [Property]) {
        self.strategy = strategy
        self.properties = properties
    }

    /// Checks what can happen from here on.
    public func run(on machine: Machine) -> Verdict {
        Checking(self, machine).run()
    }

    /// Checks what can happen from here on, on so many cores. The result is the same on any number.
    public func run(on machine: Machine, cores: Int) async -> Verdict {
        await Checking(self, machine).run(cores: max(1, cores))
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
