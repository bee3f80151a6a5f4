import FaultCore

/// The depth-first search.
extension Search {
    /// A state on the way down, with the moves that are left.
    fileprivate struct Level {
        var place: Place
        var first: Int
        var next: Int
        var end: Int
        /// Whether a timer may expire.
        var hasTimers: Bool
    }

    /// The way down.
    fileprivate struct Descent {
        var levels: [Level] = []
        var forks = Forks()
        var moves: [Move] = []
        var path: [Move] = []

        /// Leaves the last level.
        mutating func goUp() {
            let level = levels.removeLast()
            forks.removeLast()
            moves.removeLast(moves.count - level.first)
            _ = path.popLast()
        }
    }

    /// Visits all states depth first.
    mutating func goDeep() {
        var way = Descent()
        let first = Fork(start)
        var place = Place()
        if isNew(&first.machine, &place) {
            note(.nothing, from: Place(), place, first.machine)
            enter(first, place, &way)
        }
        while let top = way.levels.indices.last, found.isComplete {
            guard way.levels[top].next < way.levels[top].end else {
                way.goUp()
                stages.leave()
                continue
            }
            let move = way.moves[way.levels[top].next]
            way.levels[top].next += 1
            found.transitions += 1
            makeNext(move, at: top, &way)
        }
    }

    /// Makes a move of the last level, if it may lead to a new state.
    private mutating func makeNext(_ move: Move, at top: Int, _ way: inout Descent) {
        let origin = way.levels[top].place
        let effect = effect(of: move, from: origin)
        var place = Place()
        if let effect {
            place = origin.after(effect)
            if options.makesRememberedMoves, let difference = difference(of: move, from: place, &way) {
                found.whyIncomplete = difference
                return
            }
            if known.contains(place.word) { return }
        }
        guard known.count < options.stateLimit else {
            found.whyIncomplete = limitText
            return
        }
        if let effect, effect.extent == .moves, !way.levels[top].hasTimers {
            add(place)
            way.path.append(move)
            enterUnmade(after: effect, move, place, &way)
            return
        }
        makeMachine(&way)
        let fork = way.forks.take(isLast: !mayLeadFurther(way.levels[top], way))
        guard make(move, in: &fork.machine, from: origin, &place) else { return }
        way.path.append(move)
        if !enter(fork, place, &way) { way.path.removeLast() }
    }

    /// How the state that a move leads to differs from the one that was remembered; `nil` if it does not.
    private func difference(of move: Move, from place: Place, _ way: inout Descent) -> String? {
        makeMachine(&way)
        guard let fork = way.forks.last else { return nil }
        var (machine, own) = (fork.machine, [UInt64]())
        let stage = move.runner.flatMap { machine.backtrace(of: $0).last.map { "\($0)" } } ?? "\(move)"
        let reads = machine.reads(by: move, options.injections)
        _ = machine.perform(move, options.injections, turnLimit: options.turnLimit)
        let key = machine.stateKey(of: parts, keepsDigests: false, &own)
        if key == place.key { return nil }
        let parts = [
            key.tasks == place.key.tasks ? nil : "tasks", key.links == place.key.links ? nil : "what tasks name",
            key.shared == place.key.shared ? nil : "shared state",
        ]
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        return "\(text) of \(stage), which reads \(reads), after \(start.schedule(of: way.path + [move], options).text)"
    }

    /// Makes the machine of the last state again, if it has none.
    private func makeMachine(_ way: inout Descent) {
        guard way.forks.last == nil else { return }
        let path = way.path
        way.forks.makeLast(from: start, notesWrites: leavesOutMachines) { machine, place in
            _ = machine.perform(path[place], options.injections, turnLimit: options.turnLimit)
        }
    }

    /// Whether a move that is left may lead to a new state.
    private func mayLeadFurther(_ level: borrowing Level, _ way: borrowing Descent) -> Bool {
        for next in level.next..<level.end {
            let move = way.moves[next]
            guard let effect = effect(of: move, from: level.place), known.contains(level.place.after(effect).word)
            else { return true }
        }
        return false
    }

    /// Goes down to a new state, and returns whether to continue from there.
    @discardableResult
    private mutating func enter(_ fork: Fork, _ place: Place, _ way: inout Descent) -> Bool {
        let first = way.moves.count
        found.depth = max(found.depth, way.path.count)
        guard lookAround(in: &fork.machine, place, &way) else {
            way.moves.removeLast(way.moves.count - first)
            return false
        }
        stages.enter(made: fork.machine)
        way.forks.append(fork)
        way.levels.append(
            Level(
                place: place, first: first, next: first, end: way.moves.count, hasTimers: fork.machine.hasTimers))
        return true
    }

    /// Goes down to a new state that a known move of the last level leads to. No machine is made: the key and the moves
    /// follow from what the move does.
    private mutating func enterUnmade(after effect: StageEffect, _ move: Move, _ place: Place, _ way: inout Descent) {
        let first = way.moves.count
        found.depth = max(found.depth, way.path.count)
        stages.enter(after: effect, move)
        for (task, words) in stages.words.tasks.enumerated() where words.activity == .runs {
            way.moves.append(.step(TaskID(task)))
        }
        if options.completions == .all {
            for number in stages.words.requests.indices { way.moves.append(.finish(number)) }
        }
        way.forks.append(nil)
        way.levels.append(
            Level(place: place, first: first, next: first, end: way.moves.count, hasTimers: false))
        if way.moves.count == first {
            makeMachine(&way)
            if let fork = way.forks.last { _ = look(at: &fork.machine, way.moves[first...], .path(way.path)) }
        }
    }

    /// Adds the moves of a new state, and checks the state. It takes over the machine, which saves a copy.
    private mutating func lookAround(in machine: inout Machine, _ place: Place, _ way: inout Descent) -> Bool {
        let first = way.moves.count
        machine.addMoves(to: &way.moves, options, place.used)
        return look(at: &machine, way.moves[first...], .path(way.path))
    }
}
