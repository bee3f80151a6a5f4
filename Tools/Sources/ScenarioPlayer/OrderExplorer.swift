public import FaultSimulator
public import ScenarioFormat

/// Plays a scenario in every order in which its threads can take turns: after each line, all that can be seen.
///
/// A branch is one way in which the lines so far can have come out. Branches that can't be told apart any more are one.
public struct OrderExplorer {
    /// One way in which a line can come out.
    public struct End {
        /// What is seen.
        public let saw: Saw
        /// Who has taken turns, in the order of the turns, for each line in which another order was possible:
        /// `11: m, t2, t1; 13: t3, t1`. The first thread is `first`; `device` means that reads are finished, and `resumed`
        /// that a device which was let go takes readahead again.
        public let order: String
        /// Whether it rests on what is nowhere said: how far an operation that goes on for ever had come when another ended
        /// it, or how many pages of other files the machine's statistics knew of.
        public let isAssumed: Bool
        fileprivate let runner: SimulatorRunner
    }

    /// So many reads of an operation that goes on for ever are looked at, one by one.
    static let mostReads = 128
    /// At most so many branches are followed.
    public static let mostBranches = 4096

    private let grain: TurnGrain
    /// How much work all orders were so far.
    private var work = 0
    private var branches: [(runner: SimulatorRunner, order: String, isAssumed: Bool)]

    /// Starts a machine for `scenario`, at its beginning.
    public init(
        _ scenario: Scenario, as options: PlayOptions, _ grain: TurnGrain = .untilOthersWake,
        watching: SimulatorRunner.Watching = []
    ) throws(PlayError) {
        self.grain = grain
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
    /// - Returns: All ways in which it can come out, and why those orders can't be played in which it can't. Call
    ///   ``follow(_:)`` with those to go on with.
    /// - Throws: `PlayError.lawBroken`, or `.stuck` if there are more branches than can be followed.
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

    /// Whether workers that are told of pressure take the processor: what is to be assumed in a line, where it makes a
    /// difference.
    private static func workers(_ runner: SimulatorRunner) -> [Bool] {
        runner.world.machine.memoryGroup != nil && runner.world.machine.model.refaultTest == .generation
            ? [true, false] : [true]
    }

    /// The ways in which `line`, which goes on for ever, can have come less far: so many reads, and no more, until nothing
    /// new is done.
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

    /// Goes on from these ends of the last line.
    public mutating func follow(_ ends: [End]) {
        branches = ends.map { ($0.runner, $0.order, $0.isAssumed) }
    }
}
