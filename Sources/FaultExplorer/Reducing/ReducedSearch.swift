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
    private var states = FutureTable()
    private var table = FootmarkTable()
    private var memory = EffectMemory()
    private var order = TrialOrder()
    private var outcomes = Exploration()
    private var futures: Futures
    /// Tasks that are alike.
    private var likes = LikeTasks()
    /// The places of their marks.
    private var placesOfLikes: [[Int]] = []
    /// The number of states at which not all choices were made.
    private var singles = 0
    private var way = WayDown()
    /// The key of the state that was checked last, the new numbers of its tasks, and the states of its tasks.
    private var key = StateKey()
    private var arrangement = Arrangement()
    private var own: [UInt64] = []
    /// Whether it is remembered what stages do.
    private let remembersEffects: Bool
    /// Whether a state needs no machine if the stage that leads there is known; see ``enterUnmade(after:of:_:)``.
    private let leavesOutMachines: Bool

    init(from start: Machine, _ judge: StateJudge) {
        var start = start
        start.notesWrites = true
        self.start = start
        self.judge = judge
        depthLimit = judge.check.limits.depth
        futures = Futures(tasks: start.taskIndices.count)
        let tasks = start.taskIndices.count
        remembersEffects = judge.check.remembersEffects && tasks <= WayDown.Level.mostTasks
        leavesOutMachines = judge.options.injections.isEmpty && tasks <= Futures.mostTasks
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

    mutating func run() {
        var machine = start
        let used = InjectionCounts()
        _ = find(&machine, used)
        enter(WayDown.Fork(machine), used)
        while let top = way.levels.indices.last, stop == nil, violation == nil {
            if !makeNext(at: top) { leave(top) }
        }
    }

    /// Computes the key of a state and looks for it. Returns the row of what can follow, and whether the state is new.
    private mutating func find(_ machine: inout Machine, _ used: InjectionCounts) -> (row: UInt32, isNew: Bool) {
        if !likes.isEmpty {
            machine.updateDigests(of: judge.options.keyParts)
            arrangement = likes.arrange(&machine)
        }
        key = machine.stateKey(of: judge.options.keyParts, keepsDigests: true, &own)
        return states.insert(Mixing.mix(key.word, used.word))
    }

    /// Goes down to a new state, whose key is the last that was computed.
    private mutating func enter(_ fork: WayDown.Fork, _ used: InjectionCounts) {
        var level = WayDown.Level(fork: fork, used: used, key: key, first: way.moves.count, way.words.count)
        look(at: &fork.machine, &level)
        level.injected = injected(from: level.moves.lowerBound)
        level.arrangement = arrangement
        add(level)
    }

    /// Notes the moves and the tasks of a state. It does not change the machine, which is `inout` because reading a machine
    /// out of a class copies it.
    private mutating func look(at machine: inout Machine, _ level: inout WayDown.Level) {
        machine.addMoves(to: &way.moves, judge.options, level.used)
        level.moves = level.moves.lowerBound..<way.moves.count
        for place in level.moves {
            let owner = machine.task(of: way.moves[place])?.index ?? -1
            way.owners.append((0..<futures.tasks).contains(owner) ? Int8(owner) : -1)
        }
        way.words += own
        for index in machine.taskIndices {
            way.orderKeys.append(order.key(of: TaskID(index), in: machine))
            level.note(index, Self.activity(of: TaskID(index), in: machine))
        }
    }

    private static func activity(of task: TaskID, in machine: borrowing Machine) -> StageEffect.Activity {
        if machine.isRunnable(task.index) { return .runs }
        return machine.isSleeping(task) ? .sleeps : .neither
    }

    /// Goes down to a new state that a stage of the last level leads to. No machine is made: the key and the moves follow
    /// from what the stage does.
    private mutating func enterUnmade(after effect: StageEffect, of task: Int) {
        let before = way.levels[way.levels.count - 1]
        let words = way.words.count
        way.addTasks(of: before)
        var level = WayDown.Level(
            fork: nil, used: before.used, key: effect.key(after: before.key, way.words[before.words + task]),
            first: way.moves.count, words)
        level.runnable = before.runnable
        level.sleeping = before.sleeping
        level.note(task, effect.activity)
        way.addMoves(besideThoseOf: before, level.runnable)
        level.moves = level.moves.lowerBound..<way.moves.count
        way.words[words + task] = effect.own
        way.orderKeys[words + task] = effect.orderKey
        add(level)
    }

    private mutating func add(_ level: WayDown.Level) {
        var level = level
        coverage.depth = max(coverage.depth, way.path.count)
        let isFinal = StateJudge.isFinal(way.moves[level.moves])
        if judge.check.reductions.contains(.commuting) {
            level.trials = order.arrange(
                &way.moves, &way.owners, from: level.moves.lowerBound, way.orderKeys[level.words...])
        }
        level.made = way.made.count
        level.surroundings = EffectMemory.surroundings(way.words[level.words...], level.sleeping, level.key)
        way.levels.append(level)
        if isFinal { look(atEnd: (level.fork ?? fork(of: way.levels.count - 1)).machine) }
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
        coverage.transitions += 1
        let move = way.move(at: level)
        let effect = effect(of: move, at: level)
        if let effect, case .step(let task) = move, follow(effect, of: task.index, at: top) { return true }
        // A choice that is probably enough alone takes over the machine, which saves a copy.
        let isLast =
            level.current + 1 == level.moves.count
            || way.isEndOfTrial(at: level) && order.isLikely(way.orderKeys[level.words + way.owner(at: level)])
        let own = level.fork ?? fork(of: top)
        way.levels[top].fork = isLast ? nil : own
        let fork = isLast ? own : WayDown.Fork(own.machine)
        var used = level.used
        if case .inject(let number) = move { used.count(number) }
        guard let next = make(move, in: &fork.machine, level, used, effect) else {
            stop = .turn(fork.machine.endlessTurn(of: move, judge.options.turnLimit))
            return true
        }
        if next.isNew {
            way.path.append(move)
            enter(fork, used)
        } else {
            back(to: top, next.row, arrangement)
        }
        return true
    }

    /// What a move is known to do.
    private func effect(of move: Move, at level: WayDown.Level) -> StageEffect? {
        guard remembersEffects, case .step(let task) = move else { return nil }
        return memory.effect(of: way.words[level.words + task.index], in: level.surroundings)
    }

    /// Makes the current choice of a level without a machine, if enough is known of what its stage does and where that leads.
    private mutating func follow(_ effect: StageEffect, of task: Int, at top: Int) -> Bool {
        guard effect.extent != .mark else { return false }
        let key = effect.key(after: way.levels[top].key, way.words[way.levels[top].words + task])
        let word = Mixing.mix(key.word, way.levels[top].used.word)
        let next: (row: UInt32, isNew: Bool)
        if effect.extent == .moves {
            next = states.insert(word)
        } else {
            guard let row = states.row(of: word) else { return false }
            next = (row, false)
        }
        way.levels[top].mark = effect.mark
        if next.isNew {
            way.path.append(.step(TaskID(task)))
            enterUnmade(after: effect, of: task)
        } else {
            back(to: top, next.row, Arrangement())
        }
        return true
    }

    /// Makes a choice. Returns the row of what can follow the state that it leads to, and whether that is new; `nil` if a
    /// task does not come to rest.
    private mutating func make(
        _ move: Move, in machine: inout Machine, _ level: WayDown.Level, _ used: InjectionCounts, _ known: StageEffect?
    ) -> (row: UInt32, isNew: Bool)? {
        let top = way.levels.count - 1
        if let known, case .step(let task) = move {
            way.levels[top].mark = known.mark
            machine.notesWrites = false
            _ = machine.step(task)
            machine.notesWrites = true
            return find(&machine, used)
        }
        machine.hasLookedAround = false
        let requests = machine.requestsUnderWay
        guard let mark = machine.perform(move, judge.options, marking: &table, judge.check.overlooks) else {
            return nil
        }
        way.levels[top].mark = futures.number(of: mark)
        let next = find(&machine, used)
        if remembersEffects, case .step(let task) = move {
            var effect = StageEffect()
            effect.mark = way.levels[top].mark
            // The numbers of tasks that are alike may have changed.
            if likes.isEmpty { complete(&effect, of: task, from: level, requests, machine) }
            memory.keep(effect, of: way.words[level.words + task.index], in: level.surroundings)
        }
        return next
    }

    /// Adds to what a stage reads and writes where it has led, as far as this will be the same again.
    private mutating func complete(
        _ effect: inout StageEffect, of task: TaskID, from level: WayDown.Level, _ requests: [IORequest],
        _ machine: borrowing Machine
    ) {
        effect.own = own[task.index]
        effect.links = key.links
        effect.shared = key.shared
        effect.orderKey = order.key(of: task, in: machine)
        effect.activity = Self.activity(of: task, in: machine)
        let isAlone = effect.key(after: level.key, way.words[level.words + task.index]) == key
        guard isAlone, !machine.hasLookedAround else { return }
        effect.extent = .key
        guard leavesOutMachines, !machine.hasTimers else { return }
        if requests.elementsEqual(machine.requestsUnderWay, by: { $0.id == $1.id }) { effect.extent = .moves }
    }

    /// The machine of a level. If it was taken over or never made, it is made from the last one before it that exists, or
    /// from the start.
    private func fork(of top: Int) -> WayDown.Fork {
        let first = way.levels[..<top].lastIndex { $0.fork != nil }
        let fork = WayDown.Fork(first.flatMap { way.levels[$0].fork?.machine } ?? start)
        fork.machine.notesWrites = false
        if first == nil { fork.machine.arrange(way.levels[0].arrangement) }
        for place in (first ?? 0)..<top {
            _ = fork.machine.perform(way.path[place], judge.options.injections, turnLimit: judge.options.turnLimit)
            fork.machine.arrange(way.levels[place + 1].arrangement)
        }
        fork.machine.notesWrites = true
        return fork
    }

    /// Ends a level: the futures of its state are known, and the choice that led there is judged.
    private mutating func leave(_ top: Int) {
        let (row, arrangement) = (way.levels[top].sum, way.levels[top].arrangement)
        states.set(row, of: way.levels[top].fingerprint)
        way.removeLast()
        guard top > 0 else { return }
        way.path.removeLast()
        back(to: top - 1, row, arrangement)
    }

    /// Returns to a level whose current choice led to a state with this row.
    ///
    /// - Parameter arrangement: The numbers that the tasks have got there.
    private mutating func back(to top: Int, _ row: UInt32, _ arrangement: Arrangement) {
        let level = way.levels[top]
        let mark = level.mark
        let isKnown = row != FutureTable.unknown
        if !isKnown { hasRound = true }
        let next = futures.row(row, arrangement.inverse, placesOfLikes)
        way.levels[top].current += 1
        let owner = way.owner(at: level)
        if level.current < level.trials {
            way.made.append(Futures.Trial(task: owner, mark: mark, next: next, isKnown: isKnown))
        }
        if way.isEndOfTrial(at: level) {
            let made = level.made
            let enough = futures.smallestSet(of: way.made[made...], beside: level.injected)
            order.note(way.orderKeys[level.words + owner], succeeded: enough?.nonzeroBitCount == 1)
            if let enough {
                singles += 1
                way.keepTrials(of: enough, from: made)
                way.levels[top].sum = futures.sum(of: way.made[made...])
                way.levels[top].current = level.moves.count
                return
            }
        }
        way.levels[top].sum = futures.sum(
            way.levels[top].sum, adding: mark, by: owner < 0 ? nil : owner, before: next)
    }
}
