import FaultCore

/// A search for endless schedules: cycles that return to the same state, except for counters.
///
/// A cycle counts only if it is fair: every party (each task, the devices, the timers) that can move at all of its
/// states does move in it. A cycle that keeps one of them from running forever is a fault of the scheduler. A strongly
/// connected component has a fair cycle if each party that can move at all of its states moves between two of them.
///
/// With a goal, the search stops at states where the goal holds, and final states without it count as well.
struct CycleSearch {
    struct Found {
        var kind: Counterexample.Kind
        var stem: [Move]
        var cycle: [Move]
    }

    private struct Edge: BitwiseCopyable {
        var target: UInt32
        var move: UInt32
        var ends: Bool
    }

    private let start: Machine
    private let judge: StateJudge
    private let goal: Property?
    private(set) var violation: Found?
    private(set) var stop: Verdict.Stop?
    private var states = StateTable()
    private var edges: [Edge] = []
    /// The range of edges of each state.
    private var ranges: [Range<UInt32>] = []
    /// The parties that can move at each state.
    private var able: [UInt64] = []
    /// Which tasks have an operation under way at each state.
    private var busy: [UInt64] = []

    init(from start: Machine, _ judge: StateJudge, _ goal: Property?) {
        var start = start
        // With laws on, what they remember would make the rounds of a cycle different states.
        start.isChecking = false
        start.drive()
        self.start = start
        self.judge = judge
        self.goal = goal
    }

    /// How many bytes were kept.
    var bytes: Int { states.bytes + edges.count * MemoryLayout<Edge>.stride + ranges.count * 24 }

    mutating func run() {
        build()
        guard stop == nil, violation == nil else { return }
        findRound()
    }

    // MARK: The graph

    private static func bit(of move: Move) -> UInt64 {
        switch move {
        case .step(let task), .run(let task): 1 << UInt64(min(task.index, 55))
        case .finish: 1 << 60
        case .expire: 1 << 61
        case .inject: 0
        }
    }

    private var meetsGoal: (@Sendable (Machine) -> Bool)? {
        if case .eventually(let holds)? = goal?.kind { holds } else { nil }
    }

    private mutating func number(of machine: inout Machine, _ used: InjectionCounts) -> (number: Int, isNew: Bool) {
        var own: [UInt64] = []
        let key = machine.stateKey(of: [.memory, .running], keepsDigests: true, &own)
        return states.number(of: Mixing.mix(key.word, used.word))
    }

    private mutating func build() {
        var first = start
        var open: [(machine: Machine, used: InjectionCounts, state: Int)] = []
        let (state, _) = number(of: &first, InjectionCounts())
        open.append((first, InjectionCounts(), state))
        var moves: [Move] = []
        while let (machine, used, state) = open.popLast() {
            while ranges.count <= state {
                ranges.append(0..<0)
                able.append(0)
                busy.append(0)
            }
            let begin = UInt32(edges.count)
            moves.removeAll(keepingCapacity: true)
            machine.addMoves(to: &moves, judge.options, used)
            if let meetsGoal {
                if meetsGoal(machine) { continue }
                if StateJudge.isFinal(first: moves.first) {
                    while isMissed.count <= state { isMissed.append(false) }
                    isMissed[state] = true
                }
            }
            for task in machine.taskIndices where machine.hasOperation(TaskID(task)) {
                busy[state] |= 1 << UInt64(min(task, 55))
            }
            for move in moves {
                var next = machine
                guard next.perform(move, judge.options.injections, turnLimit: judge.options.turnLimit) else {
                    stop = .turn(next.endlessTurn(of: move, judge.options.turnLimit))
                    return
                }
                var nextUsed = used
                if case .inject(let number) = move { nextUsed.count(number) }
                let ends =
                    move.runner.map {
                        !next.hasOperation($0) || next.operationsBegun(by: $0) != machine.operationsBegun(by: $0)
                    } ?? false
                let (target, isNew) = number(of: &next, nextUsed)
                edges.append(Edge(target: UInt32(target), move: move.packed, ends: ends))
                able[state] |= Self.bit(of: move)
                if isNew { open.append((next, nextUsed, target)) }
            }
            ranges[state] = begin..<UInt32(edges.count)
            guard states.count < judge.options.stateLimit else {
                stop = .states(judge.options.stateLimit)
                return
            }
            if states.count & 1023 == 0 {
                if judge.check.shouldStop() { stop = .asked }
                if bytes + open.count * start.estimatedForkBytes > judge.check.limits.memory {
                    stop = .memory(judge.check.limits.memory)
                }
                if stop != nil { return }
            }
        }
        if let name = goal?.name, !isMissed.isEmpty,
            let (_, way) = path(
                from: 0, within: nil, to: { state, _ in Int(state) < isMissed.count && isMissed[Int(state)] })
        {
            violation = Found(kind: .never(name), stem: way, cycle: [])
        }
    }

    /// Which states are final and do not reach the goal.
    private var isMissed: [Bool] = []

    /// The shortest path from a state to a given state or over a given edge, through states of one component or of all.
    private func path(
        from first: UInt32, within: (component: UInt32, of: [UInt32])?, to isMeant: (UInt32, Edge?) -> Bool
    ) -> (end: UInt32, moves: [Move])? {
        if isMeant(first, nil) { return (first, []) }
        var before = [UInt32](repeating: .max, count: states.count)
        var by = [UInt32](repeating: 0, count: states.count)
        var queue: [UInt32] = [first]
        var place = 0
        func way(to state: UInt32) -> [Move] {
            var moves: [Move] = []
            var state = state
            while state != first {
                moves.append(Move(packed: by[Int(state)]))
                state = before[Int(state)]
            }
            return moves.reversed()
        }
        while place < queue.count {
            let state = queue[place]
            place += 1
            for edge in edges[Int(ranges[Int(state)].lowerBound)..<Int(ranges[Int(state)].upperBound)] {
                if let within, within.of[Int(edge.target)] != within.component { continue }
                if isMeant(edge.target, edge) { return (edge.target, way(to: state) + [Move(packed: edge.move)]) }
                guard edge.target != first, before[Int(edge.target)] == .max else { continue }
                before[Int(edge.target)] = state
                by[Int(edge.target)] = edge.move
                queue.append(edge.target)
            }
        }
        return nil
    }

    // MARK: Rounds

    /// The strongly connected component of each state. Tarjan's algorithm, without recursion.
    private func components() -> [UInt32] {
        var component = [UInt32](repeating: .max, count: states.count)
        var low = [UInt32](repeating: .max, count: states.count)
        var index = [UInt32](repeating: .max, count: states.count)
        var isOpen = [Bool](repeating: false, count: states.count)
        var open: [UInt32] = []
        var calls: [(state: UInt32, edge: UInt32)] = []
        var next: UInt32 = 0
        func begin(_ state: UInt32) {
            index[Int(state)] = next
            low[Int(state)] = next
            next += 1
            open.append(state)
            isOpen[Int(state)] = true
            calls.append((state, ranges[Int(state)].lowerBound))
        }
        begin(0)
        while let (state, edge) = calls.last {
            if edge < ranges[Int(state)].upperBound {
                calls[calls.count - 1].edge += 1
                let target = edges[Int(edge)].target
                if index[Int(target)] == .max {
                    begin(target)
                } else if isOpen[Int(target)] {
                    low[Int(state)] = min(low[Int(state)], index[Int(target)])
                }
                continue
            }
            calls.removeLast()
            if let (caller, _) = calls.last { low[Int(caller)] = min(low[Int(caller)], low[Int(state)]) }
            guard low[Int(state)] == index[Int(state)] else { continue }
            while let member = open.popLast() {
                isOpen[Int(member)] = false
                component[Int(member)] = state
                if member == state { break }
            }
        }
        return component
    }

    /// A summary of a component, over its states and its inner edges.
    private struct Summary {
        var alwaysAble = UInt64.max
        var movers: UInt64 = 0
        var enders: UInt64 = 0
        var alwaysBusy = UInt64.max
        var hasEdges = false
    }

    private mutating func findRound() {
        while ranges.count < states.count { ranges.append(0..<0) }
        let component = components()
        var summaries = [UInt32: Summary]()
        for state in component.indices where component[state] != .max {
            var summary = summaries[component[state]] ?? Summary()
            if state < able.count {
                summary.alwaysAble &= able[state]
                summary.alwaysBusy &= busy[state]
            }
            for edge in edges[Int(ranges[state].lowerBound)..<Int(ranges[state].upperBound)]
            where component[Int(edge.target)] == component[state] {
                summary.hasEdges = true
                summary.movers |= Self.bit(of: Move(packed: edge.move))
                if edge.ends { summary.enders |= Self.bit(of: Move(packed: edge.move)) }
            }
            summaries[component[state]] = summary
        }
        func isBad(_ state: UInt32) -> Bool {
            guard component[Int(state)] != .max, let summary = summaries[component[Int(state)]] else { return false }
            guard summary.hasEdges, summary.alwaysAble & ~summary.movers == 0 else { return false }
            return goal != nil || summary.alwaysBusy & ~summary.enders != 0
        }
        guard let (entry, stem) = path(from: 0, within: nil, to: { state, _ in isBad(state) }),
            let summary = summaries[component[Int(entry)]]
        else { return }
        violation = Found(
            kind: kind(of: summary), stem: stem,
            cycle: round(from: entry, component[Int(entry)], component, summary))
    }

    private func kind(of summary: Summary) -> Counterexample.Kind {
        if let goal { return .never(goal.name) }
        let stuck = summary.alwaysBusy & ~summary.enders
        func tasks(_ bits: UInt64) -> [TaskID] { (0..<56).filter { bits >> UInt64($0) & 1 == 1 }.map { TaskID($0) } }
        return summary.enders == 0 ? .livelock(tasks(stuck & summary.movers)) : .starvation(tasks(stuck))
    }

    /// A cycle from a state back to it. Every party that can move at all of its states moves in it.
    private func round(
        from entry: UInt32, _ number: UInt32, _ component: [UInt32], _ summary: Summary
    ) -> [Move] {
        var moves: [Move] = []
        var place = entry
        var left = summary.alwaysAble & summary.movers
        while left != 0 {
            let bit: UInt64 = left & (~left + 1)
            left &= ~bit
            if moves.contains(where: { Self.bit(of: $0) == bit }) { continue }
            guard
                let (end, way) = path(
                    from: place, within: (number, component),
                    to: { _, edge in edge.map { Self.bit(of: Move(packed: $0.move)) == bit } ?? false })
            else { continue }
            moves += way
            place = end
        }
        if let (_, way) = path(
            from: place, within: (number, component), to: { state, edge in edge != nil && state == entry }),
            place != entry || moves.isEmpty
        {
            moves += way
        }
        return moves
    }
}
