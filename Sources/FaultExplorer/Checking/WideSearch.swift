import FaultCore

/// A breadth-first search: it visits all states one choice away, then two, so its schedules are the shortest. A level
/// is done in parts, on several cores if there are any. The results of the parts are merged in the order of their first
/// states, so the result does not depend on the number of cores.
struct WideSearch: Sendable {
    /// A state whose choices have not been made.
    struct Leaf: Sendable {
        var machine: Machine
        var used = InjectionCounts()
        /// Its number.
        var state: UInt32 = 0
        /// The task that ran last and could continue, if preemptions are counted.
        var running = TaskID.none
        /// How many preemptions are left.
        var left = 0
    }

    /// A newly found state.
    struct Found: Sendable {
        var word: UInt64
        var parent: UInt32
        var move: UInt32
        /// `nil` if there is nothing to do there.
        var leaf: Leaf?
        var complaint: Counterexample.Kind?
        var outcome: String?
    }

    /// The result of a part of a level.
    struct Part: Sendable {
        var found: [Found] = []
        /// How many choices were made.
        var transitions = 0
        var endlessTurn: String?
    }

    private struct Origin: BitwiseCopyable {
        var state: UInt32
        var move: UInt32
    }

    let start: Machine
    let judge: StateJudge
    /// How many preemptions a schedule may have; `nil` for any.
    let preemptions: Int?
    /// The only kind of violation that counts, if one is searched for.
    var sought: Counterexample.Kind?
    /// The largest length of schedules.
    var depthLimit: Int
    private(set) var coverage = Coverage()
    private(set) var stop: Verdict.Stop?
    private(set) var violation: (kind: Counterexample.Kind, moves: [Move])?
    private var known = FingerprintSet()
    private var tree: [Origin] = []
    private var leaves: [Leaf] = []
    private var outcomes = Exploration()

    init(from start: Machine, _ judge: StateJudge, preemptions: Int? = nil) {
        self.start = start
        self.judge = judge
        self.preemptions = preemptions
        depthLimit = judge.check.limits.depth
    }

    /// How many states a part of a level has.
    private static let partSize = 128

    /// Searches on one core.
    mutating func run() {
        begin()
        while goesOn {
            let batch = nextBatch()
            merge([expand(batch)])
            endBatch()
        }
    }

    /// Searches on several cores.
    mutating func run(cores: Int) async {
        begin()
        while goesOn {
            let batches = (0..<cores).map { _ in nextBatch() }.filter { !$0.isEmpty }
            let search = self
            let parts = await withTaskGroup(of: (Int, Part).self) { group in
                for (number, batch) in batches.enumerated() { group.addTask { (number, search.expand(batch)) } }
                var parts = [Part](repeating: Part(), count: batches.count)
                for await (number, part) in group { parts[number] = part }
                return parts
            }
            merge(parts)
            endBatch()
        }
    }

    // MARK: Levels

    /// Where the next part of the level begins.
    private var place = 0
    private var next: [Leaf] = []

    private var goesOn: Bool { stop == nil && violation == nil && !leaves.isEmpty }

    private mutating func begin() {
        var machine = start
        var own: [UInt64] = []
        let key = machine.stateKey(of: parts, keepsDigests: false, &own)
        _ = known.insert(Self.word(key, Leaf(machine: machine, left: preemptions ?? 0)))
        tree.append(Origin(state: 0, move: .max))
        var found = Found(word: 0, parent: 0, move: .max)
        look(at: Leaf(machine: machine, left: preemptions ?? 0), &found)
        note(found, state: 0)
        if let leaf = found.leaf { leaves = [leaf] }
    }

    private mutating func nextBatch() -> ArraySlice<Leaf> {
        let end = min(leaves.count, place + Self.partSize)
        defer { place = end }
        return leaves[place..<end]
    }

    /// Merges the results of parts.
    private mutating func merge(_ parts: [Part]) {
        for part in parts {
            for found in part.found {
                guard violation == nil, stop == nil else { return }
                guard known.insert(found.word) else { continue }
                let state = UInt32(tree.count)
                tree.append(Origin(state: found.parent, move: found.move))
                note(found, state: state)
                if var leaf = found.leaf {
                    leaf.state = state
                    next.append(leaf)
                }
                if known.count >= judge.options.stateLimit { stop = .states(judge.options.stateLimit) }
            }
            coverage.transitions += part.transitions
            if let text = part.endlessTurn, stop == nil { stop = .turn(text) }
        }
    }

    private mutating func note(_ found: Found, state: UInt32) {
        if let outcome = found.outcome {
            let way = outcomes.texts.contains(outcome) ? [] : start.schedule(of: moves(to: state), judge.options)
            outcomes.add(outcome: outcome, way)
        }
        guard let complaint = found.complaint, sought.map({ $0.isLike(complaint) }) ?? true else { return }
        violation = (complaint, moves(to: state))
    }

    /// Goes on to the next level if this one is done.
    private mutating func endBatch() {
        let check = judge.check
        check.progress(ScheduleCheck.Progress(states: known.count, depth: coverage.depth))
        if stop == nil, violation == nil {
            if check.shouldStop() { stop = .asked }
            let bytes = known.bytes + tree.count * 8 + (leaves.count + next.count) * start.estimatedForkBytes
            coverage.bytes = max(coverage.bytes, bytes)
            if bytes > check.limits.memory { stop = .memory(check.limits.memory) }
        }
        guard place == leaves.count, stop == nil, violation == nil else { return }
        place = 0
        leaves = next
        next = []
        if leaves.isEmpty { return }
        coverage.depth += 1
        if coverage.depth >= depthLimit { stop = .depth(depthLimit) }
    }

    /// What was tried.
    func finish() -> Coverage {
        var coverage = coverage
        coverage.states = known.count
        coverage.outcomes = outcomes.outcomes
        if violation != nil, !tree.isEmpty { coverage.depth = max(coverage.depth, violation!.moves.count) }
        return coverage
    }

    private func moves(to state: UInt32) -> [Move] {
        var moves: [Move] = []
        var state = Int(state)
        while tree[state].move != .max {
            moves.append(Move(packed: tree[state].move))
            state = Int(tree[state].state)
        }
        return moves.reversed()
    }

    // MARK: One state

    private var parts: StateKey.Parts { judge.options.keyParts }

    private static func word(_ key: StateKey, _ leaf: Leaf) -> UInt64 {
        let word = Mixing.mix(key.word, leaf.used.word)
        guard leaf.running != .none || leaf.left != 0 else { return word }
        return Mixing.mix(word, UInt64(UInt32(bitPattern: leaf.running.rawValue)) << 32 | UInt64(leaf.left))
    }

    /// Makes all choices of some states.
    private func expand(_ leaves: ArraySlice<Leaf>) -> Part {
        var part = Part()
        var moves: [Move] = []
        var own: [UInt64] = []
        var local = FingerprintSet()
        for leaf in leaves {
            moves.removeAll(keepingCapacity: true)
            leaf.machine.addMoves(to: &moves, judge.options, leaf.used)
            for move in moves {
                guard var next = after(move, leaf) else { continue }
                part.transitions += 1
                guard next.machine.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit) else {
                    part.endlessTurn = next.machine.endlessTurn(of: move, judge.options.turnLimit)
                    continue
                }
                if case .inject(let number) = move { next.used.count(number) }
                if next.running != .none, !next.machine.isRunnable(next.running.index) { next.running = .none }
                let word = Self.word(next.machine.stateKey(of: parts, keepsDigests: true, &own), next)
                guard !known.contains(word), local.insert(word) else { continue }
                var found = Found(word: word, parent: leaf.state, move: move.packed)
                look(at: next, &found)
                part.found.append(found)
            }
        }
        return part
    }

    /// The state after a choice; `nil` if that is one preemption too many.
    private func after(_ move: Move, _ leaf: Leaf) -> Leaf? {
        guard preemptions != nil, let task = move.runner else { return leaf }
        var next = leaf
        next.running = task
        if leaf.running != .none, leaf.running != task {
            guard leaf.left > 0 else { return nil }
            next.left -= 1
        }
        return next
    }

    private func look(at leaf: Leaf, _ found: inout Found) {
        var moves: [Move] = []
        leaf.machine.addMoves(to: &moves, judge.options, leaf.used)
        found.complaint = judge.complaint(at: leaf.machine)
        if found.complaint == nil, StateJudge.isFinal(first: moves.first) {
            (found.complaint, found.outcome) = judge.judgement(atEnd: leaf.machine)
        }
        if !moves.isEmpty, found.complaint == nil || sought != nil { found.leaf = leaf }
    }
}

extension Machine {
    /// A rough estimate of the bytes of a copy that has done a few stages: the part that it does not share with the
    /// original.
    var estimatedForkBytes: Int { 6_000 + 700 * taskIndices.count }
}
