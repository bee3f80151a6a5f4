import FaultCore

/// A memory of the reads and writes of stages, so that they need not be determined again: the ``StageMemory`` of a
/// reduced search.
///
/// The reads and writes of a stage depend only on its task, on the shared state, and on which tasks sleep for what,
/// because it may wake them.
struct MarkMemory: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        var before: UInt64 = 0
        var mark = Footmark()
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << 8)
    private var kept = 0
    private static let most = 1 << 16

    /// How many bytes it takes.
    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    /// Everything that a stage depends on, as one word.
    static func word(_ task: TaskID, _ own: ArraySlice<UInt64>, _ key: StateKey, in machine: Machine) -> UInt64 {
        var word = Mixing.mix(Mixing.mix(own[own.startIndex + task.index], key.links), key.shared)
        for other in machine.taskIndices where machine.isSleeping(TaskID(other)) {
            word = Mixing.mix(word, own[own.startIndex + other])
        }
        return word
    }

    /// What the stage reads and writes; `nil` if it is not known.
    func mark(_ word: UInt64) -> Footmark? {
        let entry = entries[place(word)]
        return entry.before == word ? entry.mark : nil
    }

    /// Stores what a stage has read and written.
    mutating func keep(_ word: UInt64, _ mark: Footmark) {
        kept += 1
        if kept > entries.count, entries.count < Self.most {
            let old = entries
            entries = [Entry](repeating: Entry(), count: old.count * 4)
            for entry in old where entry.before != 0 { entries[place(entry.before)] = entry }
            kept = 0
        }
        entries[place(word)] = Entry(before: word, mark: mark)
    }

    private func place(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word) & (entries.count - 1) }
}
