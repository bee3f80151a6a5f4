import FaultCore

/// The order in which stages are tried alone: the stages whose trials have succeeded most often come first.
struct TrialOrder: Sendable {
    private struct Record: Sendable {
        var key: UInt64
        var tries: Int32 = 0
        var successes: Int32 = 0
    }

    /// The records by key, in a table of a fixed size. If two stages share an index, the newer one replaces the older.
    private var records = [Record](repeating: Record(key: 0), count: 1024)

    /// Moves the stages of tasks to the front, those that will more likely succeed first.
    ///
    /// - Returns: How many stages to try.
    mutating func arrange(_ moves: inout [Move], from first: Int, in machine: Machine, _ tasks: Int) -> Int {
        var stages: [(move: Move, score: Int32)] = []
        var others: [Move] = []
        for move in moves[first...] {
            if case .step(let task) = move, task.index < tasks {
                stages.append((move, score(of: key(of: task, in: machine))))
            } else {
                others.append(move)
            }
        }
        let sorted = stages.enumerated().sorted { a, b in
            a.element.score != b.element.score ? a.element.score > b.element.score : a.offset < b.offset
        }
        moves.removeLast(moves.count - first)
        moves += sorted.map(\.element.move)
        moves += others
        return stages.count
    }

    private func key(of task: TaskID, in machine: Machine) -> UInt64 {
        Mixing.mix(machine.nextStageNumber(of: task), UInt64(task.index)) | 1
    }

    private func score(of key: UInt64) -> Int32 {
        let record = records[Int(key >> 8 & 1023)]
        guard record.key == key else { return 500 }
        return (record.successes * 1000 + 500) / (record.tries + 1)
    }

    /// Whether a stage is very probably enough alone.
    func isLikely(_ key: UInt64) -> Bool { score(of: key) >= 800 }

    /// Records the result of a trial.
    mutating func note(_ key: UInt64, succeeded: Bool) {
        let place = Int(key >> 8 & 1023)
        if records[place].key != key { records[place] = Record(key: key) }
        records[place].tries += 1
        if succeeded { records[place].successes += 1 }
        if records[place].tries > 1_000_000 {
            records[place].tries /= 2
            records[place].successes /= 2
        }
    }

    /// The key of a move in a machine.
    func key(of move: Move, in machine: Machine) -> UInt64 {
        guard case .step(let task) = move else { return 0 }
        return key(of: task, in: machine)
    }
}
