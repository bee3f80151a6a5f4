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
    private var memory: StageMemory
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
    private let hasInjections: Bool
    /// Whether the choices of tasks are tried alone.
    private let triesTasks: Bool
    /// Whether a state needs no machine if the stage that leads there is known; see ``enterUnmade(after:of:_:)``.
    private let leavesOutMachines: Bool

    init(from start: Machine, _ judge: StateJudge) {
        var start = start
        start.notesWrites = true
        self.start = start
        self.judge = judge
        depthLimit = judge.check.limits.depth
        futures = Futures(tasks: start.taskIndices.count)
        remembersEffects = judge.check.remembersEffects
        hasInjections = !judge.options.injections.isEmpty
        triesTasks = judge.check.reductions.contains(.commuting)
        leavesOutMachines = !hasInjections && start.taskIndices.count <= Futures.mostTasks
        if judge.check.reductions.contains(.likeTasks) {
            likes = LikeTasks(in: start, judge.options.injections)
            placesOfLikes = table.places(of: likes.tasks)
            order.groups = likes.groups
        }
        // What laws remember is not stored by location.
        let usesReads =
            remembersEffects && leavesOutMachines && likes.isEmpty && !start.isChecking && judge.check.overlooks == nil
        memory = StageMemory(
            most: 1 << 17, from: start,
            StageMemory.Extent(
                usesReads: usesReads, includesMoves: leavesOutMachines, includesMarks: true,
                includesKeys: likes.isEmpty))
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
        note(.nothing, from: StateKey(), machine)
        enter(Fork(machine), used)
        while !way.isEmpty, stop == nil, violation == nil {
            if !makeNext() { leave() }
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
    private mutating func enter(_ fork: Fork, _ used: InjectionCounts) {
        var level = WayDown.Level(used: used, key: key, hasTimers: fork.machine.hasTimers, arrangement: arrangement)
        memory.enter(made: fork.machine)
        let first = way.options.count
        addOptions(of: &fork.machine, used)
        if hasInjections { level.injected = injected(from: first) }
        add(level, from: first, fork)
    }

    /// Adds the choices of a state. It does not change the machine, which is `inout` because reading a machine out of a class
    /// copies it.
    private mutating func addOptions(of machine: inout Machine, _ used: InjectionCounts) {
        var moves: [Move] = []
        machine.addMoves(to: &moves, judge.options, used)
        for move in moves {
            way.options.append(WayDown.Option(move: move, owner: futures.owner(machine.task(of: move))))
        }
    }

    /// Notes what a move has written, and what the tasks are then.
    private mutating func note(_ writes: Footprint, from before: StateKey, _ machine: borrowing Machine) {
        memory.note(writes, own, links: key.links &- before.links, in: machine, &order)
    }

    /// Goes down to a new state that a known move of the last level leads to. No machine is made: the key and the moves
    /// follow from what the move does.
    private mutating func enterUnmade(after effect: StageEffect, _ move: Move) {
        let level = WayDown.Level(used: way.top.used, key: effect.key(after: way.top.key))
        memory.enter(after: effect, move)
        let first = way.options.count
        way.addOptions(memory.words, futures)
        add(level, from: first, nil)
    }

    private mutating func add(_ level: WayDown.Level, from first: Int, _ fork: Fork?) {
        var level = level
        coverage.depth = max(coverage.depth, way.path.count)
        level.options = first..<way.options.count
        if triesTasks { level.trials = order.arrange(&way.options, from: first, memory.words.tasks) }
        level.made = way.made.count
        way.append(level, fork)
        if StateJudge.isFinal(first: way.options[level.options].first?.move) {
            makeMachine()
            if let fork = way.forks.last { look(atEnd: fork.machine) }
        }
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
        return zip(way.below, way.path).map { level, move in
            numbers = level.arrangement.inverse.followed(by: numbers)
            return numbers.renamed(move)
        }
    }

    /// The state that decides whether the injections among the moves are possible. A choice that changes it may make them
    /// impossible.
    private mutating func injected(from first: Int) -> Footmark {
        var tasks = Footprint()
        for option in way.options[first...] {
            if case .inject(let number) = option.move { tasks.formUnion(judge.options.injections[number].tasks) }
        }
        return Footmark(reads: table.reads(tasks, shared: []))
    }

    private mutating func noteProgress() {
        if states.count >= judge.options.stateLimit { stop = .states(judge.options.stateLimit) }
        if way.path.count >= depthLimit { stop = .depth(depthLimit) }
        guard states.count & 1023 == 0 else { return }
        judge.check.progress(ScheduleCheck.Progress(states: states.count, depth: coverage.depth))
        if judge.check.shouldStop() { stop = .asked }
        let all = bytes + way.count * start.estimatedForkBytes
        if all > judge.check.limits.memory { stop = .memory(judge.check.limits.memory) }
    }

    /// Makes the next choice of the last level, if there is one that needs to be made.
    private mutating func makeNext() -> Bool {
        guard way.top.current < way.top.options.count else { return false }
        coverage.transitions += 1
        let option = way.option
        let effect = effect(of: option.move)
        if let effect, follow(effect, option.move) { return true }
        // A choice that is probably enough alone takes over the machine, which saves a copy.
        let isLast =
            way.top.current + 1 == way.top.options.count
            || way.isEndOfTrial && order.isLikely(memory.words.tasks[Int(option.owner)].orderKey)
        makeMachine()
        let fork = way.forks.take(isLast: isLast)
        var used = way.top.used
        if case .inject(let number) = option.move { used.count(number) }
        guard let next = make(option.move, in: &fork.machine, used, effect) else {
            stop = .turn(fork.machine.endlessTurn(of: option.move, judge.options.turnLimit))
            return true
        }
        if next.isNew {
            way.path.append(option.move)
            enter(fork, used)
        } else {
            back(next.row, arrangement)
        }
        return true
    }

    /// What a move of the last level is known to do.
    private func effect(of move: Move) -> StageEffect? {
        guard remembersEffects else { return nil }
        switch move {
        case .step(let task): return memory.effect(ofStage: task.index, in: way.top.key)
        case .finish(let number): return memory.effect(ofRequest: number)
        default: return nil
        }
    }

    /// Makes the current choice without a machine, if enough is known of what it does and where that leads.
    private mutating func follow(_ effect: StageEffect, _ move: Move) -> Bool {
        guard effect.extent != .mark else { return false }
        let word = Mixing.mix(effect.key(after: way.top.key).word, way.top.used.word)
        let next: (row: UInt32, isNew: Bool)
        if effect.extent == .moves, !way.top.hasTimers {
            next = states.insert(word)
        } else {
            guard let row = states.row(of: word) else { return false }
            next = (row, false)
        }
        way.top.mark = effect.mark
        if next.isNew {
            way.path.append(move)
            enterUnmade(after: effect, move)
        } else {
            back(next.row, Arrangement())
        }
        return true
    }

    /// Makes a choice. Returns the row of what can follow the state that it leads to, and whether that is new; `nil` if a
    /// task does not come to rest.
    private mutating func make(
        _ move: Move, in machine: inout Machine, _ used: InjectionCounts, _ known: StageEffect?
    ) -> (row: UInt32, isNew: Bool)? {
        let before = way.top.key
        if let known {
            way.top.mark = known.mark
            machine.notesWrites = memory.usesReads
            _ = machine.takeWrites()
            _ = machine.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit)
            machine.notesWrites = true
            let next = find(&machine, used)
            note(machine.takeWrites(), from: before, machine)
            return next
        }
        let reads = machine.reads(by: move, judge.options.injections)
        let reading = memory.look(move, reads, in: machine)
        machine.tasksLookedAt = TasksLookedAt()
        let requests = machine.requestsUnderWay
        guard
            let (mark, writes) = machine.perform(
                move, reading: reads, judge.options, marking: &table, judge.check.overlooks)
        else { return nil }
        way.top.mark = futures.number(of: mark)
        let next = find(&machine, used)
        note(writes, from: before, machine)
        if remembersEffects {
            memory.keep(
                move, mark: way.top.mark, from: before, to: key, own, requests, in: machine, reading, writes)
        }
        return next
    }

    /// Makes the machine of the last state again, if it has none.
    private mutating func makeMachine() {
        guard way.forks.last == nil else { return }
        let (path, below, last, options) = (way.path, way.below, way.top.arrangement, judge.options)
        var start = start
        start.arrange(below.first?.arrangement ?? last)
        way.forks.makeLast(from: start, notesWrites: true) { machine, place in
            _ = machine.perform(path[place], options.injections, turnLimit: options.turnLimit)
            machine.arrange(place + 1 < below.count ? below[place + 1].arrangement : last)
        }
    }

    /// Ends a level: the futures of its state are known, and the choice that led there is judged.
    private mutating func leave() {
        let (row, arrangement) = (way.top.sum, way.top.arrangement)
        states.set(row, of: way.top.fingerprint)
        way.removeLast()
        memory.leave()
        guard !way.isEmpty else { return }
        way.path.removeLast()
        back(row, arrangement)
    }

    /// Returns to the last level, whose current choice led to a state with this row.
    ///
    /// - Parameter arrangement: The numbers that the tasks have got there.
    private mutating func back(_ row: UInt32, _ arrangement: Arrangement) {
        let owner = Int(way.option.owner)
        let mark = way.top.mark
        let isKnown = row != FutureTable.unknown
        if !isKnown { hasRound = true }
        let next =
            likes.isEmpty
            ? (isKnown ? row : FutureRows.everything) : futures.row(row, arrangement.inverse, placesOfLikes)
        let isTrial = way.top.current < way.top.trials
        if isTrial {
            let trial = Futures.Trial(task: owner, mark: mark, next: next, isKnown: isKnown)
            if way.isEndOfTrial {
                let isEnough = endTrial(with: trial)
                if isEnough { return }
            } else {
                way.made.append(trial)
            }
        }
        way.top.current += 1
        way.top.sum = futures.sum(way.top.sum, adding: mark, by: owner < 0 ? nil : owner, before: next)
    }

    /// Judges the trials of the last level, of which this is the last one. If they make all other choices unnecessary, the
    /// level ends. Returns whether they do.
    private mutating func endTrial(with trial: Futures.Trial) -> Bool {
        let orderKey = memory.words.tasks[trial.task].orderKey
        if !hasInjections, way.made.count == way.top.made || way.made[way.made.count - 1].task != trial.task,
            let sum = futures.sum(ofOnly: trial)
        {
            order.note(orderKey, succeeded: true)
            end(with: sum)
            return true
        }
        way.made.append(trial)
        let enough = futures.smallestSet(of: way.made[way.top.made...], beside: way.top.injected)
        order.note(orderKey, succeeded: enough?.nonzeroBitCount == 1)
        guard let enough else { return false }
        way.keepTrials(of: enough)
        end(with: futures.sum(of: way.made[way.top.made...]))
        return true
    }

    /// Ends the choices of the last level, at which not all are made.
    private mutating func end(with sum: UInt32) {
        singles += 1
        way.top.sum = sum
        way.top.current = way.top.options.count
    }
}
