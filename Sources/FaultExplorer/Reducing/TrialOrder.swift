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
        /// Of a thousand trials, about so many will succeed.
        var score = TrialOrder.unknownScore
    }

    private static let unknownScore: UInt16 = 500
    private static let likelyScore: UInt16 = 800
    private static let bestScore: UInt16 = 1000

    /// The records by the words of keys, in a table of a fixed size. If two stages share an index, the newer one replaces the older.
    private var records = [Record](repeating: Record(word: 0), count: 1024)

    /// The words of keys, by key.
    private var words: [UInt64] = []
    private var keysByHash = NumbersByHash()

    /// Tasks that are alike: their choices have the same number.
    var groups: [[TaskID]] = []

    /// Moves the choices of tasks to the front (see ``Machine/task(of:)``), those of one task together, and those that will
    /// more likely succeed first.
    ///
    /// - Parameters:
    ///   - first: The index of the first choice; they end where `options` ends.
    ///   - tasks: The tasks.
    /// - Returns: How many choices to try.
    func arrange(_ options: inout [WayDown.Option], from first: Int, _ tasks: [TaskWords]) -> Int {
        if options.count - first == 1 { return 0 }
        var trials = 0
        for end in first..<options.count {
            var option = options[end]
            if option.owner < 0 {
                option.rank = .max
            } else {
                trials += 1
                let score = score(of: tasks[Int(option.owner)].orderKey)
                option.rank = (Self.bestScore - score) << 4 | UInt16(option.owner)
            }
            var place = end
            while place > first, options[place - 1].rank > option.rank {
                options[place] = options[place - 1]
                place -= 1
            }
            options[place] = option
        }
        return trials
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

    private func score(of key: Key) -> UInt16 {
        let word = words[Int(key)]
        let record = records[Int(word >> 8 & 1023)]
        return record.word == word ? record.score : Self.unknownScore
    }

    /// Whether the next choices of a task are very probably enough alone.
    func isLikely(_ key: Key) -> Bool { score(of: key) >= Self.likelyScore }

    /// Records the result of a trial.
    mutating func note(_ key: Key, succeeded: Bool) {
        let word = words[Int(key)]
        let place = Int(word >> 8 & 1023)
        var record = records[place].word == word ? records[place] : Record(word: word)
        record.tries += 1
        if succeeded { record.successes += 1 }
        if record.tries > 1_000_000 {
            record.tries /= 2
            record.successes /= 2
        }
        record.score = UInt16((record.successes * 1000 + 500) / (record.tries + 1))
        records[place] = record
    }
}
