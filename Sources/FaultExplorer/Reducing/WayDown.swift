import FaultCore

/// The way of a ``ReducedSearch`` from the start to the state where it is.
struct WayDown {
    /// A choice of a state.
    struct Option: BitwiseCopyable {
        var move: Move
        /// The task with whose choices it is tried; -1 for none.
        var owner: Int8
        /// Those with a lower rank are tried first.
        var rank: UInt16 = 0
    }

    /// A state on the way.
    struct Level {
        var used = InjectionCounts()
        /// Its key.
        var key = StateKey()
        /// Where its choices begin and end.
        var options = 0..<0
        /// Whether a timer may expire there.
        var hasTimers = false
        /// How many of its first choices are tried, task by task.
        var trials = 0
        /// The tasks that the injections look at that are possible now.
        var injected = Footmark()
        /// The numbers that the tasks have got here; the choices of the level before name them by the numbers there.
        var arrangement = Arrangement()
        /// The current choice, and what it did.
        var current = 0
        var mark = FutureRows.nothing
        /// The index at which the trials that are made begin.
        var made = 0
        /// The combined future of all choices so far, as a row.
        var sum = FutureRows.nothing

        /// By what the state is recognized.
        var fingerprint: UInt64 { Mixing.mix(key.word, used.word) }
    }

    /// The state where the search is.
    var top = Level()
    /// The states before it.
    private(set) var below: [Level] = []
    /// Whether there is any state.
    private(set) var isEmpty = true
    /// Their machines.
    var forks = Forks()
    /// The choices, level by level.
    var options: [Option] = []
    /// The choice that led to each level except the first.
    var path: [Move] = []
    /// The trials that are made, level by level.
    var made: [Futures.Trial] = []

    /// How many states are on the way.
    var count: Int { isEmpty ? 0 : below.count + 1 }

    /// The current choice of the last level.
    var option: Option { options[top.options.lowerBound + top.current] }

    /// Whether the current choice of the last level is the last of its task that is tried.
    var isEndOfTrial: Bool {
        guard top.current < top.trials else { return false }
        let place = top.options.lowerBound + top.current
        return top.current + 1 == top.trials || options[place].owner != options[place + 1].owner
    }

    /// Adds a level.
    mutating func append(_ level: Level, _ fork: Fork?) {
        if !isEmpty { below.append(top) }
        isEmpty = false
        top = level
        forks.append(fork)
    }

    /// Leaves the last level.
    mutating func removeLast() {
        forks.removeLast()
        options.removeLast(options.count - top.options.lowerBound)
        if made.count > top.made { made.removeLast(made.count - top.made) }
        if let last = below.popLast() { top = last } else { isEmpty = true }
    }

    /// Keeps only these tasks' trials of the last level.
    mutating func keepTrials(of tasks: UInt32) {
        var end = top.made
        for place in end..<made.count where tasks >> UInt32(made[place].task) & 1 == 1 {
            made[end] = made[place]
            end += 1
        }
        made.removeLast(made.count - end)
    }

    // MARK: States whose machine is not made

    /// Adds the choices of a state that has no machine: the next stages of the tasks that can run, and the ends of the
    /// requests that are under way, each in the order of their numbers.
    mutating func addOptions(_ words: LocationWords, _ futures: Futures) {
        for task in words.tasks.indices where words.tasks[task].activity == .runs {
            options.append(Option(move: .step(TaskID(task)), owner: futures.owner(TaskID(task))))
        }
        for number in words.requests.indices {
            options.append(Option(move: .finish(number), owner: futures.owner(words.requests[number].task)))
        }
    }
}
