import FaultCore

extension Verdict: CustomStringConvertible {
    /// What was found, or how much was tried, on less than a screen.
    public var description: String {
        switch self {
        case .holds(let coverage): "holds in all \(coverage)"
        case .notExhaustive(let stop, let coverage): "not exhaustive: \(stop); covered \(coverage)"
        case .violated(let found, let coverage): "\(found)\nfound in \(coverage.counts)"
        }
    }
}

extension Verdict.Stop: CustomStringConvertible {
    /// Such as `stopped at 1000 states`.
    public var description: String {
        switch self {
        case .states(let count): "stopped at \(count) states"
        case .depth(let count): "stopped at schedules of \(count) choices"
        case .memory(let bytes): "stopped at \(bytes) bytes"
        case .asked: "stopped when asked to"
        case .runs(let count): "all \(count) runs are made"
        case .preemptions(let most): "schedules with more than \(most) preemptions were not tried"
        case .replayed: "the schedule was replayed"
        case .turn(let text): "stopped as \(text)"
        }
    }
}

extension Coverage: CustomStringConvertible {
    /// Only the numbers.
    var counts: String {
        let runs = runs == 0 ? "" : "\(FieldText.count(runs, "run")), "
        return "\(runs)\(states) states, \(transitions) transitions, depth \(depth)"
    }

    /// The numbers, what was left out, and the outcomes.
    public var description: String {
        var screen = ScreenText(counts)
        screen.add(passedOver, atLeast: 3, of: "things passed over")
        screen.add(outcomes.map { "outcome: \($0)" }, atLeast: 8, of: "outcomes")
        return screen.text
    }
}

extension Counterexample.Kind: CustomStringConvertible {
    /// In words, on one line.
    public var description: String {
        switch self {
        case .law(let violation): "broken: \(violation.summary)"
        case .deadlock(let waits): "deadlock: \(WaitLink.chain(of: waits))"
        case .lostWakeup(let waits): "lost wake-up: \(WaitLink.chain(of: waits))"
        case .livelock(let tasks):
            "livelock: \(Self.names(tasks)) \(tasks.count == 1 ? "runs" : "run") forever without progress"
        case .starvation(let tasks):
            "starvation: \(Self.names(tasks)) never \(tasks.count == 1 ? "gets" : "get") on, while others do"
        case .predicate(let name): "does not hold: \(name)"
        case .never(let name): "never holds: \(name)"
        case .outcome(let text): "not allowed: \(text)"
        }
    }

    private static func names(_ tasks: [TaskID]) -> String {
        tasks.map(\.description).joined(separator: ", ")
    }
}

extension Counterexample: CustomStringConvertible {
    /// What is wrong, the whole token that replays it, and the end of the story, on less than a screen; ``story`` has
    /// all of it.
    public var description: String {
        let length = "\(isShortest ? "shortest schedule" : "schedule") of \(FieldText.count(schedule.count, "choice"))"
        var lines = [FieldText.cut(kind.description), "\(length), \(switches) of them switches", "token \(token)"]
        let room = ScreenText.height - lines.count - 2
        if story.count > room { lines.append("... \(story.count - room) lines before") }
        lines += story.suffix(room).map { FieldText.cut($0) }
        return lines.joined(separator: "\n")
    }
}
