import FaultCore

/// The sets of locations on which moves have depended, by what the move is: the own state of its task, or its request.
///
/// What a stage reads depends on what it finds: who waits for a lock, say. So there are several sets for one stage, and in
/// each state one of them is the right one. They are kept apart, since each further location in a set makes it less likely
/// that the same is found there again.
struct ReadSets: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        var move: UInt64 = 0
        var count: Int32 = 0
        /// The number of its first set, one added.
        var first: UInt32 = 0
    }
    private struct Element: BitwiseCopyable, Sendable {
        var set: LocationSet
        /// The number of the next set of the same move, one added; 0 if this is the last.
        var next: UInt32 = 0
    }

    private var entries = [Entry](repeating: Entry(), count: 1 << 8)
    private var elements: [Element] = []
    private var count = 0
    private static let most = 1 << 14
    /// If there are more sets than this for a move, the last is the union of the others.
    private static let mostSets = 8

    /// How many bytes it takes.
    var bytes: Int {
        entries.count * MemoryLayout<Entry>.stride + elements.capacity * MemoryLayout<Element>.stride
    }

    private func place(_ move: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: move) & (entries.count - 1)
        while entries[place].count != 0, entries[place].move != move { place = (place + 1) & (entries.count - 1) }
        return place
    }

    /// What the closure returns for the first of the sets of a move for which it returns something.
    @inline(__always)
    func first<Found>(of move: UInt64, _ body: (LocationSet) -> Found?) -> Found? {
        var next = entries[place(move)].first
        while next != 0 {
            let element = elements[Int(next) - 1]
            if let found = body(element.set) { return found }
            next = element.next
        }
        return nil
    }

    /// Adds a set for a move. Returns the set under which its effect is to be stored; `nil` if there is no room left.
    mutating func add(_ set: LocationSet, for move: UInt64) -> LocationSet? {
        let place = place(move)
        if entries[place].count == 0 {
            guard count < Self.most else { return nil }
            elements.append(Element(set: set))
            entries[place] = Entry(move: move, count: 1, first: UInt32(elements.count))
            count += 1
            if count * 2 > entries.count { grow() }
            return set
        }
        var last = Int(entries[place].first) - 1
        while elements[last].set != set, elements[last].next != 0 { last = Int(elements[last].next) - 1 }
        if elements[last].set == set { return set }
        if entries[place].count == Self.mostSets {
            elements[last].set.formUnion(set)
            return elements[last].set
        }
        elements.append(Element(set: set))
        elements[last].next = UInt32(elements.count)
        entries[place].count += 1
        return set
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.count != 0 { entries[place(entry.move)] = entry }
    }
}
