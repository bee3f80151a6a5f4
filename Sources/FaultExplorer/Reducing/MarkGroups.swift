import FaultCore

/// Marks by number, and groups of four marks, each kept once; see ``FutureRows``. Results of operations on
/// two of them are remembered.
///
/// Places of a group are given as four bits.
struct MarkGroups: Sendable {
    /// How many marks a group has.
    static let length = 4
    /// All places of a group.
    static let allPlaces: UInt32 = 0b1111
    /// The mark, and the group of four of them, of what is not known.
    static let everything: UInt32 = 0
    /// The mark, and the group of four of them, of what does nothing.
    static let nothing: UInt32 = 1

    /// Different marks, by number.
    private(set) var marks: [Footmark] = []
    private var marksByHash = NumbersByHash()
    private var groups = DistinctLists(length: length)
    private var markUnions = RememberedNumbers()
    private var unions = RememberedNumbers()
    private var beginnings = RememberedNumbers()

    init() {
        for mark in [Footmark.everything, Footmark()] {
            let number = self.number(of: mark)
            _ = group { _ in number }
        }
    }

    /// How many bytes they take.
    var bytes: Int {
        marks.count * MemoryLayout<Footmark>.stride + marksByHash.bytes + groups.bytes + markUnions.bytes + unions.bytes
            + beginnings.bytes
    }

    // MARK: Numbers

    /// The number of a mark.
    mutating func number(of mark: Footmark) -> UInt32 {
        let hash = Mixing.mix(Mixing.mix(mark.reads[0], mark.reads[1]), Mixing.mix(mark.writes[0], mark.writes[1]))
        if let known = marksByHash.first(hash, where: { marks[Int($0)] == mark }) { return known }
        marks.append(mark)
        return marksByHash.add(hash)
    }

    /// The number of the mark of a group at a place.
    subscript(group: UInt32, place: Int) -> UInt32 { groups[group, place] }

    /// The number of the group that has these marks.
    mutating func group(of mark: (Int) -> UInt32) -> UInt32 {
        for place in 0..<Self.length { groups.add(mark(place)) }
        return groups.numberOfAdded()
    }

    // MARK: Operations

    /// The mark of everything that one mark or another has.
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

    /// The same for groups, place by place.
    mutating func union(_ a: UInt32, _ b: UInt32) -> UInt32 {
        if a == b || b == Self.nothing { return a }
        if a == Self.nothing { return b }
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        if let known = unions[key] { return known }
        for place in 0..<Self.length { groups.add(markUnion(groups[a, place], groups[b, place])) }
        let group = groups.numberOfAdded()
        unions.keep(group, for: key)
        return group
    }

    /// A group with one more mark at each place, except at `places`: there it is the group's own mark, or nothing.
    mutating func adding(_ mark: UInt32, to group: UInt32, except places: UInt32, keepsThose: Bool) -> UInt32 {
        if places == Self.allPlaces { return keepsThose ? group : Self.nothing }
        let key = Mixing.mix(UInt64(mark) << 32 | UInt64(group), UInt64(places << 1 | (keepsThose ? 1 : 0)))
        if let known = beginnings[key] { return known }
        for place in 0..<Self.length {
            let own = groups[group, place]
            let isExcepted = places >> UInt32(place) & 1 == 1
            groups.add(isExcepted ? (keepsThose ? own : Self.nothing) : markUnion(mark, own))
        }
        let added = groups.numberOfAdded()
        beginnings.keep(added, for: key)
        return added
    }

    /// A copy of a group that has, at some places, the marks of another group.
    mutating func replacing(_ group: UInt32, by other: UInt32, at places: UInt32) -> UInt32 {
        if places == 0 || group == other { return group }
        if places == Self.allPlaces { return other }
        for place in 0..<Self.length {
            groups.add(groups[places >> UInt32(place) & 1 == 1 ? other : group, place])
        }
        return groups.numberOfAdded()
    }
}
