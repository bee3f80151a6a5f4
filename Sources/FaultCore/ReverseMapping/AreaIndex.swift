/// The areas of large maps by what they map: what `i_mmap` and `anon_vma` trees are to the kernel.
///
/// It follows from the maps. For each map it holds the state at the last query; ``AreaTree/sequence`` says whether that
/// is still current. Maps with few areas are searched directly instead.
struct AreaIndex: Sendable {
    /// The number of areas from which a map is in the index.
    static var fewest: Int { 64 }

    /// Indexed by map; `nil` where no query has been made yet.
    private var maps: [MapAreas?] = []

    /// Whether the index is current for a map.
    func knows(_ map: MemoryMap) -> Bool {
        map.id.index < maps.count && maps[map.id.index]?.sequence == map.areas.sequence
    }

    /// Updates the index for one map.
    mutating func learn(_ map: MemoryMap) {
        while maps.count <= map.id.index { maps.append(nil) }
        maps[map.id.index] = MapAreas(of: map.areas)
    }

    /// The areas of a map that may map a page of this linear index, by address.
    ///
    /// - Precondition: ``knows(_:)`` is true of the map.
    func areas(of map: MapID, at index: UInt32) -> [AreaTree.Position] {
        maps[map.index]?.byIndex.positions(of: 0, from: UInt64(index), through: UInt64(index)) ?? []
    }

    /// The areas of a map that map one of these pages of a file, by address.
    ///
    /// - Precondition: ``knows(_:)`` is true of the map.
    func areas(
        of map: MapID, mapping file: FileID, from first: PageIndex, through last: PageIndex
    ) -> [AreaTree.Position] {
        maps[map.index]?.byFile.positions(of: file.index, from: first.rawValue, through: last.rawValue) ?? []
    }

    /// The areas of one map.
    private struct MapAreas: Sendable {
        let sequence: UInt32
        /// Sorted by the low bits of the linear index, as stored in frames.
        let byIndex: IntervalList
        let byFile: IntervalList

        init(of areas: AreaTree) {
            sequence = areas.sequence
            var byIndex: [IntervalList.Interval] = []
            var byFile: [IntervalList.Interval] = []
            var next = areas.firstPosition
            while let position = next {
                let area = areas[position]
                let (start, pages) = (area.startIndex.rawValue, UInt64(area.pages))
                if area.file != .none {
                    byFile.append(
                        IntervalList.Interval(of: area.file.index, start, through: start + (pages - 1), position))
                }
                let low = start & UInt64(UInt32.max)
                if low + pages <= 1 << 32 {
                    byIndex.append(IntervalList.Interval(of: 0, low, through: low + (pages - 1), position))
                } else {
                    // The index wraps around to 0: take the whole range. Most of it is rejected when the entry is
                    // looked at.
                    byIndex.append(IntervalList.Interval(of: 0, 0, through: UInt64(UInt32.max), position))
                }
                next = areas.position(after: position)
            }
            self.byIndex = IntervalList(byIndex)
            self.byFile = IntervalList(byFile)
        }
    }
}

/// Ranges of numbers, each with an owner, for finding the ranges that contain a number.
///
/// The ranges are in the order of their starts, each with the highest end so far. A search goes down from the last
/// range that begins early enough, until no range before it reaches far enough.
struct IntervalList: Sendable {
    /// A range, and the position of its area.
    struct Interval: BitwiseCopyable, Sendable {
        let owner: Int
        let first: UInt64
        let last: UInt64
        let position: AreaTree.Position
        /// The highest ``last`` of the ranges of the same owner up to this one.
        fileprivate(set) var highest: UInt64

        init(of owner: Int, _ first: UInt64, through last: UInt64, _ position: AreaTree.Position) {
            self.owner = owner
            self.first = first
            self.last = last
            self.position = position
            highest = last
        }

        fileprivate static func isInOrder(_ a: Self, _ b: Self) -> Bool {
            (a.owner, a.first, a.position.leaf, a.position.slot) < (b.owner, b.first, b.position.leaf, b.position.slot)
        }
    }

    private var intervals: [Interval]

    init(_ intervals: [Interval]) {
        self.intervals = intervals.sorted(by: Interval.isInOrder)
        for place in self.intervals.indices.dropFirst()
        where self.intervals[place - 1].owner == self.intervals[place].owner {
            self.intervals[place].highest = max(
                self.intervals[place].highest, self.intervals[place - 1].highest)
        }
    }

    /// The positions of the areas whose ranges have a number from `first` to `last`, by address.
    ///
    /// - Complexity: O(log *n*) and what is found, unless ranges nest.
    func positions(of owner: Int, from first: UInt64, through last: UInt64) -> [AreaTree.Position] {
        var found: [AreaTree.Position] = []
        var place = intervals.places(from: { ($0.owner, $0.first) <= (owner, last) }, while: { _ in false }).lowerBound
        while place > 0 {
            place -= 1
            let interval = intervals[place]
            guard interval.owner == owner, interval.highest >= first else { break }
            if interval.last >= first { found.append(interval.position) }
        }
        return found.sorted { ($0.leaf, $0.slot) < ($1.leaf, $1.slot) }
    }
}

extension Machine {
    /// Updates the index, before a search for the mappings of a page. Changes nothing that can be observed.
    @inline(__always)
    mutating func refreshAreaIndex() {
        for number in maps.indices where maps[number].areas.count >= AreaIndex.fewest {
            if !areaIndex.knows(maps[number]) { areaIndex.learn(maps[number]) }
        }
    }

    /// Calls `body` with the areas of a map that may map a page of this linear index, by address, until it returns
    /// `false`.
    func forEachArea(of map: MapID, at index: UInt32, _ body: (VMA) -> Bool) {
        let areas = maps[map.index].areas
        guard areas.count >= AreaIndex.fewest, areaIndex.knows(maps[map.index]) else {
            for area in areas.areas { guard body(area) else { return } }
            return
        }
        for position in areaIndex.areas(of: map, at: index) { guard body(areas[position]) else { return } }
    }

    /// Calls `body` with the areas of a map that map one of these pages of a file, by address.
    func forEachArea(
        of map: MapID, mapping file: FileID, from first: PageIndex, through last: PageIndex, _ body: (VMA) -> Void
    ) {
        let areas = maps[map.index].areas
        guard areas.count >= AreaIndex.fewest, areaIndex.knows(maps[map.index]) else {
            for area in areas.areas where area.file == file { body(area) }
            return
        }
        for position in areaIndex.areas(of: map, mapping: file, from: first, through: last) { body(areas[position]) }
    }
}
