import FaultCore

/// What stages have done, so that they need not be run again to know where they lead.
///
/// A stage reads its own task, what all share, and of what other tasks name at most that they name it. What it makes of
/// these follows from them, whatever the other tasks are about to do. So the key of the state that it leads to is known
/// beforehand, wherever the task and the rest are the same again; and if that state is known, there is nothing to do there.
/// Of the many orders of stages that lead to the same states, each state is reached by running one, and the exploration
/// finds the same, choice by choice, as if it had run them all.
///
/// Two kinds of stage are not kept: those that change another task, and those that look for what other tasks do, to wake
/// one or to send it a signal: what they find is not in the key (``Machine/hasLookedAround``).
///
/// It is a table of a fixed size, in which newer stages replace older ones.
struct StageMemory: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        /// What the task and the rest were before the stage.
        var before: UInt64 = 0
        /// What the task was after it.
        var own: UInt64 = 0
        /// What tasks named after it.
        var links: UInt64 = 0
        /// What all shared after it.
        var shared: UInt64 = 0
    }

    private var entries: [Entry]
    private static let size = 1 << 14

    /// Makes an empty memory.
    init() { entries = [Entry](repeating: Entry(), count: Self.size) }

    /// How many bytes it takes.
    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    @inline(__always)
    private static func word(_ own: UInt64, _ key: StateKey) -> UInt64 {
        Mixing.mix(Mixing.mix(own, key.links), key.shared)
    }

    /// The key of the state that the next stage of a task leads to.
    ///
    /// - Parameters:
    ///   - own: What the task is by itself.
    ///   - key: The key of the state.
    /// - Returns: `nil` if the stage was not run yet from here, or not kept.
    @inline(__always)
    func next(_ own: UInt64, _ key: StateKey) -> StateKey? {
        let before = Self.word(own, key)
        let entry = entries[Int(truncatingIfNeeded: before) & (Self.size - 1)]
        guard entry.before == before else { return nil }
        return StateKey(tasks: key.tasks &- own &+ entry.own, links: entry.links, shared: entry.shared)
    }

    /// Keeps what a stage has done, unless it has changed another task.
    ///
    /// - Parameters:
    ///   - own: What the task was by itself.
    ///   - key: The key of the state before.
    ///   - after: What the task is by itself.
    ///   - next: The key of the state after.
    mutating func keep(_ own: UInt64, _ key: StateKey, _ after: UInt64, _ next: StateKey) {
        guard next.tasks == key.tasks &- own &+ after else { return }
        let before = Self.word(own, key)
        entries[Int(truncatingIfNeeded: before) & (Self.size - 1)] =
            Entry(before: before, own: after, links: next.links, shared: next.shared)
    }
}
