import FaultCore

/// The breadth-first search.
extension Search {
    /// A state whose moves have not been made.
    private struct Leaf {
        var machine: Machine
        var place: Place
        /// What its tasks are by themselves.
        var words: [UInt64]
        var state: UInt32
    }

    /// Visits all states breadth first.
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
                own = leaf.words
                note(.nothing, from: Place(), leaf.place, leaf.machine)
                stages.enter(made: leaf.machine)
                defer { stages.leave() }
                for move in moves {
                    guard known.count < options.stateLimit else {
                        found.whyIncomplete = limitText
                        return
                    }
                    found.transitions += 1
                    if let effect = effect(of: move, from: leaf.place),
                        known.contains(leaf.place.after(effect).word)
                    {
                        continue
                    }
                    var machine = leaf.machine
                    guard make(move, in: &machine, from: leaf.place, &place) else {
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
    func moves(to state: UInt32) -> [Move] {
        var moves: [Move] = []
        var state = Int(state)
        while tree[state].move != .max {
            moves.append(Move(packed: tree[state].move))
            state = Int(tree[state].state)
        }
        return moves.reversed()
    }
}
