import FaultCore

/// The futures of states, as rows. A row says for each set of tasks what the other tasks can do while these tasks don't
/// move. Most states have the same row as many others, so each row is kept once, and results of operations on rows are
/// remembered.
///
/// A row has a mark for each set. Different rows have equal parts, too. So a row is a list of groups of four marks, which are kept
/// once and have numbers of their own (``MarkGroups``).
struct FutureRows: Sendable {
    /// The sets of tasks that don't move, a bit for each task: all sets if there are few tasks, and otherwise each task
    /// alone. To fill the last group, its last set is repeated.
    private let sets: [UInt32]
    /// Whether there is a row entry for every set of tasks, and not only for each task alone.
    let hasAllSets: Bool
    /// For each task and each group, the places of the sets that have the task.
    private let placesByTask: [[UInt32]]
    private var groups = MarkGroups()
    /// Rows by number: the numbers of their groups.
    private var rows: DistinctLists
    private var unions = RememberedNumbers()
    private var beginnings = RememberedNumbers()
    private var renamings = RememberedNumbers()
    private var trials = RememberedNumbers()

    /// The row, and the mark, of a future that is not known.
    static let everything = MarkGroups.everything
    /// The row, and the mark, of a future in which nothing happens.
    static let nothing = MarkGroups.nothing
    private static let notEnough = UInt32.max

    /// Makes the two rows ``everything`` and ``nothing``.
    ///
    /// - Parameters:
    ///   - tasks: How many tasks there are.
    ///   - hasAllSets: Whether there is a set for every combination of them, and not only for each alone.
    init(tasks: Int, hasAllSets: Bool) {
        self.hasAllSets = hasAllSets
        // The place of a set is its number, so that the sets of a group differ only in the first tasks. Place 0 would be
        // the empty set, which is not needed; it has the set of all tasks instead.
        var sets: [UInt32] =
            hasAllSets ? (0..<1 << UInt32(tasks)).map { $0 } : (0..<UInt32(tasks)).map { 1 << $0 }
        if hasAllSets { sets[0] = 1 << UInt32(tasks) - 1 }
        while sets.count % MarkGroups.length != 0 { sets.append(sets[sets.count - 1]) }
        self.sets = sets
        placesByTask = (0..<UInt32(tasks)).map { task in
            (0..<sets.count / MarkGroups.length).map { Self.places(in: $0, of: sets, with: 1 << task) }
        }
        rows = DistinctLists(length: sets.count / MarkGroups.length)
        for group in [MarkGroups.everything, MarkGroups.nothing] {
            for _ in groupNumbers { rows.add(group) }
            _ = rows.numberOfAdded()
        }
    }

    private var groupNumbers: Range<Int> { 0..<sets.count / MarkGroups.length }

    /// How many bytes they take.
    var bytes: Int { groups.bytes + rows.bytes + unions.bytes + beginnings.bytes + renamings.bytes + trials.bytes }

    /// Different marks, by number. The first two are everything and nothing.
    var marks: [Footmark] { groups.marks }

    /// The number of a mark.
    mutating func number(of mark: Footmark) -> UInt32 { groups.number(of: mark) }

    /// The place of a set among all.
    func place(of set: UInt32) -> Int? {
        if hasAllSets { return Int(set) }
        return set.nonzeroBitCount == 1 && set.trailingZeroBitCount < sets.count ? set.trailingZeroBitCount : nil
    }

    /// The mark that a row has for the set at a place.
    func mark(_ row: UInt32, _ place: Int) -> Footmark { groups.marks[Int(number(row, place))] }

    private func number(_ row: UInt32, _ place: Int) -> UInt32 {
        groups[rows[row, place / MarkGroups.length], place % MarkGroups.length]
    }

    /// The places of a group at which there are sets with all of these tasks.
    private static func places(in group: Int, of sets: [UInt32], with tasks: UInt32) -> UInt32 {
        var places: UInt32 = 0
        for place in 0..<MarkGroups.length where sets[group * MarkGroups.length + place] & tasks == tasks {
            places |= 1 << UInt32(place)
        }
        return places
    }

    // MARK: Operations

    /// The row of everything that one row or another has.
    mutating func union(_ a: UInt32, _ b: UInt32) -> UInt32 {
        if a == b || b == Self.nothing { return a }
        if a == Self.nothing { return b }
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        if let known = unions[key] { return known }
        for group in groupNumbers { rows.add(groups.union(rows[a, group], rows[b, group])) }
        let row = rows.numberOfAdded()
        unions.keep(row, for: key)
        return row
    }

    /// The row of a choice with the mark `mark`, followed by the row `next`.
    ///
    /// For sets that have `task`, which makes the choice, nothing happens, because such a task does not move. If
    /// `keepsOthers` is set, the choice is the only one, and these sets keep what `next` has for them.
    mutating func beginning(
        with mark: UInt32, by task: Int?, before next: UInt32, keepsOthers: Bool = false
    ) -> UInt32 {
        let tag = UInt64(task.map { $0 + 1 } ?? 0) << 1 | (keepsOthers ? 1 : 0)
        let key = Mixing.mix(UInt64(mark) << 32 | UInt64(next), tag)
        if let known = beginnings[key] { return known }
        for group in groupNumbers {
            let own = task.map { placesByTask[$0][group] } ?? 0
            rows.add(groups.adding(mark, to: rows[next, group], except: own, keepsThose: keepsOthers))
        }
        let row = rows.numberOfAdded()
        beginnings.keep(row, for: key)
        return row
    }

    /// What is done by the only choice of a task that does `mark`, and after it by what `next` has, if the choice commutes with
    /// everything that the other tasks can do while the task does not move; `nil` if it does not.
    mutating func trial(_ mark: UInt32, by task: Int, before next: UInt32) -> UInt32? {
        let key = Mixing.mix(UInt64(mark) << 32 | UInt64(next), UInt64(task))
        if let known = trials[key] { return known == Self.notEnough ? nil : known }
        var row = Self.notEnough
        if let place = place(of: 1 << UInt32(task)), !marks[Int(mark)].conflicts(with: self.mark(next, place)) {
            row = beginning(with: mark, by: task, before: next, keepsOthers: true)
        }
        trials.keep(row, for: key)
        return row == Self.notEnough ? nil : row
    }

    /// A copy of a row that has, for the sets with all of these tasks, the marks of another row.
    mutating func replacing(_ row: UInt32, by other: UInt32, besideAllOf tasks: UInt32) -> UInt32 {
        for group in groupNumbers {
            let places = Self.places(in: group, of: sets, with: tasks)
            rows.add(groups.replacing(rows[row, group], by: rows[other, group], at: places))
        }
        return rows.numberOfAdded()
    }

    /// A row under new numbers of tasks.
    ///
    /// - Parameter places: The places of the marks of tasks; see ``FootmarkTable/places(of:)``.
    mutating func renamed(_ row: UInt32, _ arrangement: Arrangement, _ places: [[Int]]) -> UInt32 {
        if arrangement.isIdentity || row == Self.everything || row == Self.nothing { return row }
        let key = Mixing.mix(UInt64(row), arrangement.word)
        if let known = renamings[key] { return known }
        var new = [UInt32](repeating: Self.nothing, count: sets.count)
        for (place, set) in sets.enumerated() {
            guard let to = self.place(of: arrangement.renamed(set)) else { return Self.everything }
            new[to] = groups.number(of: mark(row, place).renamed(arrangement, places))
        }
        // A set that is repeated to fill a group has the same mark at each of its places.
        for (place, set) in sets.enumerated() {
            if let first = self.place(of: set) { new[place] = new[first] }
        }
        for group in groupNumbers {
            rows.add(groups.group { new[group * MarkGroups.length + $0] })
        }
        let renamed = rows.numberOfAdded()
        renamings.keep(renamed, for: key)
        return renamed
    }
}
