public import FaultCore

/// The results of an exploration.
public struct Exploration: Sendable, CustomStringConvertible {
    /// One possible end of the run, as the observation describes it.
    public struct Outcome: Equatable, Sendable, CustomStringConvertible {
        /// What was observed.
        public let text: String
        /// A schedule that leads there.
        public let schedule: [Choice]
        /// The number of final states with this observation.
        public internal(set) var states: Int

        /// What was observed.
        public var description: String { text }
    }

    /// A final state in which tasks sleep for something that will never happen.
    public struct Deadlock: Equatable, Sendable, CustomStringConvertible {
        /// The waits: which task waits for what, and which task holds it.
        public let waits: [WaitLink]
        /// A schedule that leads there.
        public let schedule: [Choice]

        /// The longest chain of tasks that wait for each other, on one line.
        public var chain: String { WaitLink.chain(of: waits) }
        /// Whether tasks wait for each other in a cycle. If not, they wait for something that the exploration does not
        /// let happen.
        public var isRing: Bool { WaitLink.ring(in: waits) != nil }
        /// The chain.
        public var description: String { chain }
    }

    /// A law that was broken.
    public struct BrokenLaw: Equatable, Sendable, CustomStringConvertible {
        /// The law, the task that broke it, and the events that led to it.
        public let violation: Violation
        /// A schedule that leads there; its last choice broke the law.
        public let schedule: [Choice]

        /// The violation and the whole schedule, to copy into a test that replays it.
        public var description: String {
            let lines = violation.lines(atMost: ScreenText.height - 1) + ["schedule: \(schedule.text)"]
            return lines.joined(separator: "\n")
        }
    }

    /// How many different states there are.
    public internal(set) var states = 0
    /// How many choices were made, including those that led to a known state.
    public internal(set) var transitions = 0
    /// The length of the longest path of the search. It depends on the search order.
    public internal(set) var depth = 0
    /// Whether every state was seen, so that anything not found here can't happen.
    public var isComplete: Bool { whyIncomplete == nil }
    /// Why not every state was seen; `nil` if all were.
    public internal(set) var whyIncomplete: String?
    /// The distinct outcomes, by text.
    public internal(set) var outcomes: [Outcome] = []
    /// The deadlocks, by chain, each chain once.
    public internal(set) var deadlocks: [Deadlock] = []
    /// The broken laws, each message once, in the order in which they were found; at most 64.
    public internal(set) var brokenLaws: [BrokenLaw] = []
    /// How many bytes the search kept to recognize states and, breadth first, the paths to them.
    public internal(set) var bytes = 0

    /// The texts of ``outcomes``.
    public var texts: [String] { outcomes.map(\.text) }

    /// Counts and results, on less than a screen; ``outcomes``, ``deadlocks`` and ``brokenLaws`` have everything.
    public var description: String {
        var screen = ScreenText(
            "\(states) states, \(transitions) transitions, depth \(depth)\(whyIncomplete.map { ", not complete: \($0)" } ?? "")"
        )
        screen.add(brokenLaws.map { "broken: \($0.violation.summary)" }, atLeast: 4, of: "broken laws")
        screen.add(deadlocks.map { "deadlock: \($0)" }, atLeast: 4, of: "deadlocks")
        screen.add(outcomes.map { "outcome: \($0)" }, atLeast: 10, of: "outcomes")
        return screen.text
    }

    // MARK: Collecting

    mutating func add(outcome text: String, _ schedule: [Choice]) {
        let place = outcomes.firstIndex { $0.text >= text } ?? outcomes.count
        if place < outcomes.count, outcomes[place].text == text {
            outcomes[place].states += 1
        } else {
            outcomes.insert(Outcome(text: text, schedule: schedule, states: 1), at: place)
        }
    }

    mutating func add(deadlock waits: [WaitLink], _ schedule: [Choice]) {
        let chain = WaitLink.chain(of: waits)
        let place = deadlocks.firstIndex { $0.chain >= chain } ?? deadlocks.count
        if place < deadlocks.count, deadlocks[place].chain == chain { return }
        deadlocks.insert(Deadlock(waits: waits, schedule: schedule), at: place)
    }

    mutating func add(_ violation: Violation, _ schedule: [Choice]) {
        guard brokenLaws.count < Machine.mostViolations else { return }
        let isKnown = brokenLaws.contains {
            $0.violation.law == violation.law && $0.violation.message == violation.message
        }
        if !isKnown { brokenLaws.append(BrokenLaw(violation: violation, schedule: schedule)) }
    }
}
