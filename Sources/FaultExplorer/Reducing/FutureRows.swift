import FaultCore

/// The different futures of states: for each set of tasks that don't move, what the others can do. Most states share theirs
/// with many others, so each is kept once, and what follows from two of them is remembered.
struct FutureRows: Sendable {
    /// The sets of tasks that don't move, a bit for each task: all sets if the tasks are few, else each task alone.
    let sets: [UInt32]
    /// Different marks, by number; see ``Futures``. The first two are everything and nothing.
    private(set) var marks: [Footmark] = []
    private var marksByHash = NumbersByHash()
    /// Rows by number, one after the other: for each set the number of a mark.
    private var cells: [UInt32] = []
    private var rowsByHash = NumbersByHash()
    private var unions = RememberedNumbers()
    private var markUnions = RememberedNumbers()
    private var beginnings = RememberedNumbers()
    private var renamings = RememberedNumbers()

    /// The row and the mark of what is not known.
    static let everything: UInt32 = 0
    /// The row and the mark of what does nothing.
    static let nothing: UInt32 = 1

    init(sets: [UInt32]) {
        self.sets = sets
        for mark in [Footmark.everything, Footmark()] {
            let number = self.number(of: mark)
            _ = row(of: [UInt32](repeating: number, count: sets.count))
        }
    }

    /// How many bytes they take.
    var bytes: Int {
        marks.count * MemoryLayout<Footmark>.stride + cells.count * 4 + marksByHash.bytes + rowsByHash.bytes
            + unions.bytes + markUnions.bytes + beginnings.bytes + renamings.bytes
    }

    /// Whether there is a set for any tasks, and not for each task alone.
    var hasAllSets: Bool { sets.last.map { $0.nonzeroBitCount > 1 } ?? false }

    /// The place of a set among ``sets``.
    func place(of set: UInt32) -> Int? {
        if hasAllSets { return Int(set) - 1 }
        return set.nonzeroBitCount == 1 && set.trailingZeroBitCount < sets.count ? set.trailingZeroBitCount : nil
    }

    /// What a row has for the set at a place.
    func mark(_ row: UInt32, _ place: Int) -> Footmark { marks[Int(cell(row, place))] }

    private func cell(_ row: UInt32, _ place: Int) -> UInt32 { cells[Int(row) * sets.count + place] }

    // MARK: Numbers

    /// The number of a mark.
    mutating func number(of mark: Footmark) -> UInt32 {
        let hash = Mixing.mix(Mixing.mix(mark.reads[0], mark.reads[1]), Mixing.mix(mark.writes[0], mark.writes[1]))
        if let known = marksByHash.first(hash, where: { marks[Int($0)] == mark }) { return known }
        marks.append(mark)
        return marksByHash.add(hash)
    }

    private mutating func row(of new: [UInt32]) -> UInt32 {
        var hash: UInt64 = 0
        for number in new { hash = Mixing.mix(hash, UInt64(number)) }
        let known = rowsByHash.first(hash) { row in
            cells[(Int(row) * sets.count)..<((Int(row) + 1) * sets.count)].elementsEqual(new)
        }
        if let known { return known }
        cells += new
        return rowsByHash.add(hash)
    }

    // MARK: What follows from them

    private mutating func markUnion(_ a: UInt32, _ b: UInt32) -> UInt32 {
        if a == b || b == Self.nothing { return a }
        if a == Self.nothing { return b }
        if a == Self.everything || b == Self.everything { return Self.everything }
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        if let known = markUnions[key] { return known }
        var mark = marks[Int(a)]
        mark.formUnion(marks[Int(b)])
        let number = number(of: mark)
        markUnions.keep(number, for: key)
        return number
    }

    /// What one row or another has.
    mutating func union(_ a: UInt32, _ b: UInt32) -> UInt32 {
        if a == b || b == Self.nothing { return a }
        if a == Self.nothing { return b }
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        if let known = unions[key] { return known }
        let row = row(of: sets.indices.map { markUnion(cell(a, $0), cell(b, $0)) })
        unions.keep(row, for: key)
        return row
    }

    /// What is done by a choice that does `mark`, and after it by what `next` has: nothing for sets with the task whose stage it
    /// is, since it does not move; or what `next` has for these, if the choice is the only one.
    mutating func beginning(
        with mark: UInt32, by task: Int?, before next: UInt32, keepsOthers: Bool = false
    ) -> UInt32 {
        let tag = UInt64(task.map { $0 + 1 } ?? 0) << 1 | (keepsOthers ? 1 : 0)
        let key = Mixing.mix(UInt64(mark) << 32 | UInt64(next), tag)
        if let known = beginnings[key] { return known }
        let row = row(
            of: sets.indices.map { place in
                if let task, sets[place] >> UInt32(task) & 1 == 1 {
                    return keepsOthers ? cell(next, place) : Self.nothing
                }
                return markUnion(mark, cell(next, place))
            })
        beginnings.keep(row, for: key)
        return row
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
            new[to] = number(of: marks[Int(cell(row, place))].renamed(arrangement, places))
        }
        let renamed = self.row(of: new)
        renamings.keep(renamed, for: key)
        return renamed
    }

    /// A row that has for the sets with all of some tasks what another one has.
    mutating func replacing(_ row: UInt32, by other: UInt32, besideAllOf tasks: UInt32) -> UInt32 {
        self.row(of: sets.indices.map { cell(sets[$0] & tasks == tasks ? other : row, $0) })
    }
}
