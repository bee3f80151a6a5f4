import FaultSimulator
import ScenarioFormat

/// How much a task does before another may take its turn.
public enum TurnGrain: Sendable {
    /// All, until it sleeps, its operation ends, or it wakes another task: one processor, which tasks that are woken can
    /// take.
    case untilOthersWake
    /// As that, but so many times in a line the processor is taken away after any stage.
    case preempted(times: Int)
}

/// The turns that tasks take while the machine comes to rest, where they are chosen: which of several runnable tasks
/// goes next. A device finishes what it has when nobody can run.
///
/// Playing one line with the turns of `script`, and then with every other list, goes through all orders of that line.
struct Turns: Sendable {
    /// A state in which a choice was made before.
    struct Known: Hashable, Sendable {
        /// The machine.
        let state: UInt64
        /// How often the machine had come to rest since the line began.
        let rests: Int
        /// What handlers had returned in the touches of the line that are over.
        let earlier: [String: Int]
        /// Who runs, where that makes a difference.
        let running: Int32
        /// How often the processor may still be taken away.
        let preemptions: Int
        /// Whether a device may still finish a read by itself that others would end with.
        let maySplit: Bool
    }

    /// Something that has happened.
    enum Happening: Equatable, Sendable {
        /// A task has run.
        case turn(TaskID)
        /// Devices have finished reads.
        case device
        /// A device that was let go takes readahead again.
        case resumed
    }

    /// A choice that was made.
    struct Taken: Sendable {
        let alternative: Int
        let alternatives: Int
    }

    /// How often the processor may still be taken away at any stage.
    var preemptions: Int
    /// Whether a swap device may, once in the line, finish one page of those that are due, and the others later. Reads from
    /// swap are a page each.
    var maySplit: Bool
    /// The choices when a task took its last stage, and which it was.
    var last: (turn: Choice, choices: [Choice])?
    /// Which alternatives to take at the first choices; after them, the first.
    let script: [Int]
    /// The choices that were made.
    var taken: [Taken] = []
    /// The states in which choices were made, in earlier lists too.
    var known: Set<Known>
    /// How often the machine has come to rest.
    var rests = 0
    /// The device that is being released. What it held has been finished, but it still refuses readahead, as a
    /// device-mapper target does until it is resumed: any time from now on, and before all rest.
    var suspended: DeviceID?
    /// What has happened, in order.
    private(set) var story: [Happening] = []
    /// Whether a known state was reached, from which there is nothing new to see: the line was left there.
    var isKnown = false

    init(_ grain: TurnGrain, script: [Int] = [], known: Set<Known> = []) {
        preemptions = if case .preempted(let times) = grain { times } else { 0 }
        maySplit = preemptions > 0
        self.script = script
        self.known = known
    }

    /// Takes note of what happens. Turns in a row are one.
    mutating func note(_ happening: Happening) {
        if story.last != happening { story.append(happening) }
    }

    /// What has happened, if anything else could have.
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
    /// Lets the machine come to rest, with the turns that are chosen.
    mutating func settleByTurns() {
        turns?.rests += 1
        let earlier = threads.reduce(into: [:]) { all, thread in
            all.merge(thread.last?.earlierReturns ?? [:]) { $0 &* 31 &+ $1 }
        }
        var stages = 0
        while turns?.isKnown == false {
            stages += 1
            work += 16  // a turn is looked at from all sides
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

    /// Lets devices, and timers where they are awaited, do what is next, all that is due at one time; whether there was
    /// any.
    private mutating func finishRequests(onlyFirst: Bool) -> Bool {
        guard !hasTimers || world.machine.hasRequestsToFinish, world.machine.stepEvent() else { return false }
        while !onlyFirst, let next = world.machine.requestsUnderWay.first, next.completes <= world.machine.clock {
            world.machine.stepEvent()
        }
        return true
    }

    /// Whether the next that is due are reads from swap, more than one.
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
    /// The turn of the task that runs and need not be interrupted: nobody was woken by its last stage.
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
