import FaultCore

/// A machine that passes from one level of a depth-first search to the next without a copy.
final class Fork {
    var machine: Machine

    init(_ machine: Machine) { self.machine = machine }
}

/// The machines of the states on the way of a depth-first search. Some states have none: a move has taken it over, or it
/// was not made, because the move that led there is remembered.
struct Forks {
    private var forks: [Fork?] = []
    /// From this distance on, a machine is also kept halfway, where the next one will start.
    private static let farAway = 6

    /// Adds the machine of the next state.
    mutating func append(_ fork: Fork?) { forks.append(fork) }

    /// Removes that of the last state.
    mutating func removeLast() { forks.removeLast() }

    /// The machine of the last state; `nil` if it has none.
    var last: Fork? { forks[forks.count - 1] }

    /// Takes the machine of the last state for its next move. It must have one.
    ///
    /// - Parameter isLast: Whether the state needs it no more. Then the move takes it over, which saves a copy.
    mutating func take(isLast: Bool) -> Fork {
        guard let own = last else { misuse("Forks.take: the last state has no machine; make it first") }
        if isLast { forks[forks.count - 1] = nil }
        return isLast ? own : Fork(own.machine)
    }

    /// Makes the machine of the last state, from the last state before it that has one.
    ///
    /// - Parameters:
    ///   - start: The machine of the first state.
    ///   - notesWrites: Whether it notes writes. It does not while it is made.
    ///   - move: Makes the move that leads from a state of this number to the next.
    mutating func makeLast(from start: Machine, notesWrites: Bool, _ move: (inout Machine, Int) -> Void) {
        let top = forks.count - 1
        let first = forks.lastIndex { $0 != nil } ?? 0
        let fork = Fork(forks[first]?.machine ?? start)
        if notesWrites { fork.machine.notesWrites = false }
        let halfway = top - first < Self.farAway ? -1 : (first + top) / 2
        for place in first..<top {
            if place == halfway { forks[place] = Fork(fork.machine) }
            move(&fork.machine, place)
        }
        if notesWrites {
            fork.machine.notesWrites = true
            if halfway >= 0 { forks[halfway]?.machine.notesWrites = true }
        }
        forks[top] = fork
    }
}
