import FaultCore

/// A memory of the effects of stages, so that the search knows where they lead without running them again.
///
/// A stage reads its own task, the shared state, and which objects other tasks refer to. Its effect depends only on
/// these, whatever the other tasks are about to do. So if the task and the rest are the same again, the key of the next
/// state is known in advance; and if that state is known, there is nothing to do there. Each state is reached by
/// running one of the many orders of stages that lead to it. The exploration finds the same, choice by choice, as if it
/// had run them all.
///
/// Two kinds of stage are not kept: stages that change another task, and stages that look at what other tasks do, to
/// wake one or to send it a signal. What the latter find is not in the key (``Machine/hasLookedAround``).
///
/// It is a table of a fixed size, in which newer stages replace older ones.
struct StageMemory: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        /// The task and the rest before the stage.
        var before: UInt64 = 0
        /// The task's own state after it.
        var own: UInt64 = 0
        /// The references of tasks after it.
        var links: UInt64 = 0
        /// The shared state after it.
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
    ///   - own: The task's own state.
    ///   - key: The key of the state.
    /// - Returns: `nil` if the stage has not been run from this state yet, or was not kept.
    @inline(__always)
    func next(_ own: UInt64, _ key: StateKey) -> StateKey? {
        let before = Self.word(own, key)
        let entry = entries[Int(truncatingIfNeeded: before) & (Self.size - 1)]
        guard entry.before == before else { return nil }
        return StateKey(tasks: key.tasks &- own &+ entry.own, links: entry.links, shared: entry.shared)
    }

    /// Stores the effect of a stage, unless it has changed another task.
    ///
    /// - Parameters:
    ///   - own: The task's own state before it.
    ///   - key: The key of the state before.
    ///   - after: The task's own state after it.
    ///   - next: The key of the state after.
    mutating func keep(_ own: UInt64, _ key: StateKey, _ after: UInt64, _ next: StateKey) {
        guard next.tasks == key.tasks &- own &+ after else { return }
        let before = Self.word(own, key)
        entries[Int(truncatingIfNeeded: before) & (Self.size - 1)] =
            Entry(before: before, own: after, links: next.links, shared: next.shared)
    }
}
