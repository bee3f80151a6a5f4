public import FaultCore

/// How much a task does before another may take its turn, in a run that follows a ``TurnScript``.
public enum TurnGrain: Equatable, Sendable {
    /// All, until it sleeps, its operation ends, or it wakes another task: one processor, which tasks that are woken can
    /// take.
    case untilOthersWake
    /// As that, but so many times in a run the processor is taken away after any stage.
    case preempted(times: Int)
}

/// Which of several alternatives a run takes wherever it has a choice, and which runs there are besides.
///
/// It is for programs that drive a machine by themselves, such as a player of scenarios that looks at the machine whenever it
/// rests, and so can't hand it to an ``Explorer``. A run with a new script takes the first alternative everywhere;
/// ``next`` is the script of the run after it, depth first, until there is none:
///
///     var script: TurnScript? = TurnScript(.untilOthersWake)
///     while var current = script {
///         var branch = machine
///         drive(&branch, &current)
///         script = current.next
///     }
///
/// States in which a choice was made are remembered from run to run. A run that comes to one of them again has
/// ``isKnown`` set: there is nothing new to see, and it can be left there.
public struct TurnScript: Sendable {
    private struct Taken {
        let alternative: Int
        let alternatives: Int
    }

    /// Which alternatives to take at the first choices; after them, the first.
    private let start: [Int]
    private var taken: [Taken] = []
    private var known: FingerprintSet
    private let grain: TurnGrain
    /// The task that ran last, and what could run then.
    private var last: (turn: Choice, choices: [Choice])?

    /// How often the processor may still be taken away at any stage.
    public private(set) var preemptions: Int
    /// Whether the run has come to a state from which there is nothing new to see.
    public private(set) var isKnown = false

    /// The first run of all.
    ///
    /// - Parameter grain: How much a task does before another may take its turn. A negative number of times is none.
    public init(_ grain: TurnGrain) { self.init(grain, [], FingerprintSet()) }

    private init(_ grain: TurnGrain, _ start: [Int], _ known: FingerprintSet) {
        self.grain = grain
        self.start = start
        self.known = known
        preemptions = if case .preempted(let times) = grain { max(0, times) } else { 0 }
    }

    /// A run that is not to be made: what it would do is known.
    public static var finished: TurnScript {
        var script = TurnScript(.untilOthersWake)
        script.isKnown = true
        return script
    }

    /// Whether the run has had a choice so far.
    public var hasChosen: Bool { !taken.isEmpty }

    /// The run after this one, `nil` after the last. It knows the states that this one has come to.
    public var next: TurnScript? {
        var taken = taken
        while let last = taken.last, last.alternative + 1 == last.alternatives { taken.removeLast() }
        guard let last = taken.popLast() else { return nil }
        return TurnScript(grain, taken.map(\.alternative) + [last.alternative + 1], known)
    }

    /// The turn of the task that ran last, if it need not be interrupted: nobody was woken by its last stage.
    ///
    /// - Parameter choices: Who can run now, of `Machine.turns(_:)`.
    public func running(among choices: [Choice]) -> Choice? {
        guard let last, last.choices == choices, choices.contains(last.turn) else { return nil }
        return last.turn
    }

    /// Takes note of who runs next. If somebody else could have gone on, the processor was taken away.
    public mutating func run(_ turn: Choice, of choices: [Choice]) {
        if let running = running(among: choices), running != turn { preemptions -= 1 }
        last = (turn, choices)
    }

    /// Chooses one of `alternatives`; `nil`, and ``isKnown``, if all that can follow was seen by earlier runs.
    ///
    /// - Parameters:
    ///   - alternatives: How many there are, at least 1. One is no choice.
    ///   - machine: The machine.
    ///   - words: What else the run depends on from here, that the machine does not know.
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
    /// Which alternatives were taken, of how many: `1 of 2, 3 of 3; until others wake`.
    public var description: String {
        let choices = taken.map { "\($0.alternative + 1) of \($0.alternatives)" }
        let list = choices.isEmpty ? "no choices" : FieldText.list(choices, atMost: 8)
        return "\(list); \(grain)\(isKnown ? "; known from here on" : "")"
    }
}
