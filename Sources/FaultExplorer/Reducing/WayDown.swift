import FaultCore

/// The way of a ``ReducedSearch`` from the start to the state where it is.
struct WayDown {
    /// A state on the way.
    struct Level {
        var used: InjectionCounts
        /// Its key.
        var key: StateKey
        /// Where its moves begin and end.
        var moves: Range<Int>
        /// Whether a timer may expire there.
        var hasTimers = false
        /// What stages depend on there; see ``StageMemory/effect(ofStage:in:)``.
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

        init(used: InjectionCounts, key: StateKey, first move: Int) {
            self.used = used
            self.key = key
            moves = move..<move
        }

        /// By what the state is recognized.
        var fingerprint: UInt64 { Mixing.mix(key.word, used.word) }
    }

    var levels: [Level] = []
    /// Their machines.
    var forks = Forks()
    /// The moves, level by level.
    var moves: [Move] = []
    /// The task of each move; -1 for none.
    var owners: [Int8] = []
    /// The choice that led to each level except the first.
    var path: [Move] = []
    /// The trials that are made, level by level.
    var made: [Futures.Trial] = []

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
        forks.removeLast()
        moves.removeLast(moves.count - level.moves.lowerBound)
        owners.removeLast(owners.count - level.moves.lowerBound)
        made.removeLast(made.count - level.made)
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

    /// Adds the moves of a state that follows the last level: the next stages of the tasks that can run, and the ends of the
    /// requests of that level, except the one that has just been finished, each in the order of their numbers.
    mutating func addMoves(besideThoseOf level: Level, _ tasks: [TaskWords], finished: Int?) {
        for (task, words) in tasks.enumerated() where words.activity == .runs {
            moves.append(.step(TaskID(task)))
            owners.append(Int8(task))
        }
        let first = moves.count
        for place in level.moves {
            guard case .finish(let number) = moves[place], number != finished else { continue }
            moves.append(finished.map { number > $0 ? .finish(number - 1) : moves[place] } ?? moves[place])
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
