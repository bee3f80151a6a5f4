/// An exploration under way: the states that are known, and what was found.
struct Search {
    private let options: Explorer.Options
    private let parts: Explorer.KeyParts
    private var found = Exploration()
    private var known = FingerprintSet()
    /// Breadth first: for each state the state before it and the choice between them.
    private var tree: [Origin] = []

    private struct Origin: BitwiseCopyable {
        var state: UInt32
        var choice: UInt32
    }

    init(_ options: Explorer.Options) {
        self.options = options
        parts = options.observesLocks ? options.keyParts.union(.lockCounters) : options.keyParts
    }

    /// What was found.
    func finish() -> Exploration {
        var found = found
        found.states = known.count
        found.bytes = known.bytes + tree.count * MemoryLayout<Origin>.stride
        return found
    }

    /// Whether the state of `machine` is new.
    private mutating func isNew(_ machine: inout Machine, _ used: InjectionCounts) -> Bool {
        known.insert(Mixing.mix(machine.explorationKey(parts, keepsDigests: options.keepsDigests), used.word))
    }

    /// How the search came to a state.
    private enum Trail {
        case path([Choice])
        case state(UInt32)
    }

    private func schedule(_ trail: Trail) -> [Choice] {
        switch trail {
        case .path(let path): path
        case .state(let state): schedule(to: state)
        }
    }

    /// Looks at a new state: its laws, and whether it is final.
    ///
    /// - Parameter choices: What can happen there.
    /// - Returns: Whether to go on from there.
    private mutating func look(
        at machine: borrowing Machine, _ choices: ArraySlice<Choice>, _ trail: Trail
    ) -> Bool {
        if options.checksLaws {
            let broken = machine.violations + machine.checkInvariants()
            for violation in broken { found.add(violation, schedule(trail)) }
            if !broken.isEmpty { return false }
        }
        if case .inject? = choices.first {} else if !choices.isEmpty { return true }
        let sleepers = machine.waitLinks
        if sleepers.isEmpty || options.completions != .all {
            let text = options.observe(machine)
            let way = found.texts.contains(text) ? [] : schedule(trail)
            found.add(outcome: text, way)
        } else {
            found.add(deadlock: sleepers, schedule(trail))
        }
        return true
    }

    // MARK: Depth first

    /// A state on the way down, with the choices that are left.
    private struct Level {
        var machine: Machine?
        var used: InjectionCounts
        var first: Int
        var next: Int
        var end: Int
    }

    mutating func goDeep(from start: Machine) {
        var levels: [Level] = []
        var choices: [Choice] = []
        var path: [Choice] = []
        var first = start
        if isNew(&first, InjectionCounts()) { enter(first, InjectionCounts(), &levels, &choices, path) }
        while let top = levels.indices.last {
            guard levels[top].next < levels[top].end else {
                choices.removeLast(choices.count - levels[top].first)
                levels.removeLast()
                _ = path.popLast()
                continue
            }
            guard known.count < options.stateLimit else {
                found.isComplete = false
                return
            }
            let choice = choices[levels[top].next]
            levels[top].next += 1
            var used = levels[top].used
            // The last choice takes the machine along instead of forking it.
            let isLast = levels[top].next == levels[top].end
            guard var machine = isLast ? levels[top].machine.take() : levels[top].machine else { continue }
            found.transitions += 1
            _ = machine.perform(choice, options.injections)
            if case .inject(let number) = choice { used.count(number) }
            guard isNew(&machine, used) else { continue }
            path.append(choice)
            if !enter(machine, used, &levels, &choices, path) { path.removeLast() }
        }
    }

    /// Goes down to a state that is new, and answers whether to go on from there.
    @discardableResult
    private mutating func enter(
        _ machine: consuming Machine, _ used: InjectionCounts, _ levels: inout [Level], _ choices: inout [Choice],
        _ path: [Choice]
    ) -> Bool {
        let first = choices.count
        machine.addChoices(to: &choices, options, used)
        found.depth = max(found.depth, path.count)
        guard look(at: machine, choices[first...], .path(path)) else {
            choices.removeLast(choices.count - first)
            return false
        }
        levels.append(Level(machine: machine, used: used, first: first, next: first, end: choices.count))
        return true
    }

    // MARK: Breadth first

    /// A state whose choices have not been made.
    private struct Leaf {
        var machine: Machine
        var used: InjectionCounts
        var state: UInt32
    }

    mutating func goWide(from start: Machine) {
        var leaves: [Leaf] = []
        reach(start, InjectionCounts(), Origin(state: 0, choice: .max), &leaves)
        var depth = 0
        var choices: [Choice] = []
        while !leaves.isEmpty {
            found.depth = depth
            depth += 1
            var next: [Leaf] = []
            for leaf in leaves {
                choices.removeAll(keepingCapacity: true)
                leaf.machine.addChoices(to: &choices, options, leaf.used)
                for choice in choices {
                    guard known.count < options.stateLimit else {
                        found.isComplete = false
                        return
                    }
                    var machine = leaf.machine
                    var used = leaf.used
                    found.transitions += 1
                    _ = machine.perform(choice, options.injections)
                    if case .inject(let number) = choice { used.count(number) }
                    reach(machine, used, Origin(state: leaf.state, choice: choice.packed), &next)
                }
            }
            leaves = next
        }
    }

    private mutating func reach(
        _ reached: consuming Machine, _ used: InjectionCounts, _ origin: Origin, _ leaves: inout [Leaf]
    ) {
        var machine = reached
        guard isNew(&machine, used) else { return }
        let state = UInt32(tree.count)
        tree.append(origin)
        var choices: [Choice] = []
        machine.addChoices(to: &choices, options, used)
        guard look(at: machine, choices[...], .state(state)) else { return }
        leaves.append(Leaf(machine: machine, used: used, state: state))
    }

    /// The way from the start to a state.
    private func schedule(to state: UInt32) -> [Choice] {
        var schedule: [Choice] = []
        var state = Int(state)
        while tree[state].choice != .max {
            schedule.append(Choice(packed: tree[state].choice))
            state = Int(tree[state].state)
        }
        return schedule.reversed()
    }
}
