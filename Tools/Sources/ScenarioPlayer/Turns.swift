import FaultSimulator
import ScenarioFormat

/// The chosen turns of tasks while the machine comes to rest: which of several runnable tasks is next. A device
/// finishes its requests when no task can run.
///
/// To try all orders of a line, play it with a new script, and then with each script after it.
struct Turns: Sendable {
    /// An event in the order of turns.
    enum Happening: Equatable, Sendable {
        /// A task has run.
        case turn(TaskID)
        /// Devices have finished reads.
        case device
        /// A released device takes readahead again.
        case resumed
    }

    /// The choices.
    var script: TurnScript
    /// Whether a swap device may, once in the line, finish one of the pages that are due, and the others later. Each
    /// read from swap is one page.
    var maySplit: Bool
    /// How often the machine has come to rest.
    var rests = 0
    /// The device that is being released. It has finished its held requests, but still refuses readahead, as a
    /// device-mapper target does until it is resumed. That may happen at any time before the machine is at rest.
    var suspended: DeviceID?
    /// The events so far, in order.
    private(set) var story: [Happening] = []

    /// Whether a known state was reached, so that the line was left because there is nothing new to see.
    var isKnown: Bool { script.isKnown }

    init(_ script: TurnScript) {
        self.script = script
        maySplit = script.preemptions > 0
    }

    /// Records an event. Consecutive turns of a task are one event.
    mutating func note(_ happening: Happening) {
        if story.last != happening { story.append(happening) }
    }

    /// The text of the events, if other events were possible.
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
            countScans()
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
