import FaultCore

/// The way of a ``ReducedSearch`` from the start to the state where it is.
struct WayDown {
    /// A machine that passes from one level to the next without a copy.
    final class Fork {
        var machine: Machine

        init(_ machine: Machine) { self.machine = machine }
    }

    /// A state on the way.
    struct Level {
        /// The largest number of tasks of which it is noted whether they run or sleep.
        static let mostTasks = 32

        /// The state; `nil` if a choice has taken it over, or if it was not made.
        var fork: Fork?
        var used: InjectionCounts
        /// Its key.
        var key: StateKey
        /// Where its moves begin and end.
        var moves: Range<Int>
        /// Where the words of its tasks begin.
        var words: Int
        /// The tasks that can run, and those that sleep, a bit each.
        var runnable: UInt32 = 0
        var sleeping: UInt32 = 0
        /// What stages depend on there; see ``EffectMemory/surroundings(_:_:_:)``.
        var surroundings: UInt64 = 0
        /// How many of its first moves are tried, task by task.
        var trials = 0
        /// The tasks that the injections look at that are possible now.
        var injected = Footmark()
        /// The numbers that the tasks have got here; the choices of the level before name them by the numbers there.
        var arrangement = Arrangement()
        /// The current move, and what it did.
        var current = 0
        var mark = FutureRows.nothing
        /// The index at which the trials that are made begin.
        var made = 0
        /// The combined future of all choices so far, as a row.
        var sum = FutureRows.nothing

        init(fork: Fork?, used: InjectionCounts, key: StateKey, first move: Int, _ words: Int) {
            self.fork = fork
            self.used = used
            self.key = key
            self.words = words
            moves = move..<move
        }

        /// By what the state is recognized.
        var fingerprint: UInt64 { Mixing.mix(key.word, used.word) }

        /// Notes what a task does.
        mutating func note(_ task: Int, _ activity: StageEffect.Activity) {
            guard task < Self.mostTasks else { return }
            let bit: UInt32 = 1 << UInt32(task)
            runnable = activity == .runs ? runnable | bit : runnable & ~bit
            sleeping = activity == .sleeps ? sleeping | bit : sleeping & ~bit
        }
    }

    var levels: [Level] = []
    /// The moves, level by level.
    var moves: [Move] = []
    /// The task of each move; -1 for none.
    var owners: [Int8] = []
    /// The choice that led to each level except the first.
    var path: [Move] = []
    /// The trials that are made, level by level.
    var made: [Futures.Trial] = []
    /// The words of the tasks' own states, level by level.
    var words: [UInt64] = []
    /// What the next choices of the tasks are known by in ``TrialOrder``, level by level.
    var orderKeys: [TrialOrder.Key] = []

    /// The current move of a level.
    func move(at level: Level) -> Move { moves[level.moves.lowerBound + level.current] }

    /// The task of the current move of a level; -1 for none.
    func owner(at level: Level) -> Int { Int(owners[level.moves.lowerBound + level.current]) }

    /// Whether the current move of a level is the last of its task that is tried.
    func isEndOfTrial(at level: Level) -> Bool {
        guard level.current < level.trials else { return false }
        let place = level.moves.lowerBound + level.current
        return level.current + 1 == level.trials || owners[place] != owners[place + 1]
    }

    /// Leaves the last level.
    mutating func removeLast() {
        let level = levels.removeLast()
        moves.removeLast(moves.count - level.moves.lowerBound)
        owners.removeLast(owners.count - level.moves.lowerBound)
        made.removeLast(made.count - level.made)
        words.removeLast(words.count - level.words)
        orderKeys.removeLast(orderKeys.count - level.words)
    }

    /// Keeps only these tasks' trials of the last level, which begin at an index.
    mutating func keepTrials(of tasks: UInt32, from first: Int) {
        var end = first
        for place in first..<made.count where tasks >> UInt32(made[place].task) & 1 == 1 {
            made[end] = made[place]
            end += 1
        }
        made.removeLast(made.count - end)
    }

    // MARK: States whose machine is not made

    /// Adds for the next level what the last one has of tasks. One after the other: to add a slice of an array to that array
    /// copies all of it.
    mutating func addTasks(of level: Level) {
        for place in level.words..<words.count {
            words.append(words[place])
            orderKeys.append(orderKeys[place])
        }
    }

    /// Adds the moves of a state that follows the last level: the next stages of these tasks, and the ends of the requests
    /// of that level, each in the order of their numbers.
    mutating func addMoves(besideThoseOf level: Level, _ runnable: UInt32) {
        var left = runnable
        while left != 0 {
            let task = left.trailingZeroBitCount
            moves.append(.step(TaskID(task)))
            owners.append(Int8(task))
            left &= left - 1
        }
        let first = moves.count
        for place in level.moves {
            guard case .finish = moves[place] else { continue }
            moves.append(moves[place])
            owners.append(owners[place])
            var end = moves.count - 1
            while end > first, moves[end - 1].packed > moves[end].packed {
                moves.swapAt(end - 1, end)
                owners.swapAt(end - 1, end)
                end -= 1
            }
        }
    }
}
