import FaultCore

/// The effects of stages. The key of an effect is a word for everything that the effect depends on. The table has a
/// limited size, and newer effects replace older ones.
struct EffectMemory: Sendable {
    /// What a task is after a stage.
    struct ChangedTask: BitwiseCopyable, Sendable {
        var words: TaskWords
        var task: Int
    }

    private struct Entry: BitwiseCopyable, Sendable {
        var effect = StageEffect()
        var before: UInt64 = 0
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << 8)
    private var kept = 0
    /// The contents of locations after all stages, and the tasks, one stage after the other.
    private(set) var contents: [LocationWords.Content] = []
    private(set) var tasks: [ChangedTask] = []
    /// Different requests that stages have submitted. The first stands for none.
    private(set) var requests = [RequestWords(word: 0, completes: 0, task: .none)]
    private let most: Int
    private static let mostChanges = 1 << 16
    private static let mostRequests = 1 << 10

    /// Makes an empty memory of at most so many effects.
    init(most: Int) { self.most = most }

    /// How many bytes it takes.
    var bytes: Int {
        entries.count * MemoryLayout<Entry>.stride + contents.capacity * MemoryLayout<LocationWords.Content>.stride
            + tasks.capacity * MemoryLayout<ChangedTask>.stride
    }

    /// The effect that is stored for a word; `nil` if there is none.
    @inline(__always)
    func effect(_ before: UInt64) -> StageEffect? {
        let entry = entries[place(before)]
        return entry.before == before ? entry.effect : nil
    }

    /// Stores an effect for a word.
    mutating func keep(
        _ effect: StageEffect, _ before: UInt64, _ changed: [LocationWords.Content], _ changedTasks: [ChangedTask]
    ) {
        kept += 1
        if kept > entries.count, entries.count < most {
            let old = entries
            entries = [Entry](repeating: Entry(), count: old.count * 4)
            for entry in old where entry.before != 0 { entries[place(entry.before)] = entry }
            kept = 0
        }
        if contents.count + changed.count > Self.mostChanges || tasks.count + changedTasks.count > Self.mostChanges {
            let requests = requests
            self = Self(most: most)
            self.requests = requests
        }
        var effect = effect
        effect.changedContents = StageEffect.Run(first: UInt32(contents.count), count: UInt32(changed.count))
        effect.changedTasks = StageEffect.Run(first: UInt32(tasks.count), count: UInt32(changedTasks.count))
        contents += changed
        tasks += changedTasks
        entries[place(before)] = Entry(effect: effect, before: before)
    }

    /// The number of a request that a stage has submitted; `nil` if there are too many.
    mutating func number(of request: RequestWords) -> UInt16? {
        if let known = requests.firstIndex(of: request) { return UInt16(known) }
        guard requests.count < Self.mostRequests else { return nil }
        requests.append(request)
        return UInt16(requests.count - 1)
    }

    private func place(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word) & (entries.count - 1) }
}
