public import FaultSimulator
public import ScenarioFormat

/// An explorer that plays a scenario in every order in which its threads can take turns, and collects all observations
/// after each line.
///
/// A branch is one possible result of the lines so far. Branches that can no longer be distinguished are merged.
public struct OrderExplorer {
    /// One possible result of a line.
    public struct End {
        /// What is seen.
        public let saw: Saw
        /// The turns, in order, for each line in which another order was possible: `11: m, t2, t1; 13: t3, t1`. The
        /// first thread is `first`; `device` means that reads are finished, and `resumed` that a released device takes
        /// readahead again.
        public let order: String
        /// Whether it depends on an assumption about something that a recording does not say: how far an endless
        /// operation had come when another one ended it, or how many pages of other files were in the machine's
        /// statistics.
        public let isAssumed: Bool
        fileprivate let runner: SimulatorRunner
    }

    /// How many reads of an endless operation are tried, one by one.
    static let mostReads = 128
    /// The largest number of branches.
    public static let mostBranches = 4096

    private let grain: TurnGrain
    /// The work of all orders so far.
    private(set) var work: Int
    private var branches: [(runner: SimulatorRunner, order: String, isAssumed: Bool)]

    /// Starts a machine for `scenario`, at its beginning.
    ///
    /// - Parameters:
    ///   - scenario: The scenario.
    ///   - options: How it is played.
    ///   - grain: Where a thread may be preempted.
    ///   - workDone: The work that other orders of the scenario have taken. It counts towards `ScenarioLimits.work`.
    ///   - watching: How the machines are watched.
    public init(
        _ scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain = .untilOthersWake, workDone: Int = 0,
        watching: SimulatorRunner.Watching = []
    ) throws(PlayError) {
        self.grain = grain
        work = workDone
        branches = []
        for pages in SimulatorRunner.otherFilePages(in: scenario, as: options) {
            branches.append(
                (
                    try SimulatorRunner(scenario, as: options, otherFilePages: pages, watching: watching), "",
                    pages != .max
                ))
        }
    }

    /// How many branches there are.
    public var count: Int { branches.count }

    /// Does the operation of `line` in every branch and in every order.
    ///
    /// - Returns: All possible results, and for orders that can't be played the reasons. Call ``follow(_:)`` with the
    ///   results to continue from.
    /// - Throws: `PlayError.lawBroken`; `.stuck` if there are more branches than can be followed; `.beyondLimit` if all
    ///   orders together take too much work.
    public mutating func play(_ line: Line) throws(PlayError) -> (ends: [End], problems: [PlayError]) {
        var ends: [End] = []
        var places: [UInt64: [Int]] = [:]
        var problems: [PlayError] = []
        for (branch, workersPreempt) in branches.flatMap({ branch in Self.workers(branch.runner).map { (branch, $0) } })
        {
            var script: TurnScript? = TurnScript(grain)
            while let current = script {
                var runner = branch.runner
                runner.turns = Turns(current)
                if !workersPreempt { runner.world.machine.setPressureWorkersPreempt(false) }
                var saw: Saw?
                var problem: PlayError?
                do {
                    saw = try runner.play(line)
                } catch {
                    problem = error
                }
                work += runner.work - branch.runner.work
                guard work <= ScenarioLimits.work else {
                    throw .beyondLimit(
                        line: line.number, op: line.operation.name,
                        reason:
                            "all orders take more than \(ScenarioLimits.work) units of work up to here; let fewer threads "
                            + "do less at one time")
                }
                guard let after = runner.turns else { break }
                script = after.script.next
                runner.turns = nil
                if !workersPreempt { runner.world.machine.setPressureWorkersPreempt(true) }
                if after.isKnown { continue }
                if let saw {
                    let key = runner.world.machine.stateKey
                    let isThere = places[key, default: []].contains {
                        ends[$0].saw == saw && ends[$0].runner.threads == runner.threads
                            && ends[$0].runner.descriptors == runner.descriptors
                            && ends[$0].runner.otherFilePages == runner.otherFilePages
                    }
                    if isThere { continue }
                    places[key, default: []].append(ends.count)
                    var order = branch.order
                    if let turns = after.text(runner.threads) {
                        order += "\(order.isEmpty ? "" : "; ")\(line.number): \(turns)"
                    }
                    let goesOn = runner.neverRests && line.start
                    ends.append(
                        End(
                            saw: saw, order: order, isAssumed: branch.isAssumed || goesOn || !workersPreempt,
                            runner: runner))
                    if goesOn { ends += try cutShort(line, in: branch.runner, order) }
                } else if let problem {
                    if case .lawBroken = problem { throw problem }
                    if !problems.contains(problem) { problems.append(problem) }
                }
                guard ends.count <= Self.mostBranches else {
                    throw .stuck(
                        line: line.number, op: line.operation.name,
                        reason: "there are more than \(Self.mostBranches) ways in which threads can take turns")
                }
            }
        }
        return (ends, problems)
    }

    /// The assumptions about a line, if they make a difference: whether the workers that are notified of memory
    /// pressure take the processor.
    private static func workers(_ runner: SimulatorRunner) -> [Bool] {
        runner.world.machine.memoryGroup != nil && runner.world.machine.model.refaultTest == .generation
            ? [true, false] : [true]
    }

    /// The results of an endless `line` that ended earlier, after each number of reads, until a further read does
    /// nothing new.
    private func cutShort(_ line: Line, in runner: SimulatorRunner, _ order: String) throws(PlayError) -> [End] {
        var ends: [End] = []
        var states: Set<UInt64> = []
        for reads in 1...Self.mostReads {
            var runner = runner
            runner.turns = nil
            runner.mostReads = reads
            let saw = try runner.play(line)
            runner.mostReads = nil
            guard states.insert(runner.world.machine.fingerprint).inserted else { break }
            ends.append(End(saw: saw, order: order, isAssumed: true, runner: runner))
        }
        return ends
    }

    /// Continues from these results of the last line.
    public mutating func follow(_ ends: [End]) {
        branches = ends.map { ($0.runner, $0.order, $0.isAssumed) }
    }
}
