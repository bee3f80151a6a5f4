import FaultCore

/// Which task's stage is tried alone first: that of which trials went best so far.
struct TrialOrder: Sendable {
    private struct Record: Sendable {
        var key: UInt64
        var tries: Int32 = 0
        var successes: Int32 = 0
    }

    /// By key, in a table of a fixed size; of two stages that share a place the newer has it.
    private var records = [Record](repeating: Record(key: 0), count: 1024)

    /// Scores of the stages that are put in order.
    private var scores: [Int32] = []

    /// Puts the stages of tasks first, those before the others that will more likely do.
    ///
    /// - Returns: How many stages are to be tried.
    mutating func arrange(_ moves: inout [Move], from first: Int, in machine: Machine, _ tasks: Int) -> Int {
        scores.removeAll(keepingCapacity: true)
        // Stages come first among moves, by task.
        for move in moves[first...] {
            guard case .step(let task) = move, task.index < tasks else { break }
            scores.append(score(of: key(of: task, in: machine)))
        }
        guard scores.count > 1 else { return scores.count }
        for end in 1..<scores.count {
            var place = end
            while place > 0, scores[place - 1] < scores[place] {
                scores.swapAt(place - 1, place)
                moves.swapAt(first + place - 1, first + place)
                place -= 1
            }
        }
        return scores.count
    }

    private func key(of task: TaskID, in machine: Machine) -> UInt64 {
        Mixing.mix(machine.nextStageNumber(of: task), UInt64(task.index)) | 1
    }

    private func score(of key: UInt64) -> Int32 {
        let record = records[Int(key >> 8 & 1023)]
        guard record.key == key else { return 500 }
        return (record.successes * 1000 + 500) / (record.tries + 1)
    }

    /// Whether a stage will do alone more likely than not, by far.
    func isLikely(_ key: UInt64) -> Bool { score(of: key) >= 800 }

    /// Keeps how a trial went.
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
