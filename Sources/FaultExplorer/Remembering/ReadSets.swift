import FaultCore

/// The sets of locations on which the stages of tasks have depended, by the own state of the task.
struct ReadSets: Sendable {
    /// The sets for one state of a task. Where there were more than three, the last is the union of the others.
    struct Entry: BitwiseCopyable, Sendable {
        var own: UInt64 = 0
        var count = 0
        var first = LocationSet()
        var second = LocationSet()
        var third = LocationSet()
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << 8)
    private var count = 0
    private static let most = 1 << 14

    /// How many bytes it takes.
    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    /// The sets for a task's own state; an entry of no sets if none is known.
    @inline(__always)
    func sets(of own: UInt64) -> Entry { entries[place(own)] }

    private func place(_ own: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: own) & (entries.count - 1)
        while entries[place].count != 0, entries[place].own != own { place = (place + 1) & (entries.count - 1) }
        return place
    }

    /// Adds a set for a task's own state. Returns the set under which its effect is to be stored; `nil` if there is no
    /// room left.
    mutating func add(_ set: LocationSet, for own: UInt64) -> LocationSet? {
        let place = place(own)
        switch entries[place].count {
        case 0:
            guard count < Self.most else { return nil }
            entries[place] = Entry(own: own, count: 1, first: set)
            count += 1
            if count * 2 > entries.count { grow() }
            return set
        case 1:
            if entries[place].first == set { return set }
            entries[place].second = set
            entries[place].count = 2
            return set
        default:
            if entries[place].first == set || entries[place].second == set { return set }
            entries[place].count = 3
            entries[place].third.formUnion(set)
            return entries[place].third
        }
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.count != 0 { entries[place(entry.own)] = entry }
    }
}
