import FaultCore

/// A running exploration: the known states, and what was found.
struct Search {
    private(set) var start: Machine
    let options: Explorer.Options
    let parts: StateKey.Parts
    var found = Exploration()
    private(set) var known = FingerprintSet()
    var stages: StageMemory
    private let remembersStages: Bool
    /// Whether a state needs no machine if the move that leads there is remembered.
    let leavesOutMachines: Bool
    /// The word of each task's own state, in the state that was checked last.
    var own: [UInt64] = []
    /// Breadth first: for each state the state before it and the move between them.
    var tree: [Origin] = []

    struct Origin: BitwiseCopyable {
        var state: UInt32
        var move: UInt32
    }

    init(from start: Machine, _ options: Explorer.Options) {
        self.start = start
        self.options = options
        parts = options.observesLocks ? options.keyParts.union(.lockCounters) : options.keyParts
        remembersStages = options.remembersStages && options.grain == .stage && options.keyParts == .all
        leavesOutMachines =
            remembersStages && options.order == .depthFirst && options.injections.isEmpty && !options.checksLaws
            && options.completions != .unlessHeld
        stages = StageMemory(
            most: 1 << 13, from: start,
            StageMemory.Extent(usesReads: leavesOutMachines, includesMoves: leavesOutMachines))
        if leavesOutMachines { self.start.notesWrites = true }
    }

    /// What was found.
    func finish() -> Exploration {
        var found = found
        found.states = known.count
        found.bytes = known.bytes + stages.bytes + tree.count * MemoryLayout<Origin>.stride
        return found
    }

    /// What a state is recognized by.
    struct Place: BitwiseCopyable {
        var used = InjectionCounts()
        var key = StateKey()

        /// By what the state is recognized.
        var word: UInt64 { Mixing.mix(key.word, used.word) }

        /// The state that a stage leads to.
        func after(_ effect: StageEffect) -> Place { Place(used: used, key: effect.key(after: key)) }
    }

    /// Whether the state of `machine` is new. Sets `place` to what it is recognized by, and ``own`` to the words of the
    /// tasks.
    mutating func isNew(_ machine: inout Machine, _ place: inout Place) -> Bool {
        place.key = machine.stateKey(of: parts, keepsDigests: options.keepsDigests, &own)
        return known.insert(place.word)
    }

    /// What is known of the effect of a move in the state where the search is; `nil` if it has to be made.
    @inline(__always)
    func effect(of move: Move, from place: Place) -> StageEffect? {
        guard remembersStages else { return nil }
        switch move {
        case .step(let task): return stages.effect(ofStage: task.index, in: place.key)
        case .finish(let number): return stages.effect(ofRequest: number)
        default: return nil
        }
    }

    /// Makes a move, and returns whether it leads to a new state.
    ///
    /// - Parameters:
    ///   - origin: The state in which it is made.
    ///   - place: Set to the state that it leads to.
    mutating func make(
        _ move: Move, in machine: inout Machine, from origin: Place, _ place: inout Place
    ) -> Bool {
        place.used = origin.used
        guard remembersStages else {
            guard machine.perform(move, options.injections, turnLimit: options.turnLimit) else {
                found.whyIncomplete = machine.endlessTurn(of: move, options.turnLimit)
                return false
            }
            if case .inject(let number) = move { place.used.count(number) }
            return isNew(&machine, &place)
        }
        var reads = Footprint.everything
        if leavesOutMachines {
            reads = machine.reads(by: move, options.injections)
            _ = machine.takeWrites()
        }
        let reading = stages.look(move, reads, in: machine)
        machine.tasksLookedAt = TasksLookedAt()
        let requests = leavesOutMachines ? machine.requestsUnderWay : []
        _ = machine.perform(move, options.injections, turnLimit: options.turnLimit)
        if case .inject(let number) = move { place.used.count(number) }
        let isNew = isNew(&machine, &place)
        let writes = leavesOutMachines ? machine.takeWrites() : .nothing
        note(writes, from: origin, place, machine)
        stages.keep(move, from: origin.key, to: place.key, own, requests, in: machine, reading, writes)
        return isNew
    }

    /// Notes what a move has written, and what the tasks are then.
    mutating func note(_ writes: Footprint, from origin: Place, _ place: Place, _ machine: borrowing Machine) {
        var order = EveryChoice()
        stages.note(writes, own, links: place.key.links &- origin.key.links, in: machine, &order)
    }

    /// Adds a state to the known ones.
    mutating func add(_ place: Place) { _ = known.insert(place.word) }

    var limitText: String { "the stateLimit of \(options.stateLimit) is reached" }

    /// The path of the search to a state.
    enum Trail {
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
    mutating func look(
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
}
