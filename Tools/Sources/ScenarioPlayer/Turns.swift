import FaultSimulator

/// The turns that tasks take while the machine comes to rest, where they are chosen: which of several runnable tasks
/// goes next. What one processor could do in any order; a device finishes what it has when nobody can run.
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
    }

    /// A choice that was made.
    struct Taken: Sendable {
        let alternative: Int
        let alternatives: Int
    }

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
    /// Whether a known state was reached, from which there is nothing new to see: the line was left there.
    var isKnown = false

    init(script: [Int] = [], known: Set<Known> = []) {
        self.script = script
        self.known = known
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
        while turns?.isKnown == false {
            let choices = world.machine.turns(.stage)
            let alternatives = choices.count + (turns?.suspended == nil ? 0 : 1)
            var alternative = 0
            if alternatives > 1 {
                let known = Turns.Known(
                    state: world.machine.stateKey, rests: turns?.rests ?? 0, earlier: earlier)
                guard let chosen = turns?.choose(alternatives, at: known) else { return }
                alternative = chosen
            }
            if alternative < choices.count {
                run(choices[alternative], among: choices)
            } else if let device = turns?.suspended {
                turns?.suspended = nil
                world.machine.setReadaheadIsRefused(false, by: device)
            } else {
                guard finishRequests() else { return }
            }
        }
    }

    /// Lets a task go on until it sleeps, or ends its operation, or wakes another, which may then take the processor.
    private mutating func run(_ turn: Choice, among choices: [Choice]) {
        repeat { world.machine.replay([turn]) } while world.machine.turns(.stage) == choices
    }

    /// Lets devices, and timers where they are awaited, do what is next, all that is due at one time; whether there was
    /// any.
    private mutating func finishRequests() -> Bool {
        guard !hasTimers || world.machine.hasRequestsToFinish, world.machine.stepEvent() else { return false }
        while let next = world.machine.requestsUnderWay.first, next.completes <= world.machine.clock {
            world.machine.stepEvent()
        }
        return true
    }
}

extension Turns {
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
