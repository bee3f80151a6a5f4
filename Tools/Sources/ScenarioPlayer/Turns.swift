import FaultSimulator
import ScenarioFormat

/// How much a task does before another one may take its turn.
public enum TurnGrain: Sendable {
    /// All stages until it sleeps, its operation ends, or it wakes another task: one processor, on which woken tasks
    /// can preempt.
    case untilOthersWake
    /// The same, with up to this many preemptions a line, after any stage.
    case preempted(times: Int)
}

/// The chosen turns of tasks while the machine comes to rest: which of several runnable tasks is next. A device
/// finishes its requests when no task can run.
///
/// To try all orders of a line, play it with the turns of `script`, and then with every other list.
struct Turns: Sendable {
    /// A state in which a choice was made before.
    struct Known: Hashable, Sendable {
        /// The machine.
        let state: UInt64
        /// How often the machine has come to rest since the line began.
        let rests: Int
        /// The results of handlers in the finished touches of the line.
        let earlier: [String: Int]
        /// The running task, if it makes a difference.
        let running: Int32
        /// The number of remaining preemptions.
        let preemptions: Int
        /// Whether a device may still finish one read before the others that are due.
        let maySplit: Bool
    }

    /// An event in the order of turns.
    enum Happening: Equatable, Sendable {
        /// A task has run.
        case turn(TaskID)
        /// Devices have finished reads.
        case device
        /// A released device takes readahead again.
        case resumed
    }

    /// A choice that was made.
    struct Taken: Sendable {
        let alternative: Int
        let alternatives: Int
    }

    /// The number of remaining preemptions after any stage.
    var preemptions: Int
    /// Whether a swap device may, once in the line, finish one of the pages that are due, and the others later. Each
    /// read from swap is one page.
    var maySplit: Bool
    /// The choices before the last stage, and the one that was taken.
    var last: (turn: Choice, choices: [Choice])?
    /// Which alternatives to take at the first choices; after these the first alternative is taken.
    let script: [Int]
    /// The choices that were made.
    var taken: [Taken] = []
    /// The states in which choices were made, including those of earlier lists.
    var known: Set<Known>
    /// How often the machine has come to rest.
    var rests = 0
    /// The device that is being released. It has finished its held requests, but still refuses readahead, as a
    /// device-mapper target does until it is resumed. That may happen at any time before the machine is at rest.
    var suspended: DeviceID?
    /// The events so far, in order.
    private(set) var story: [Happening] = []
    /// Whether a known state was reached, so that the line was left because there is nothing new to see.
    var isKnown = false

    init(_ grain: TurnGrain, script: [Int] = [], known: Set<Known> = []) {
        preemptions = if case .preempted(let times) = grain { times } else { 0 }
        maySplit = preemptions > 0
        self.script = script
        self.known = known
    }

    /// Records an event. Consecutive turns of a task are one event.
    mutating func note(_ happening: Happening) {
        if story.last != happening { story.append(happening) }
    }

    /// The text of the events, if other events were possible.
    func text(_ threads: [PlayedThread]) -> String? {
        guard !taken.isEmpty else { return nil }
        return story.map { happening in
            switch happening {
            case .turn(let task): threads.first { $0.task == task }.map { $0.id.isEmpty ? "first" : $0.id } ?? "\(task)"
            case .device: "device"
            case .resumed: "resumed"
            }
        }.joined(separator: ", ")
    }

    /// The list after this one, depth first; nil after the last.
    var nextScript: [Int]? {
        var taken = taken
        while let last = taken.last, last.alternative + 1 == last.alternatives { taken.removeLast() }
        guard let last = taken.popLast() else { return nil }
        return taken.map(\.alternative) + [last.alternative + 1]
    }
}

extension SimulatorRunner {
    /// Lets the machine come to rest with the chosen turns.
    mutating func settleByTurns() {
        turns?.rests += 1
        let earlier = threads.reduce(into: [:]) { all, thread in
            all.merge(thread.last?.earlierReturns ?? [:]) { $0 &* 31 &+ $1 }
        }
        var stages = 0
        while turns?.isKnown == false {
            stages += 1
            work += 16  // checking a turn is expensive
            if work > ScenarioLimits.work { return }
            if isCircle(after: stages) { return }
            let choices = world.machine.turns(.stage)
            let running = turns?.runningTask(among: choices)
            if let running, turns?.preemptions == 0 {
                turns?.note(.turn(running.task))
                world.machine.replay([running])
                continue
            }
            let splits = choices.isEmpty && turns?.suspended == nil && turns?.maySplit == true && severalSwapReadsAreDue
            let alternatives = splits ? 2 : choices.count + (turns?.suspended == nil ? 0 : 1)
            var alternative = 0
            if alternatives > 1 {
                let known = Turns.Known(
                    state: world.machine.stateKey, rests: turns?.rests ?? 0, earlier: earlier,
                    running: (running?.task ?? .none).rawValue, preemptions: turns?.preemptions ?? 0,
                    maySplit: turns?.maySplit ?? false)
                guard let chosen = turns?.choose(alternatives, at: known) else { return }
                alternative = chosen
            }
            if alternative < choices.count {
                if let running, running != choices[alternative] { turns?.preemptions -= 1 }
                turns?.last = (choices[alternative], choices)
                turns?.note(.turn(choices[alternative].task))
                world.machine.replay([choices[alternative]])
            } else if let device = turns?.suspended {
                turns?.suspended = nil
                turns?.note(.resumed)
                world.machine.setReadaheadIsRefused(false, by: device)
            } else {
                if alternative == 1 { turns?.maySplit = false }
                guard finishRequests(onlyFirst: alternative == 1) else { return }
                turns?.note(.device)
            }
        }
    }

    /// Lets devices (and timers, if it waits for them) do everything that is due at the next time, and returns whether
    /// there was anything.
    private mutating func finishRequests(onlyFirst: Bool) -> Bool {
        guard !hasTimers || world.machine.hasRequestsToFinish, world.machine.stepEvent() else { return false }
        while !onlyFirst, let next = world.machine.requestsUnderWay.first, next.completes <= world.machine.clock {
            world.machine.stepEvent()
        }
        return true
    }

    /// Whether several reads from swap are due next.
    private var severalSwapReadsAreDue: Bool {
        let requests = world.machine.requestsUnderWay
        guard requests.count > 1, requests[0].completes == requests[1].completes, requests[0].completes != .max else {
            return false
        }
        return requests[0].kind == .read && requests[0].file == .none
    }
}

extension Choice {
    /// The task that takes a turn.
    fileprivate var task: TaskID {
        switch self {
        case .step(let task), .run(let task), .expire(let task): task
        case .finish, .inject: .none
        }
    }
}

extension Turns {
    /// The turn of the running task, if it may continue because its last stage has woken no task.
    fileprivate func runningTask(among choices: [Choice]) -> Choice? {
        guard let last, last.choices == choices, choices.contains(last.turn) else { return nil }
        return last.turn
    }

    /// Chooses one of `alternatives`; nil, and ``isKnown``, if there is nothing new to see from here.
    fileprivate mutating func choose(_ alternatives: Int, at state: Known) -> Int? {
        var alternative = 0
        if taken.count < script.count {
            alternative = script[taken.count]
        } else if !known.insert(state).inserted {
            isKnown = true
            return nil
        }
        taken.append(Taken(alternative: alternative, alternatives: alternatives))
        return alternative
    }
}
