import FaultCore

/// For each state of a search: what all tasks except some can still do while these don't move.
///
/// If all choices of a state are made, this is each choice of the other tasks, and what can be done after it. If only
/// the next stages of some tasks are made, which commute with everything that the others can do, there are two cases.
/// If all of these tasks are among those that don't move, it is what can be done after any of these stages. Otherwise
/// it is those of these stages that belong to the other tasks, and what can be done after them.
struct Futures: Sendable {
    /// A choice of a task, made on trial: its next stage, the end of its request, or its timer.
    struct Trial: Sendable {
        var task: Int
        /// The number of its mark in ``FutureRows/marks``.
        var mark: UInt32
        /// What can be done after it, as a row; see ``FutureRows``.
        var next: UInt32
        /// Whether `next` is known.
        var isKnown: Bool
    }

    /// Only tasks with a number below this one are tried.
    let tasks: Int
    /// The distinct futures of states.
    private(set) var rows: FutureRows
    /// The largest number of tasks that are tried.
    static let mostTasks = 8
    private static let mostTasksInSets = 6

    init(tasks: Int) {
        self.tasks = min(Self.mostTasks, tasks)
        rows = FutureRows(tasks: self.tasks, hasAllSets: tasks <= Self.mostTasksInSets)
    }

    /// The task whose choices a choice is tried with; -1 if it is not tried.
    func owner(_ task: TaskID?) -> Int8 {
        guard let task, (0..<tasks).contains(task.index) else { return -1 }
        return Int8(task.index)
    }

    /// How many bytes it takes.
    var bytes: Int { rows.bytes }

    /// What can be done from a state, under new numbers of tasks; everything while that is not known.
    ///
    /// - Parameter row: The row of the state; see ``FutureTable``.
    mutating func row(_ row: UInt32, _ arrangement: Arrangement, _ places: [[Int]]) -> UInt32 {
        rows.renamed(row == FutureTable.unknown ? FutureRows.everything : row, arrangement, places)
    }

    /// The number of what a choice does.
    mutating func number(of mark: Footmark) -> UInt32 { rows.number(of: mark) }

    // MARK: Sums

    /// What can be done from a state at which only this trial is made; `nil` if it does not make all other choices
    /// unnecessary.
    mutating func sum(ofOnly trial: Trial) -> UInt32? {
        trial.isKnown ? rows.trial(trial.mark, by: trial.task, before: trial.next) : nil
    }

    /// The row of a state's choices so far, with one more choice of `task` and what can be done after it.
    mutating func sum(_ row: UInt32, adding mark: UInt32, by task: Int?, before next: UInt32) -> UInt32 {
        let added = rows.beginning(with: mark, by: task, before: next)
        return rows.union(row, added)
    }

    /// What can be done from a state at which only these trials are made.
    mutating func sum(of trials: ArraySlice<Trial>) -> UInt32 {
        guard let first = trials.first else { return FutureRows.nothing }
        if trials.count == 1 {
            return rows.beginning(with: first.mark, by: first.task, before: first.next, keepsOthers: true)
        }
        let movers = trials.reduce(0 as UInt32) { $0 | 1 << UInt32($1.task) }
        var row = FutureRows.nothing
        for trial in trials { row = sum(row, adding: trial.mark, by: trial.task, before: trial.next) }
        return rows.replacing(row, by: first.next, besideAllOf: movers)
    }

    // MARK: Sets that are enough

    /// Whether the choices of these tasks commute with everything that the others can do while none of these tasks moves.
    private func isEnough(_ set: UInt32, of trials: ArraySlice<Trial>, _ beside: Footmark) -> Bool {
        guard let place = rows.place(of: set) else { return false }
        for trial in trials where set >> UInt32(trial.task) & 1 == 1 {
            guard trial.isKnown else { return false }
            let mark = rows.marks[Int(trial.mark)]
            if mark.conflicts(with: beside) || mark.conflicts(with: rows.mark(trial.next, place)) {
                return false
            }
        }
        return true
    }

    /// The smallest set of tasks, that of the last trial among them, whose trials make all other choices unnecessary; `nil` if
    /// none does.
    ///
    /// - Parameter beside: Other choices that can be made before any of them, and may be impossible after it.
    func smallestSet(of trials: ArraySlice<Trial>, beside: Footmark) -> UInt32? {
        guard let last = trials.last else { return nil }
        let own: UInt32 = 1 << UInt32(last.task)
        if isEnough(own, of: trials, beside) { return own }
        let others = trials.reduce(0 as UInt32) { $0 | 1 << UInt32($1.task) } & ~own
        guard others != 0, rows.hasAllSets else { return nil }
        var best: UInt32?
        var some: UInt32 = 0
        repeat {
            some = (some &- others) & others
            let set = some | own
            if set.nonzeroBitCount < best?.nonzeroBitCount ?? .max, isEnough(set, of: trials, beside) { best = set }
        } while some != others
        return best
    }
}
