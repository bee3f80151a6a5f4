import FaultCore

/// A memory of what stages do, so that they need not run again: the ``StageMemory`` of a reduced search.
///
/// What a stage does depends only on its task, on the shared state, on which objects other tasks refer to, and on which
/// tasks sleep for what, because it may wake them. The exceptions of ``StageMemory`` hold for the states that follow.
struct EffectMemory: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        var effect = StageEffect()
        var before: UInt64 = 0
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << 8)
    private var kept = 0
    private static let most = 1 << 18

    /// How many bytes it takes.
    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    /// What the stages of all tasks depend on, beside the task's own state, as one word.
    ///
    /// - Parameters:
    ///   - words: The tasks' own states.
    ///   - sleeping: The tasks that sleep, a bit each.
    static func surroundings(_ words: ArraySlice<UInt64>, _ sleeping: UInt32, _ key: StateKey) -> UInt64 {
        var word = Mixing.mix(key.links, key.shared)
        var left = sleeping
        while left != 0 {
            word = Mixing.mix(word, words[words.startIndex + left.trailingZeroBitCount])
            left &= left - 1
        }
        return word
    }

    /// What the stage does of a task in this state and these surroundings; `nil` if that is not known.
    func effect(of own: UInt64, in surroundings: UInt64) -> StageEffect? {
        let before = Mixing.mix(own, surroundings)
        let entry = entries[place(before)]
        return entry.before == before ? entry.effect : nil
    }

    /// Stores what a stage has done.
    mutating func keep(_ effect: StageEffect, of own: UInt64, in surroundings: UInt64) {
        kept += 1
        if kept > entries.count, entries.count < Self.most {
            let old = entries
            entries = [Entry](repeating: Entry(), count: old.count * 4)
            for entry in old where entry.before != 0 { entries[place(entry.before)] = entry }
            kept = 0
        }
        let before = Mixing.mix(own, surroundings)
        entries[place(before)] = Entry(effect: effect, before: before)
    }

    private func place(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word) & (entries.count - 1) }
}
