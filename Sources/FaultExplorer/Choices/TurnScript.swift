public import FaultCore

/// How much a task does before another one may take its turn, in a run that follows a ``TurnScript``.
public enum TurnGrain: Equatable, Sendable {
    /// All stages until it sleeps, its operation ends, or it wakes another task: one processor, on which woken tasks can
    /// preempt.
    case untilOthersWake
    /// The same, with up to this many preemptions a run, after any stage.
    case preempted(times: Int)
}

/// The choices of one run among all runs of a machine.
///
/// Use it in a program that drives a machine itself and so can't use an ``Explorer``, such as a player of scenarios that
/// observes the machine whenever it is at rest. A run with a new script takes the first alternative at each choice.
/// ``next`` is the script of the next run, in depth-first order, until all runs are made:
///
///     var script: TurnScript? = TurnScript(.untilOthersWake)
///     while var current = script {
///         var branch = machine
///         drive(&branch, &current)
///         script = current.next
///     }
///
/// The scripts remember the states in which a choice was made. When a run reaches one of these states again, ``isKnown`` is
/// set. Then the run can stop, because earlier runs have covered all that follows.
public struct TurnScript: Sendable {
    private struct Taken {
        let alternative: Int
        let alternatives: Int
    }

    /// The alternatives to take at the first choices. After these choices the first alternative is taken.
    private let start: [Int]
    private var taken: [Taken] = []
    private var known: FingerprintSet
    private let grain: TurnGrain
    /// The turn that was taken last, and the turns that were possible.
    private var last: (turn: Choice, choices: [Choice])?

    /// The number of remaining preemptions.
    public private(set) var preemptions: Int
    /// Whether the run has reached a known state.
    public private(set) var isKnown = false

    /// Makes the script of the first run.
    ///
    /// - Parameter grain: How much a task does before another one may take its turn. A negative number of preemptions counts as 0.
    public init(_ grain: TurnGrain) { self.init(grain, [], FingerprintSet()) }

    private init(_ grain: TurnGrain, _ start: [Int], _ known: FingerprintSet) {
        self.grain = grain
        self.start = start
        self.known = known
        preemptions = if case .preempted(let times) = grain { max(0, times) } else { 0 }
    }

    /// The script of a run that has nothing to do, because ``isKnown`` is set from the start.
    public static var finished: TurnScript {
        var script = TurnScript(.untilOthersWake)
        script.isKnown = true
        return script
    }

    /// Whether the run has made a choice so far.
    public var hasChosen: Bool { !taken.isEmpty }

    /// The script of the next run; `nil` after the last run. It remembers the states of this run.
    public var next: TurnScript? {
        var taken = taken
        while let last = taken.last, last.alternative + 1 == last.alternatives { taken.removeLast() }
        guard let last = taken.popLast() else { return nil }
        return TurnScript(grain, taken.map(\.alternative) + [last.alternative + 1], known)
    }

    /// The turn of the running task, if it may continue because its last stage has woken no task.
    ///
    /// - Parameter choices: The turns that are possible now, from `Machine.turns(_:)`.
    public func running(among choices: [Choice]) -> Choice? {
        guard let last, last.choices == choices, choices.contains(last.turn) else { return nil }
        return last.turn
    }

    /// Records the turn that is taken. If the running task could have continued, this is a preemption.
    public mutating func run(_ turn: Choice, of choices: [Choice]) {
        if let running = running(among: choices), running != turn { preemptions -= 1 }
        last = (turn, choices)
    }

    /// Chooses one of several alternatives. Returns `nil`, and sets ``isKnown``, if the state is known.
    ///
    /// - Parameters:
    ///   - alternatives: The number of alternatives, at least 1. A single one is not recorded as a choice.
    ///   - machine: The machine.
    ///   - words: Everything else that the rest of the run depends on.
    public mutating func choose(_ alternatives: Int, in machine: Machine, beside words: [UInt64]) -> Int? {
        guard alternatives > 1 else { return 0 }
        var alternative = 0
        if taken.count < start.count {
            alternative = start[taken.count]
        } else {
            let state = (words + [UInt64(preemptions)]).reduce(machine.stateKey) { Mixing.mix($0, $1) }
            guard known.insert(state) else {
                isKnown = true
                return nil
            }
        }
        taken.append(Taken(alternative: alternative, alternatives: alternatives))
        return alternative
    }
}

extension TurnGrain: CustomStringConvertible {
    /// Such as `until others wake`, or `preempted up to 2 times`.
    public var description: String {
        switch self {
        case .untilOthersWake: "until others wake"
        case .preempted(let times): "preempted up to \(times) times"
        }
    }
}

extension TurnScript: CustomStringConvertible {
    /// The alternatives that were taken, and their numbers: `1 of 2, 3 of 3; until others wake`.
    public var description: String {
        let choices = taken.map { "\($0.alternative + 1) of \($0.alternatives)" }
        let list = choices.isEmpty ? "no choices" : FieldText.list(choices, atMost: 8)
        return "\(list); \(grain)\(isKnown ? "; known from here on" : "")"
    }
}
