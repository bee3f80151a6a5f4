import FaultCore

/// Two tasks that can be exchanged without a visible difference: they have the same memory and are about to do the same
/// operation.
struct LikeTasks: Sendable {
    /// The one that begins first.
    let earlier: TaskID
    /// The one that begins later.
    let later: TaskID
    /// The state of the earlier task while it has not begun.
    let unbegun: UInt64

    /// The pairs of tasks that are alike, each task with the last such task before it.
    ///
    /// There are none if a signal, a request or an injection refers to one of the tasks.
    static func pairs(in machine: Machine, _ injections: [Injection]) -> [LikeTasks] {
        guard injections.isEmpty, machine.requestsUnderWay.isEmpty else { return [] }
        let tasks = machine.taskIndices.map { TaskID($0) }
        let namesTasks = tasks.contains { if case .kill = machine.lastOperation(of: $0) { true } else { false } }
        guard !namesTasks else { return [] }
        var copy = machine
        var own: [UInt64] = []
        _ = copy.stateKey(of: .all, keepsDigests: false, &own)
        var pairs: [LikeTasks] = []
        for later in tasks where machine.isRunnable(later.index) {
            let like = tasks[..<later.index].last {
                machine.isRunnable($0.index) && machine.ownNumber(of: $0) == machine.ownNumber(of: later)
                    && machine.lastOperation(of: $0) == machine.lastOperation(of: later)
            }
            if let like { pairs.append(LikeTasks(earlier: like, later: later, unbegun: own[like.index])) }
        }
        return pairs
    }

    /// Whether a task is postponed, because one that is like it has not begun.
    static func isLeftOut(_ task: TaskID, _ pairs: [LikeTasks], _ own: [UInt64]) -> Bool {
        pairs.contains { $0.later == task && own[$0.earlier.index] == $0.unbegun }
    }
}
