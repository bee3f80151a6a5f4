import FaultCore

/// The order in which the choices of tasks are tried alone: the tasks whose trials have succeeded most often come first.
struct TrialOrder: ChoiceOrder, Sendable {
    /// The number of a choice of a task, among all choices that have occurred. All choices beyond the largest number share
    /// it, which only costs time.
    typealias Key = UInt16

    private struct Record: Sendable {
        var word: UInt64
        var tries: Int32 = 0
        var successes: Int32 = 0
    }

    /// The records by the words of keys, in a table of a fixed size. If two stages share an index, the newer one replaces the older.
    private var records = [Record](repeating: Record(word: 0), count: 1024)

    /// The words of keys, by key.
    private var words: [UInt64] = []
    private var keysByHash = NumbersByHash()

    /// Tasks that are alike: their choices have the same number.
    var groups: [[TaskID]] = []

    /// The scores of the tasks whose choices are put in order.
    private var scores: [Int32] = []

    /// Moves the choices of tasks to the front (see ``Machine/task(of:)``), those of one task together, and those that will
    /// more likely succeed first.
    ///
    /// - Parameters:
    ///   - owners: The task of each choice; -1 for none.
    ///   - tasks: The tasks.
    /// - Returns: How many choices to try.
    mutating func arrange(
        _ moves: inout [Move], _ owners: inout [Int8], from first: Int, _ tasks: [TaskWords]
    ) -> Int {
        scores.removeAll(keepingCapacity: true)
        scores += repeatElement(.min, count: tasks.count)
        for owner in owners[first...] where owner >= 0 && scores[Int(owner)] == .min {
            scores[Int(owner)] = score(of: tasks[Int(owner)].orderKey)
        }
        func isBehind(_ a: Int8, _ b: Int8) -> Bool {
            if a < 0 || b < 0 { return a < 0 && b >= 0 }
            let (one, other) = (scores[Int(a)], scores[Int(b)])
            return one != other ? one < other : a > b
        }
        for end in first..<moves.count {
            var place = end
            while place > first, isBehind(owners[place - 1], owners[place]) {
                moves.swapAt(place - 1, place)
                owners.swapAt(place - 1, place)
                place -= 1
            }
        }
        if moves.count - first == 1 { return 0 }
        return (owners[first...].firstIndex(of: -1) ?? owners.count) - first
    }

    /// The number of the next choice of a task, by the task and its next stage.
    mutating func key(of task: TaskID, in machine: borrowing Machine) -> Key {
        let stage = machine.isRunnable(task.index) ? machine.nextStageNumber(of: task) : 0
        let known = groups.first { $0.contains(task) }?[0] ?? task
        let word = Mixing.mix(stage, UInt64(known.index)) | 1
        if let key = keysByHash.first(word, where: { words[Int($0)] == word }) { return Key(clamping: key) }
        words.append(word)
        return Key(clamping: keysByHash.add(word))
    }

    private func score(of key: Key) -> Int32 {
        let word = words[Int(key)]
        let record = records[Int(word >> 8 & 1023)]
        guard record.word == word else { return 500 }
        return (record.successes * 1000 + 500) / (record.tries + 1)
    }

    /// Whether the next choices of a task are very probably enough alone.
    func isLikely(_ key: Key) -> Bool { score(of: key) >= 800 }

    /// Records the result of a trial.
    mutating func note(_ key: Key, succeeded: Bool) {
        let word = words[Int(key)]
        let place = Int(word >> 8 & 1023)
        if records[place].word != word { records[place] = Record(word: word) }
        records[place].tries += 1
        if succeeded { records[place].successes += 1 }
        if records[place].tries > 1_000_000 {
            records[place].tries /= 2
            records[place].successes /= 2
        }
    }
}
