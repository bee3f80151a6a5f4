import FaultCore

/// A running exploration: the known states, and what was found.
struct Search {
    private let start: Machine
    private let options: Explorer.Options
    private let parts: StateKey.Parts
    private var found = Exploration()
    private var known = FingerprintSet()
    private var stages = StageMemory()
    private let remembersStages: Bool
    /// The word of each task's own state, in the state that was checked last.
    private var own: [UInt64] = []
    /// Breadth first: for each state the state before it and the move between them.
    private var tree: [Origin] = []

    private struct Origin: BitwiseCopyable {
        var state: UInt32
        var move: UInt32
    }

    init(from start: Machine, _ options: Explorer.Options) {
        self.start = start
        self.options = options
        parts = options.observesLocks ? options.keyParts.union(.lockCounters) : options.keyParts
        remembersStages = options.remembersStages && options.grain == .stage && options.keyParts == .all
    }

    /// What was found.
    func finish() -> Exploration {
        var found = found
        found.states = known.count
        found.bytes = known.bytes + stages.bytes + tree.count * MemoryLayout<Origin>.stride
        return found
    }

    /// What a state is recognized by.
    private struct Place: BitwiseCopyable {
        var used = InjectionCounts()
        var key = StateKey()

        /// A key, with how often injections have happened.
        func word(_ key: StateKey) -> UInt64 { Mixing.mix(key.word, used.word) }
    }

    /// Whether the state of `machine` is new. Sets `place` to what it is recognized by, and ``own`` to the words of the
    /// tasks.
    private mutating func isNew(_ machine: inout Machine, _ place: inout Place) -> Bool {
        place.key = machine.stateKey(of: parts, keepsDigests: options.keepsDigests, &own)
        return known.insert(place.word(place.key))
    }

    /// Whether the search knows, without making `move`, that it leads to a known state.
    ///
    /// - Parameters:
    ///   - place: The state in which it would be made.
    ///   - words: What the tasks are there.
    @inline(__always)
    private func leadsNowhere(_ move: Move, from place: Place, _ words: borrowing [UInt64], at first: Int) -> Bool {
        guard remembersStages, case .step(let task) = move else { return false }
        guard let next = stages.next(words[first + task.index], place.key) else { return false }
        return known.contains(place.word(next))
    }

    /// Makes a move, and returns whether it leads to a new state.
    ///
    /// - Parameters:
    ///   - origin: The state in which it is made.
    ///   - words: What the tasks are there.
    ///   - place: Set to the state that it leads to.
    private mutating func make(
        _ move: Move, in machine: inout Machine, from origin: Place, _ words: borrowing [UInt64], at first: Int,
        _ place: inout Place
    ) -> Bool {
        place.used = origin.used
        guard remembersStages, case .step(let task) = move else {
            guard machine.perform(move, options.injections, turnLimit: options.turnLimit) else {
                found.whyIncomplete = machine.endlessTurn(of: move, options.turnLimit)
                return false
            }
            if case .inject(let number) = move { place.used.count(number) }
            return isNew(&machine, &place)
        }
        machine.hasLookedAround = false
        _ = machine.step(task)
        let isNew = isNew(&machine, &place)
        if !machine.hasLookedAround {
            stages.keep(words[first + task.index], origin.key, own[task.index], place.key)
        }
        return isNew
    }

    private var limitText: String { "the stateLimit of \(options.stateLimit) is reached" }

    /// The path of the search to a state.
    private enum Trail {
        case path([Move])
        case state(UInt32)
    }

    private func schedule(_ trail: Trail) -> [Choice] {
        switch trail {
        case .path(let path): start.schedule(of: path, options)
        case .state(let state): start.schedule(of: moves(to: state), options)
        }
    }

    /// Checks a new state: its laws, and whether it is final.
    ///
    /// - Parameter moves: The possible moves.
    /// - Returns: Whether to continue from there.
    private mutating func look(
        at machine: inout Machine, _ moves: ArraySlice<Move>, _ trail: Trail
    ) -> Bool {
        if options.checksLaws {
            // The machine has the counts of the scan at the last state. At a final state everything is checked.
            let broken = machine.violations + (moves.isEmpty ? machine.checkInvariants() : machine.scanThoroughly())
            for violation in broken { found.add(violation, schedule(trail)) }
            if !broken.isEmpty { return false }
        }
        if case .inject? = moves.first {} else if !moves.isEmpty { return true }
        let sleepers = machine.stuck
        if sleepers.isEmpty || options.completions != .all {
            let text = options.observe(machine.notDriven)
            let way = found.texts.contains(text) ? [] : schedule(trail)
            found.add(outcome: text, way)
        } else {
            found.add(deadlock: sleepers, schedule(trail))
        }
        return true
    }

    // MARK: Depth first

    /// A machine that passes from one level to the next without a copy.
    private final class Fork {
        var machine: Machine

        init(_ machine: Machine) { self.machine = machine }
    }

    /// A state on the way down, with the moves that are left.
    private struct Level {
        /// The state; the last move takes it over.
        var fork: Fork?
        var place: Place
        var first: Int
        var next: Int
        var end: Int
        /// The index at which the words of its tasks begin.
        var words: Int
    }

    /// The way down.
    private struct Descent {
        var levels: [Level] = []
        var moves: [Move] = []
        var path: [Move] = []
        /// The words of the tasks' own states, level by level.
        var words: [UInt64] = []

        /// Leaves the last level.
        mutating func goUp() {
            let level = levels.removeLast()
            moves.removeLast(moves.count - level.first)
            words.removeLast(words.count - level.words)
            _ = path.popLast()
        }
    }

    mutating func goDeep() {
        var way = Descent()
        let first = Fork(start)
        var place = Place()
        if isNew(&first.machine, &place) { enter(first, place, &way) }
        while let top = way.levels.indices.last, found.isComplete {
            guard let move = nextMove(&way) else {
                way.goUp()
                continue
            }
            guard known.count < options.stateLimit else {
                found.whyIncomplete = limitText
                return
            }
            let level = way.levels[top]
            // The last move takes over the machine instead of copying it.
            guard var fork = level.fork else { continue }
            if level.next == level.end { way.levels[top].fork = nil } else { fork = Fork(fork.machine) }
            let isNew = make(move, in: &fork.machine, from: level.place, way.words, at: level.words, &place)
            guard isNew else { continue }
            way.path.append(move)
            if !enter(fork, place, &way) { way.path.removeLast() }
        }
    }

    /// Takes the next move of the last level that may lead to a new state, and counts the moves before and after it
    /// that don't.
    private mutating func nextMove(_ way: inout Descent) -> Move? {
        let level = way.levels[way.levels.count - 1]
        var next = level.next
        let first = indexOfNext(&next, level, way)
        found.transitions += next - level.next
        way.levels[way.levels.count - 1].next = next
        guard let first else { return nil }
        next += 1
        _ = indexOfNext(&next, level, way)
        found.transitions += next - first
        way.levels[way.levels.count - 1].next = next
        return way.moves[first]
    }

    /// Moves `next` to the first move from there on that may lead to a new state, or to the end.
    private func indexOfNext(_ next: inout Int, _ level: borrowing Level, _ way: borrowing Descent) -> Int? {
        while next < level.end {
            if !leadsNowhere(way.moves[next], from: level.place, way.words, at: level.words) { return next }
            next += 1
        }
        return nil
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
        let words = way.words.count
        way.words += own
        way.levels.append(
            Level(fork: fork, place: place, first: first, next: first, end: way.moves.count, words: words))
        return true
    }

    /// Adds the moves of a new state, and checks the state. It takes over the machine, which saves a copy.
    private mutating func lookAround(in machine: inout Machine, _ place: Place, _ way: inout Descent) -> Bool {
        let first = way.moves.count
        machine.addMoves(to: &way.moves, options, place.used)
        return look(at: &machine, way.moves[first...], .path(way.path))
    }

    // MARK: Breadth first

    /// A state whose moves have not been made.
    private struct Leaf {
        var machine: Machine
        var place: Place
        /// What its tasks are by themselves.
        var words: [UInt64]
        var state: UInt32
    }

    mutating func goWide() {
        var leaves: [Leaf] = []
        var first = start
        var place = Place()
        if isNew(&first, &place) { reach(first, place, Origin(state: 0, move: .max), &leaves) }
        var depth = 0
        var moves: [Move] = []
        while !leaves.isEmpty {
            found.depth = depth
            depth += 1
            var next: [Leaf] = []
            for leaf in leaves {
                moves.removeAll(keepingCapacity: true)
                leaf.machine.addMoves(to: &moves, options, leaf.place.used)
                for move in moves {
                    guard known.count < options.stateLimit else {
                        found.whyIncomplete = limitText
                        return
                    }
                    found.transitions += 1
                    if leadsNowhere(move, from: leaf.place, leaf.words, at: 0) { continue }
                    var machine = leaf.machine
                    guard make(move, in: &machine, from: leaf.place, leaf.words, at: 0, &place) else {
                        guard found.isComplete else { return }
                        continue
                    }
                    reach(machine, place, Origin(state: leaf.state, move: move.packed), &next)
                }
            }
            leaves = next
        }
    }

    /// Adds a new state to `leaves`, if the search continues from there.
    private mutating func reach(
        _ machine: consuming Machine, _ place: Place, _ origin: Origin, _ leaves: inout [Leaf]
    ) {
        let state = UInt32(tree.count)
        tree.append(origin)
        var moves: [Move] = []
        machine.addMoves(to: &moves, options, place.used)
        guard look(at: &machine, moves[...], .state(state)) else { return }
        leaves.append(Leaf(machine: machine, place: place, words: own, state: state))
    }

    /// The path from the start to a state.
    private func moves(to state: UInt32) -> [Move] {
        var moves: [Move] = []
        var state = Int(state)
        while tree[state].move != .max {
            moves.append(Move(packed: tree[state].move))
            state = Int(tree[state].state)
        }
        return moves.reversed()
    }
}
