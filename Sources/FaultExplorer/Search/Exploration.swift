public import FaultCore

/// What an exploration has found.
public struct Exploration: Sendable, CustomStringConvertible {
    /// One of the ways in which it can all end, as the observation tells it.
    public struct Outcome: Equatable, Sendable, CustomStringConvertible {
        /// What was observed.
        public let text: String
        /// A schedule that leads there.
        public let schedule: [Choice]
        /// In how many final states it was observed.
        public internal(set) var states: Int

        /// What was observed.
        public var description: String { text }
    }

    /// A final state in which tasks sleep for what nobody will do.
    public struct Deadlock: Equatable, Sendable, CustomStringConvertible {
        /// Who waits for what, held by whom.
        public let waits: [WaitLink]
        /// A schedule that leads there.
        public let schedule: [Choice]

        /// The longest chain of tasks that wait for each other, on one line.
        public var chain: String { WaitLink.chain(of: waits) }
        /// Whether tasks wait for each other in a ring. If not, they wait for something that the exploration does not
        /// let happen.
        public var isRing: Bool { WaitLink.ring(in: waits) != nil }
        /// The chain.
        public var description: String { chain }
    }

    /// A law that was broken.
    public struct BrokenLaw: Equatable, Sendable, CustomStringConvertible {
        /// Which, by whom, and what led there.
        public let violation: Violation
        /// A schedule that leads there; its last choice broke the law.
        public let schedule: [Choice]

        /// The violation, and the schedule in full, to be copied into a test that replays it.
        public var description: String {
            let lines = violation.lines(atMost: ScreenText.height - 1) + ["schedule: \(schedule.text)"]
            return lines.joined(separator: "\n")
        }
    }

    /// How many different states there are.
    public internal(set) var states = 0
    /// How many choices were made, those that led to a known state included.
    public internal(set) var transitions = 0
    /// How many choices the longest way was that the search went. It depends on the order of search.
    public internal(set) var depth = 0
    /// Whether every state was seen, so that what is not here can't happen.
    public var isComplete: Bool { whyIncomplete == nil }
    /// Why not every state was seen; `nil` if all were.
    public internal(set) var whyIncomplete: String?
    /// The distinct outcomes, by text.
    public internal(set) var outcomes: [Outcome] = []
    /// The deadlocks, by chain, each chain once.
    public internal(set) var deadlocks: [Deadlock] = []
    /// The broken laws, each message once, in the order in which they were found; at most 64.
    public internal(set) var brokenLaws: [BrokenLaw] = []
    /// How many bytes the search kept to know states again and, breadth first, how it came to them.
    public internal(set) var bytes = 0

    /// The texts of ``outcomes``.
    public var texts: [String] { outcomes.map(\.text) }

    /// Counts and what was found, less than a screen; ``outcomes``, ``deadlocks`` and ``brokenLaws`` tell all.
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
