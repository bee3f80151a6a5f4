import FaultSimulator
import ScenarioFormat

/// The turns that tasks take while the machine comes to rest, where they are chosen: which of several runnable tasks
/// goes next. A device finishes what it has when nobody can run.
///
/// Playing one line with a script, and then with each one after it, goes through all orders of that line.
struct Turns: Sendable {
    /// Something that has happened.
    enum Happening: Equatable, Sendable {
        /// A task has run.
        case turn(TaskID)
        /// Devices have finished reads.
        case device
        /// A device that was let go takes readahead again.
        case resumed
    }

    /// The choices.
    var script: TurnScript
    /// Whether a swap device may, once in the line, finish one page of those that are due, and the others later. Reads from
    /// swap are a page each.
    var maySplit: Bool
    /// How often the machine has come to rest.
    var rests = 0
    /// The device that is being released. What it held has been finished, but it still refuses readahead, as a
    /// device-mapper target does until it is resumed: any time from now on, and before all rest.
    var suspended: DeviceID?
    /// What has happened, in order.
    private(set) var story: [Happening] = []

    /// Whether a known state was reached, from which there is nothing new to see: the line was left there.
    var isKnown: Bool { script.isKnown }

    init(_ script: TurnScript) {
        self.script = script
        maySplit = script.preemptions > 0
    }

    /// Takes note of what happens. Turns in a row are one.
    mutating func note(_ happening: Happening) {
        if story.last != happening { story.append(happening) }
    }

    /// What has happened, if anything else could have.
    func text(_ threads: [PlayedThread]) -> String? {
        guard script.hasChosen else { return nil }
        return story.map { happening in
            switch happening {
            case .turn(let task): threads.first { $0.task == task }.map { $0.id.isEmpty ? "first" : $0.id } ?? "\(task)"
            case .device: "device"
            case .resumed: "resumed"
            }
        }.joined(separator: ", ")
    }

    /// Chooses one of `alternatives`; `nil`, and ``isKnown``, if there is nothing new to see from here.
    ///
    /// - Parameter earlier: What handlers had returned in the touches of the line that are over, by name.
    mutating func choose(
        _ alternatives: Int, in machine: Machine, running: TaskID, earlier: [String: Int]
    ) -> Int? {
        var words = [UInt64(rests), maySplit ? 1 : 0, UInt64(UInt32(bitPattern: running.rawValue))]
        for (name, count) in earlier.sorted(by: { $0.key < $1.key }) {
            words += name.utf8.map(UInt64.init)
            words.append(UInt64(bitPattern: Int64(count)))
        }
        return script.choose(alternatives, in: machine, beside: words)
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
            let running = turns?.script.running(among: choices)
            if let running, turns?.script.preemptions == 0 {
                turns?.note(.turn(running.task))
                world.machine.replay([running])
                continue
            }
            let splits = choices.isEmpty && turns?.suspended == nil && turns?.maySplit == true && severalSwapReadsAreDue
            let alternatives = splits ? 2 : choices.count + (turns?.suspended == nil ? 0 : 1)
            let chosen = turns?.choose(
                max(1, alternatives), in: world.machine, running: running?.task ?? .none, earlier: earlier)
            guard let alternative = chosen else { return }
            if alternative < choices.count {
                turns?.script.run(choices[alternative], of: choices)
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
