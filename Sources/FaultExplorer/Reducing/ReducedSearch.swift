import FaultCore

/// A depth-first search that finds every final state and leaves out orders of commuting stages.
///
/// At a state it first tries the choices of one task alone: its next stage, and the ends of its requests and timers. When
/// everything that can follow is known, the search also knows everything that the other tasks can still do before that
/// task continues. If the choices commute with all of this, every schedule that begins with another choice can begin with
/// one of these as well, and the alternatives are not needed: the choices are a persistent set (Godefroid, "Partial-Order
/// Methods for the Verification of Concurrent Systems", 1996). If not, the choices of another task are tried; they may be
/// enough alone, or together with the first ones. This goes on until all choices have been made.
///
/// For each state and each set of tasks the search stores what the others can do from there on while those tasks don't
/// move (``Futures``). If a stage leads to a state on the current path, there is a cycle in which other tasks might be
/// postponed forever. Then what follows counts as unknown, and all choices are made.
struct ReducedSearch {
    let start: Machine
    let judge: StateJudge
    private(set) var coverage = Coverage()
    private(set) var stop: Verdict.Stop?
    private(set) var violation: (kind: Counterexample.Kind, moves: [Move])?
    /// Whether a choice led back to a state on its own path. If none did, no schedule is endless.
    private(set) var hasRound = false
    /// The largest length of schedules.
    var depthLimit: Int
    private var states = StateTable()
    private var table = FootmarkTable()
    private var memory = MarkMemory()
    private var order = TrialOrder()
    private var outcomes = Exploration()
    private var futures: Futures
    /// Tasks that are alike.
    private var likes = LikeTasks()
    /// The places of their marks.
    private var placesOfLikes: [[Int]] = []
    /// The number of states at which not all choices were made.
    private var singles = 0
    private var way = Way()
    /// The key of the state that was checked last, the new numbers of its tasks, and the states of its tasks.
    private var key = StateKey()
    private var arrangement = Arrangement()
    private var own: [UInt64] = []

    init(from start: Machine, _ judge: StateJudge) {
        var start = start
        start.notesWrites = true
        self.start = start
        self.judge = judge
        depthLimit = judge.check.limits.depth
        futures = Futures(tasks: start.taskIndices.count)
        if judge.check.reductions.contains(.likeTasks) {
            likes = LikeTasks(in: start, judge.options.injections)
            placesOfLikes = table.places(of: likes.tasks)
            order.groups = likes.groups
        }
    }

    /// What was tried.
    func finish() -> Coverage {
        var coverage = coverage
        coverage.states = states.count
        coverage.bytes = bytes
        coverage.outcomes = outcomes.outcomes
        if judge.check.reductions.contains(.commuting) {
            coverage.passedOver.append(
                "other orders of what commutes, at \(singles) of \(states.count) states; what was observed counts those left"
            )
        }
        if !likes.isEmpty {
            coverage.passedOver.append("outcomes in which tasks that are alike have changed places")
        }
        return coverage
    }

    private var bytes: Int { states.bytes + futures.bytes + memory.bytes }

    // MARK: The way down

    /// A machine that passes from one level to the next without a copy.
    private final class Fork {
        var machine: Machine

        init(_ machine: Machine) { self.machine = machine }
    }

    /// A state on the way down.
    private struct Level {
        /// The state; `nil` if a choice has taken it over. See ``fork(of:)``.
        var fork: Fork?
        var used: InjectionCounts
        var state: Int
        /// Where its moves begin and end.
        var moves: Range<Int>
        /// How many of its first moves are tried, task by task.
        var trials: Int
        /// The tasks that the injections look at that are possible now.
        var injected: Footmark
        /// The numbers that the tasks have got here; the choices of the level before name them by the numbers there.
        var arrangement: Arrangement
        /// The current trial, and what it did.
        var current = 0
        var mark = FutureRows.nothing
        var trialKey: UInt64 = 0
        /// The index at which the trials that are made begin.
        var made: Int
        /// The combined future of all choices so far, as a row.
        var sum = FutureRows.nothing
        /// The key of the state, and the index at which the words of its tasks begin.
        var key: StateKey
        var words: Int
    }

    private struct Way {
        var levels: [Level] = []
        var moves: [Move] = []
        /// The task of each move; -1 for none.
        var owners: [Int8] = []
        /// The choice that led to each level except the first.
        var path: [Move] = []
        /// The trials that are made, level by level.
        var made: [Futures.Trial] = []
        /// The words of the tasks' own states, level by level.
        var words: [UInt64] = []
    }

    mutating func run() {
        var machine = start
        var used = InjectionCounts()
        let (state, _) = number(of: &machine, used)
        enter(Fork(machine), &used, state)
        while let top = way.levels.indices.last, stop == nil, violation == nil {
            if !makeNext(at: top) { leave(top) }
        }
    }

    private mutating func number(of machine: inout Machine, _ used: InjectionCounts) -> (number: Int, isNew: Bool) {
        if !likes.isEmpty {
            machine.updateDigests(of: judge.options.keyParts)
            arrangement = likes.arrange(&machine)
        }
        key = machine.stateKey(of: judge.options.keyParts, keepsDigests: true, &own)
        let found = states.number(of: Mixing.mix(key.word, used.word))
        if found.isNew {
            futures.addState()
        }
        return found
    }

    /// Goes down to a new state.
    private mutating func enter(_ fork: Fork, _ used: inout InjectionCounts, _ state: Int) {
        let first = way.moves.count
        coverage.depth = max(coverage.depth, way.path.count)
        fork.machine.addMoves(to: &way.moves, judge.options, used)
        if StateJudge.isFinal(way.moves[first...]) {
            look(atEnd: fork.machine)
        }
        way.owners += repeatElement(-1, count: way.moves.count - first)
        var trials = 0
        if judge.check.reductions.contains(.commuting) {
            trials = order.arrange(&way.moves, &way.owners, from: first, in: fork.machine, futures.tasks)
        }
        way.levels.append(
            Level(
                fork: fork, used: used, state: state, moves: first..<way.moves.count, trials: trials,
                injected: injected(from: first), arrangement: arrangement, made: way.made.count, key: key,
                words: way.words.count))
        way.words += own
        noteProgress()
    }

    /// Judges a final state, under the numbers that the tasks had at the start.
    private mutating func look(atEnd machine: Machine) {
        let path = pathFromStart()
        var replayed: Machine?
        if !likes.isEmpty {
            var machine = start
            for move in path { _ = machine.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit) }
            replayed = machine
        }
        let (complaint, outcome) = judge.judgement(atEnd: replayed ?? machine)
        if let outcome {
            let isKnown = outcomes.texts.contains(outcome)
            outcomes.add(outcome: outcome, isKnown ? [] : start.schedule(of: path, judge.options))
        }
        if let complaint { violation = (complaint, path) }
    }

    /// The choices that led to the current state, under the numbers that the tasks had at the start.
    private func pathFromStart() -> [Move] {
        if likes.isEmpty { return way.path }
        var numbers = Arrangement()
        return zip(way.levels, way.path).map { level, move in
            numbers = level.arrangement.inverse.followed(by: numbers)
            return numbers.renamed(move)
        }
    }

    /// What the injections among moves look at to be possible: a choice that changes it may end that.
    private mutating func injected(from first: Int) -> Footmark {
        var tasks = Footprint()
        for move in way.moves[first...] {
            if case .inject(let number) = move { tasks.formUnion(judge.options.injections[number].tasks) }
        }
        return Footmark(reads: table.reads(tasks, shared: []))
    }

    private mutating func noteProgress() {
        if states.count >= judge.options.stateLimit { stop = .states(judge.options.stateLimit) }
        if way.path.count >= depthLimit { stop = .depth(depthLimit) }
        guard states.count & 1023 == 0 else { return }
        judge.check.progress(ScheduleCheck.Progress(states: states.count, depth: coverage.depth))
        if judge.check.shouldStop() { stop = .asked }
        let all = bytes + way.levels.count * start.estimatedForkBytes
        if all > judge.check.limits.memory { stop = .memory(judge.check.limits.memory) }
    }

    /// Makes the next choice of the last level, if there is one that needs to be made.
    private mutating func makeNext(at top: Int) -> Bool {
        let level = way.levels[top]
        guard level.current < level.moves.count else { return false }
        let move = way.moves[level.moves.lowerBound + level.current]
        let own = level.fork ?? fork(of: top)
        var isLast = level.current + 1 == level.moves.count
        if isEndOfTrial(level.current, at: top) {
            let owner = way.owners[level.moves.lowerBound + level.current]
            way.levels[top].trialKey = order.key(of: TaskID(Int(owner)), in: own.machine)
            // A choice that is probably enough alone takes over the machine, which saves a copy.
            if order.isLikely(way.levels[top].trialKey) { isLast = true }
        }
        way.levels[top].fork = isLast ? nil : own
        let fork = isLast ? own : Fork(own.machine)
        coverage.transitions += 1
        guard let mark = make(move, in: &fork.machine, level) else {
            stop = .turn(fork.machine.endlessTurn(of: move, judge.options.turnLimit))
            return true
        }
        var used = level.used
        if case .inject(let number) = move { used.count(number) }
        way.levels[top].mark = futures.number(of: mark)
        let (state, isNew) = number(of: &fork.machine, used)
        if isNew {
            way.path.append(move)
            enter(fork, &used, state)
        } else {
            back(to: top, from: state, arrangement)
        }
        return true
    }

    /// Whether all moves of a task have been tried after this move of a level.
    private func isEndOfTrial(_ current: Int, at top: Int) -> Bool {
        let trials = way.levels[top].trials
        guard current < trials else { return false }
        let place = way.levels[top].moves.lowerBound + current
        return current + 1 == trials || way.owners[place] != way.owners[place + 1]
    }

    /// Makes a choice, and returns what it has read and written; `nil` if a task does not come to rest.
    private mutating func make(_ move: Move, in machine: inout Machine, _ level: Level) -> Footmark? {
        guard case .step(let task) = move, judge.check.remembersMarks else {
            return machine.perform(move, judge.options, marking: &table, judge.check.overlooks)
        }
        let word = MarkMemory.word(task, way.words[level.words...], level.key, in: machine)
        if let mark = memory.mark(word) {
            machine.notesWrites = false
            _ = machine.step(task)
            machine.notesWrites = true
            return mark
        }
        let mark = machine.perform(move, judge.options, marking: &table, judge.check.overlooks)
        if let mark { memory.keep(word, mark) }
        return mark
    }

    /// The machine of a level. If it was taken over, it is rebuilt from the last one before it that exists, or from the
    /// start.
    private func fork(of top: Int) -> Fork {
        let first = way.levels[..<top].lastIndex { $0.fork != nil }
        let fork = Fork(first.flatMap { way.levels[$0].fork?.machine } ?? start)
        if first == nil { fork.machine.arrange(way.levels[0].arrangement) }
        for place in (first ?? 0)..<top {
            _ = fork.machine.perform(way.path[place], judge.options.injections, turnLimit: judge.options.turnLimit)
            fork.machine.arrange(way.levels[place + 1].arrangement)
        }
        _ = fork.machine.takeWrites()
        return fork
    }

    /// Ends a level: the futures of its state are known, and the choice that led there is judged.
    private mutating func leave(_ top: Int) {
        let level = way.levels[top]
        futures.set(level.sum, of: level.state)
        way.moves.removeLast(way.moves.count - level.moves.lowerBound)
        way.owners.removeLast(way.owners.count - level.moves.lowerBound)
        way.made.removeLast(way.made.count - level.made)
        way.words.removeLast(way.words.count - level.words)
        way.levels.removeLast()
        guard top > 0 else { return }
        way.path.removeLast()
        back(to: top - 1, from: level.state, level.arrangement)
    }

    /// Returns to a level whose current choice led to a state with a known future.
    ///
    /// - Parameter arrangement: The numbers that the tasks have got there.
    private mutating func back(to top: Int, from state: Int, _ arrangement: Arrangement) {
        let current = way.levels[top].current
        let mark = way.levels[top].mark
        let isKnown = futures.isKnown(state)
        if !isKnown { hasRound = true }
        let next = futures.row(of: state, arrangement.inverse, placesOfLikes)
        way.levels[top].current += 1
        let owner = Int(way.owners[way.levels[top].moves.lowerBound + current])
        if current < way.levels[top].trials {
            way.made.append(Futures.Trial(task: owner, mark: mark, next: next, isKnown: isKnown))
        }
        if isEndOfTrial(current, at: top) {
            let made = way.levels[top].made
            let enough = futures.smallestSet(of: way.made[made...], beside: way.levels[top].injected)
            order.note(way.levels[top].trialKey, succeeded: enough?.nonzeroBitCount == 1)
            if let enough {
                singles += 1
                way.made[made...].removeAll { enough >> UInt32($0.task) & 1 == 0 }
                way.levels[top].sum = futures.sum(of: way.made[made...])
                way.levels[top].current = way.levels[top].moves.count
                return
            }
        }
        way.levels[top].sum = futures.sum(
            way.levels[top].sum, adding: mark, by: owner < 0 ? nil : owner, before: next)
    }
}
