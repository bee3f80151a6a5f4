import FaultCore

/// For each state of a search: what all tasks except some can still do while these don't move.
///
/// If all choices of a state are made, this is each choice of the other tasks, and what can be done after it. If only
/// the next stages of some tasks are made, which commute with everything that the others can do, there are two cases.
/// If all of these tasks are among those that don't move, it is what can be done after any of these stages. Otherwise
/// it is those of these stages that belong to the other tasks, and what can be done after them.
struct Futures: Sendable {
    /// The next stage of a task, made on trial.
    struct Trial: Sendable {
        var task: Int
        var mark: Footmark
        /// The state that it led to.
        var state: Int
    }

    /// Only tasks with a number below this one are tried.
    let tasks: Int
    /// The sets of tasks that don't move, a bit for each task: all sets if there are few tasks, otherwise each task
    /// alone.
    let sets: [UInt32]
    /// The distinct marks, by number. Number 0 means everything, for an unknown future.
    private var marks: [Footmark] = [.everything]
    /// The indexes of marks in `marks`, by hash; 0 for none.
    private var slots = [UInt32](repeating: 0, count: 1024)
    /// The number of the mark of each state and set.
    private var numbers: [UInt32] = []
    private var known: [Bool] = []

    private static let mostTasks = 8
    private static let mostTasksInSets = 4

    init(tasks: Int) {
        self.tasks = min(Self.mostTasks, tasks)
        let isSmall = tasks <= Self.mostTasksInSets
        sets = isSmall ? (1..<UInt32(1 << tasks)).map { $0 } : (0..<UInt32(self.tasks)).map { 1 << $0 }
    }

    /// How many bytes it takes.
    var bytes: Int { numbers.count * 4 + known.count + marks.count * MemoryLayout<Footmark>.stride + slots.count * 4 }

    /// Makes room for one more state.
    mutating func addState() {
        numbers += repeatElement(0, count: sets.count)
        known.append(false)
    }

    /// Whether the future of a state is known.
    func isKnown(_ state: Int) -> Bool { known[state] }

    /// What all tasks except those of the set at this index can do from a state.
    subscript(state: Int, place: Int) -> Footmark { marks[Int(numbers[state * sets.count + place])] }

    /// Stores what can be done from a state, for each set.
    mutating func set(_ sums: ArraySlice<Footmark>, of state: Int) {
        for (place, mark) in sums.prefix(sets.count).enumerated() {
            numbers[state * sets.count + place] = number(of: mark)
        }
        known[state] = true
    }

    private static func hash(of mark: Footmark) -> Int {
        let word = Mixing.mix(
            Mixing.mix(mark.reads[0], mark.reads[1]), Mixing.mix(mark.writes[0], mark.writes[1]))
        return Int(truncatingIfNeeded: word >> 8)
    }

    private mutating func number(of mark: Footmark) -> UInt32 {
        if mark == .everything { return 0 }
        var slot = Self.hash(of: mark) & (slots.count - 1)
        while slots[slot] != 0 {
            if marks[Int(slots[slot])] == mark { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = UInt32(marks.count)
        marks.append(mark)
        if marks.count * 2 > slots.count { grow() }
        return UInt32(marks.count - 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for number in 1..<marks.count {
            var slot = Self.hash(of: marks[number]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number)
        }
    }

    // MARK: Sets that are enough

    private func place(of set: UInt32) -> Int? {
        if sets.count == Int((1 as UInt32) << UInt32(tasks)) - 1 { return Int(set) - 1 }
        return sets.firstIndex(of: set)
    }

    /// Whether these stages commute with everything that the others can do while none of these tasks moves.
    private func isEnough(_ trials: [Trial]) -> Bool {
        let set = trials.reduce(0 as UInt32) { $0 | 1 << UInt32($1.task) }
        guard let place = place(of: set) else { return false }
        return trials.allSatisfy { known[$0.state] && !$0.mark.conflicts(with: self[$0.state, place]) }
    }

    /// The smallest set of trials that includes the last one and makes all other choices unnecessary; `nil` if there is
    /// none.
    func smallestSet(of trials: [Trial]) -> [Trial]? {
        guard let last = trials.last else { return nil }
        if isEnough([last]) { return [last] }
        let others = trials.count - 1
        guard others > 0, others < Self.mostTasksInSets else { return nil }
        var best: [Trial]?
        for choice in 1..<(1 << others) {
            let some = (0..<others).filter { choice >> $0 & 1 == 1 }.map { trials[$0] } + [last]
            if some.count < best?.count ?? .max, isEnough(some) { best = some }
        }
        return best
    }

    /// What the tasks outside of a set can do from a state at which only these trials are made.
    func future(beside place: Int, after trials: [Trial]) -> Footmark {
        let movers = trials.filter { sets[place] >> UInt32($0.task) & 1 == 0 }
        guard !movers.isEmpty else { return self[trials[0].state, place] }
        var all = Footmark()
        for trial in movers {
            all.formUnion(trial.mark)
            all.formUnion(self[trial.state, place])
        }
        return all
    }
}
