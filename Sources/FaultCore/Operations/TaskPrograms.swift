/// The lists and programs of a machine's tasks: for each task, the one that it was given last.
///
/// A task runs one list or program at a time, and a new one replaces the old one. So no more than one per task is kept,
/// however many have been run.
struct TaskPrograms: Sendable {
    /// Which of the two kinds a task runs.
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// Neither: the task does single operations as they are started.
        case none
        /// A list of operations.
        case list
        /// A program that decides for itself.
        case program
    }

    /// The list of each task; empty for tasks that run none.
    private(set) var lists: [OperationList] = []
    /// The program of each task.
    private(set) var programs: [StartedProgram?] = []
    /// How many programs were ever started.
    private(set) var startedPrograms = 0

    /// Gives a task a list.
    mutating func give(_ operations: [TaskOperation], to task: TaskID) {
        makeRoom(for: task)
        lists[task.index] = OperationList(operations)
        programs[task.index] = nil
    }

    /// Gives a task a program.
    mutating func give(_ program: any TaskProgram, to task: TaskID) {
        makeRoom(for: task)
        startedPrograms += 1
        lists[task.index] = OperationList([])
        programs[task.index] = StartedProgram(
            program: program, number: startedPrograms, state: StateKind.ofPrograms(program))
    }

    /// Exchanges what two tasks run.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        if lists.isEmpty { return }
        makeRoom(for: a)
        makeRoom(for: b)
        lists.swapAt(a.index, b.index)
        programs.swapAt(a.index, b.index)
    }

    private mutating func makeRoom(for task: TaskID) {
        while lists.count <= task.index {
            lists.append(OperationList([]))
            programs.append(nil)
        }
    }
}

/// A program that a task runs.
struct StartedProgram: Sendable {
    let program: any TaskProgram
    /// Its number among all programs that were ever started, from 1.
    let number: Int
    /// What it remembers.
    let state: StateKind
}

/// Operations to be done one after the other.
struct OperationList: Sendable {
    let operations: [TaskOperation]
    /// For the fingerprint: at each number, a hash of the operations from that number on. The last is for no
    /// operations.
    private let digests: [UInt64]

    init(_ operations: [TaskOperation]) {
        self.operations = operations
        digests = operations.isEmpty ? [] : Self.digests(of: operations)
    }

    private static func digests(of operations: [TaskOperation]) -> [UInt64] {
        var digests = [UInt64](repeating: 0, count: operations.count + 1)
        var rest: UInt64 = 0
        for index in operations.indices.reversed() {
            var hash = HashSink()
            hash.add(rest)
            operations[index].add(to: &hash)
            rest = hash.value
            digests[index] = rest
        }
        return digests
    }

    /// A hash of the operations from number `next` on.
    func digest(from next: Int) -> UInt64 { next < digests.count ? digests[next] : 0 }
}
