import FaultCore

/// Tasks that can be exchanged without a visible difference: they have the same memory and are about to do the same
/// operations.
///
/// After each choice the search gives such tasks the numbers in the order of what they are by themselves. So two states
/// that differ only by exchanged tasks become one.
struct LikeTasks: Sendable {
    /// The groups of tasks that are alike, each in the order of their numbers.
    let groups: [[TaskID]]

    /// Whether no two tasks are alike.
    var isEmpty: Bool { groups.isEmpty }

    /// No tasks that are alike.
    init() { groups = [] }

    /// The tasks of a machine that are alike.
    ///
    /// There are none if an injection or a request refers to a task, or if a task is named where an exchange does not
    /// reach.
    ///
    /// Tasks that store are not alike. A page's content stamp is a hash of the stamp before and the number of the task
    /// that wrote (`Machine.stamp(after:writtenBy:)`). A number can't be replaced inside a hash, so that a machine whose
    /// tasks were exchanged would keep stamps of the old numbers, in pages, blocks, swap slots and outcomes. There are two
    /// ways out, and neither is taken:
    ///
    /// - Stamps whose writers can be read back, which ``Machine/exchange(_:_:)`` then changes everywhere. The order that
    ///   ``arrange(_:)`` gives tasks would have to depend neither on the stamps that they have seen nor on those that they
    ///   left, or few states would merge.
    /// - One number for all like tasks, as if they stored the same. Then two pages that two tasks wrote to in opposite
    ///   orders have the same contents as pages written to in the same order, although no exchange leads from one to the
    ///   other. A property that compares contents, and law 54, could hold with the reduction and not without.
    init(in machine: Machine, _ injections: [Injection]) {
        guard injections.isEmpty, machine.requestsUnderWay.isEmpty, machine.canExchangeTasks else {
            groups = []
            return
        }
        var groups: [[TaskID]] = []
        for task in machine.taskIndices.prefix(Arrangement.most).map({ TaskID($0) }) {
            let operations = machine.operationsToDo(by: task)
            guard machine.isRunnable(task.index), operations.allSatisfy(\.isSameForLikeTasks) else { continue }
            let like = groups.firstIndex { group in
                machine.stateHash(of: group[0]) == machine.stateHash(of: task)
                    && machine.lastOperation(of: group[0]) == machine.lastOperation(of: task)
            }
            if let like { groups[like].append(task) } else { groups.append([task]) }
        }
        // Another task may name one of them, by its number.
        let namesTasks = machine.taskIndices.contains { task in
            machine.operationsToDo(by: TaskID(task)).contains { $0.namesTask }
        }
        self.groups = namesTasks ? [] : groups.filter { $0.count > 1 }
    }

    /// All tasks that are like another one.
    var tasks: [TaskID] { groups.flatMap { $0 } }

    /// Gives the tasks of each group the numbers of the group in the order of what they are by themselves. Of two that
    /// are the same, the one that fell asleep first comes first.
    ///
    /// - Precondition: The digests of the tasks are current.
    /// - Returns: The new numbers.
    func arrange(_ machine: inout Machine) -> Arrangement {
        var arrangement = Arrangement()
        for group in groups {
            for first in group.indices.dropLast() {
                var least = first
                for other in group.indices[(first + 1)...] where comes(group[other], before: group[least], machine) {
                    least = other
                }
                if least != first, machine.exchange(group[first], group[least]) {
                    arrangement.exchange(group[first].index, group[least].index)
                }
            }
        }
        return arrangement
    }

    private func comes(_ task: TaskID, before other: TaskID, _ machine: borrowing Machine) -> Bool {
        let (one, two) = (machine.ownDigest(of: task), machine.ownDigest(of: other))
        return one != two ? one < two : machine.fellAsleepBefore(task, other)
    }
}

extension TaskOperation {
    /// Whether its effect does not depend on which of several like tasks does it. A store leaves the number of its task in the
    /// page; a fork and a pin make something that is named after its task.
    fileprivate var isSameForLikeTasks: Bool {
        switch self {
        case .touch(let access, _, _, _), .kernelTouch(let access, _, _): access != .write
        case .getUserPages(_, _, let flags): flags.isDisjoint(with: [.get, .pin])
        case .jump, .mmap, .munmap, .mprotect, .mprotectWithKey, .madvise, .mremap, .mlock, .mlock2, .munlock,
            .mlockAll, .munlockAll, .brk, .mincore, .msync, .read, .directRead, .truncate, .fsync, .dropCache,
            .readAhead,
            .adviseFile, .punchHole, .faultIn, .readProcMaps, .readRemoteMemory, .readProcMem, .sleep, .compute:
            true
        case .write, .writeProcMem, .fork, .exit, .exitGroup, .pinUserPages, .unpin, .swapOff, .setArchWords,
            .userfaultfd, .userfault, .kill:
            false
        }
    }

    /// Whether it names a task.
    fileprivate var namesTask: Bool {
        switch self {
        case .kill, .unpin: true
        default: false
        }
    }
}
