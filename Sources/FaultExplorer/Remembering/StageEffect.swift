import FaultCore

/// The effects of a stage, or of the end of a request, that a search has to know.
struct StageEffect: BitwiseCopyable, Sendable {
    /// How much of it is known.
    enum Extent: UInt8, BitwiseCopyable, Comparable, Sendable {
        /// What it reads and writes.
        case mark
        /// Also the key of the state that follows.
        case key
        /// Also the moves of that state: the tasks that can run, and the requests under way.
        case moves

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// A run of the elements of an array.
    struct Run: BitwiseCopyable, Sendable {
        var first: UInt32 = 0
        var count: UInt32 = 0

        var indices: Range<Int> { Int(first)..<Int(first) + Int(count) }
    }

    /// By how much it changes the parts of the key.
    var tasks: UInt64 = 0
    var links: UInt64 = 0
    var shared: UInt64 = 0
    /// The tasks that it changes, in ``EffectMemory/tasks``.
    var changedTasks = Run()
    /// The locations whose contents it changes, in ``EffectMemory/contents``.
    var changedContents = Run()
    /// What it reads and writes, as a number; see ``FutureRows/marks``.
    var mark: UInt32 = 0
    /// The request that it submits, in ``EffectMemory/requests``; 0 for none.
    var request: UInt16 = 0
    /// How much is known.
    var extent = Extent.mark
    /// How many locations were known when it was stored, if it was stored by the whole shared state. It may have written
    /// locations that have become known since.
    var locations: UInt8 = 0

    /// Makes the effect of a move that leads from one state to another.
    init(mark: UInt32 = 0, from before: StateKey = StateKey(), to after: StateKey = StateKey()) {
        self.mark = mark
        tasks = after.tasks &- before.tasks
        links = after.links &- before.links
        shared = after.shared &- before.shared
    }

    /// As much of it as does not tell the moves of the state that follows.
    var withoutMoves: Self {
        var effect = self
        effect.extent = min(effect.extent, .key)
        return effect
    }

    /// The key of the state that follows.
    func key(after key: StateKey) -> StateKey {
        StateKey(tasks: key.tasks &+ tasks, links: key.links &+ links, shared: key.shared &+ shared)
    }
}
