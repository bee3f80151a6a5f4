/// Splitting and merging areas. Models `vma_merge()`, `split_vma()` and `vma_expand()` (mm/mmap.c, Linux 6.1).
///
/// All of these functions need the map's mmap lock, held for writing.
extension Machine {
    /// Changes the flags of `range`, which lies within the area at `position`: merges it with neighbours if it can,
    /// else splits. Models the pattern `vma_merge()`, `split_vma()`, `split_vma()` of mprotect(2), mlock(2) and
    /// madvise(2).
    ///
    /// - Returns: The position of the area that contains the range now; `nil` (`ENOMEM`) if it would take too many
    ///   areas. The split below the range then stays, as in the kernel.
    mutating func changeFlags(
        of range: Range<PageNumber>, at position: AreaTree.Position, in map: MapID, to flags: VMAFlags
    ) -> AreaTree.Position? {
        let area = maps[map.index].areas[position]
        guard area.flags != flags else { return position }
        var changed = area.part(range)
        changed.flags = flags
        if let merged = merge(changed, in: map) { return merged }

        var position = position
        if area.start < range.lowerBound {
            guard let upper = split(at: range.lowerBound, position, in: map) else { return nil }
            position = upper
        }
        if range.upperBound < area.end {
            guard split(at: range.upperBound, position, in: map) != nil,
                let lower = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound)
            else { return nil }
            position = lower
        }
        replaceArea(at: position, in: map, with: changed)
        return position
    }

    /// Splits the area at `position` at `page`, unless the map is at its limit of areas: `split_vma()`.
    ///
    /// - Returns: The position of the upper part; `nil` for `ENOMEM`.
    mutating func split(at page: PageNumber, _ position: AreaTree.Position, in map: MapID) -> AreaTree.Position? {
        guard maps[map.index].areas.count < settings.mapCountLimit else { return nil }
        return splitBeyondLimit(at: page, position, in: map)
    }

    /// Splits the area at `position` at `page`, even if the map then has too many areas: `__split_vma()`.
    ///
    /// Both parts keep flags, `anon_vma` and chain.
    mutating func splitBeyondLimit(
        at page: PageNumber, _ position: AreaTree.Position, in map: MapID
    ) -> AreaTree.Position? {
        guard !allocationFails(.area, for: scheduler.current) else { return nil }
        let area = maps[map.index].areas[position]
        replaceArea(at: position, in: map, with: area.part(area.start..<page))
        insertArea(area.part(page..<area.end), in: map)
        return maps[map.index].areas.firstPosition(endingAfter: page)
    }

    /// Joins `range` to the area that ends at its start, to the one that begins at its end, or to both: `vma_merge()`.
    ///
    /// `range` describes the pages as they will be. They may lie in one area now, or in none.
    ///
    /// - Returns: The position of the area that absorbed the range; `nil` if neither neighbour fits.
    mutating func merge(_ range: VMA, in map: MapID) -> AreaTree.Position? {
        let around = surroundings(of: range, in: map)
        let (below, above) = partners(of: range, around)
        return join(range, below: below, inside: around.inside, above: above, in: map)
    }

    /// The areas that ``merge(_:in:)`` would join `range` to.
    func partners(of range: VMA, in map: MapID) -> [VMA] {
        let (below, above) = partners(of: range, surroundings(of: range, in: map))
        return [below?.area, above?.area].compactMap(\.self)
    }

    private func partners(of range: VMA, _ around: Surroundings) -> (below: Placed?, above: Placed?) {
        let below = around.below.flatMap { canContinue($0.area, with: range, anonVMA: range.anonVMA) ? $0 : nil }
        let above = around.above.flatMap { canContinue(range, before: $0.area) ? $0 : nil }
        if let low = below?.area, let high = above?.area, low.anonVMA != 0, high.anonVMA != 0,
            low.anonVMA != high.anonVMA
        {
            return (below, nil)
        }
        return (below, above)
    }

    /// Maps new pages: an area next to them grows, or a new one is added. Models `mmap_region()` after the unmapping,
    /// with `vma_expand()`.
    ///
    /// Where only one neighbour can be merged, ``KernelModel/NewAreaMerge`` says which.
    ///
    /// - Returns: Whether there was memory for an area, if one was needed.
    mutating func addArea(_ range: VMA, in map: MapID, for task: TaskID) -> Bool {
        let next = maps[map.index].areas.firstPosition(nearLastChange: range.start)
        let previous = next.map { maps[map.index].areas.position(before: $0) } ?? maps[map.index].areas.lastPosition
        if mayJoin(range, next, in: map) || mayJoin(range, previous, in: map) {
            let (below, above) = newPartners(of: range, surroundings(of: range, in: map))
            if below != nil || above != nil {
                return join(range, below: below, inside: nil, above: above, in: map) != nil
            }
        }
        guard !allocationFails(.area, for: task) else { return false }
        insertArea(range, before: next, in: map)
        return true
    }

    /// Whether the area at `position` adjoins `range` and has nothing that always prevents merging. Most new areas have
    /// no such neighbour.
    @inline(__always)
    private func mayJoin(_ range: VMA, _ position: AreaTree.Position?, in map: MapID) -> Bool {
        guard let position else { return false }
        let area = maps[map.index].areas[position]
        return (area.start == range.end || area.end == range.start) && area.isLike(range) && haveEqualState(area, range)
    }

    /// The areas that ``addArea(_:in:for:)`` would join `range` to.
    func newPartners(of range: VMA, in map: MapID) -> [VMA] {
        let (below, above) = newPartners(of: range, surroundings(of: range, in: map))
        return [below?.area, above?.area].compactMap(\.self)
    }

    private func newPartners(of range: VMA, _ around: Surroundings) -> (below: Placed?, above: Placed?) {
        guard model.newAreaMerge == .prefersUpper else { return partners(of: range, around) }
        let above = around.above.flatMap { canContinue(range, before: $0.area) ? $0 : nil }
        let anonVMA = above?.area.anonVMA ?? 0
        let below = around.below.flatMap { canContinue($0.area, with: range, anonVMA: anonVMA) ? $0 : nil }
        return (below, above)
    }

    private func canContinue(_ area: VMA, with range: VMA, anonVMA: UInt32) -> Bool {
        area.canContinue(with: range, anonVMA: anonVMA) && haveEqualState(area, range)
    }

    private func canContinue(_ range: VMA, before area: VMA) -> Bool {
        range.canContinue(before: area) && haveEqualState(area, range)
    }

    /// An area and where it is.
    private typealias Placed = (position: AreaTree.Position, area: VMA)
    /// The areas around and under a range.
    private typealias Surroundings = (below: Placed?, inside: Placed?, above: Placed?)

    /// The area that ends where `range` starts, the one that `range` lies in, and the one that starts at its end.
    private func surroundings(of range: VMA, in map: MapID) -> Surroundings {
        let areas = maps[map.index].areas
        func placed(_ position: AreaTree.Position?) -> Placed? { position.map { ($0, areas[$0]) } }
        let first = placed(areas.firstPosition(endingAfter: range.start))
        let inside = first.flatMap { $0.area.start < range.end ? $0 : nil }
        let below = placed(first.map { areas.position(before: $0.position) } ?? areas.lastPosition)
        let above = inside.map { placed(areas.position(after: $0.position)) } ?? first
        return (
            below.flatMap { $0.area.end == range.start ? $0 : nil }, inside,
            above.flatMap { $0.area.start == range.end ? $0 : nil }
        )
    }

    /// Grows the given neighbours over `range`: `__vma_adjust()` in the cases of `vma_merge()`.
    ///
    /// An area that grows and has no `anon_vma` takes over that of the area that it absorbs.
    private mutating func join(
        _ range: VMA, below: Placed?, inside: Placed?, above: Placed?, in map: MapID
    ) -> AreaTree.Position? {
        guard let growing = below ?? above else { return nil }
        var area = growing.area
        area.end = above?.area.end ?? range.end
        if below == nil {
            area.start = range.start
            area.startIndex = area.startIndex - range.pages
        }
        for swallowed in [inside?.area, above?.area].compactMap(\.self) where area.anonVMA == 0 {
            area.anonVMA = swallowed.anonVMA
            area.anonLinks = swallowed.anonLinks
        }
        if let inside, range.end < inside.area.end {
            // The boundary to the area below moves up.
            replaceArea(at: inside.position, in: map, with: inside.area.part(range.end..<inside.area.end))
            replaceArea(at: growing.position, in: map, with: area)
            return growing.position
        }
        if let inside, inside.area.start < range.start {
            // The boundary to the area above moves down.
            replaceArea(at: inside.position, in: map, with: inside.area.part(inside.area.start..<range.start))
            replaceArea(at: growing.position, in: map, with: area)
            return growing.position
        }
        let joined = [below, inside, above].compactMap(\.self)
        return replaceAreas(joined.count, from: joined[0].position, in: map, with: area)
    }
}

extension VMA {
    /// The part of the area that lies in `range`, which must lie in the area.
    func part(_ range: Range<PageNumber>) -> VMA {
        var part = self
        part.startIndex = fileIndex(of: range.lowerBound)
        part.start = range.lowerBound
        part.end = range.upperBound
        return part
    }

    /// Whether this existing area can grow over `range` after it, whose pages have `anonVMA`: models
    /// `can_vma_merge_after()`.
    func canContinue(with range: VMA, anonVMA: UInt32) -> Bool {
        isLike(range) && fits(anonVMA) && startIndex + pages == range.startIndex
    }

    /// Whether the existing `area` can grow over this range before it: models `can_vma_merge_before()`.
    fileprivate func canContinue(before area: VMA) -> Bool {
        isLike(area) && area.fits(anonVMA) && startIndex + pages == area.startIndex
    }

    /// `is_mergeable_vma()`: the areas differ only in place, offset and `anon_vma`, and perhaps in what the handler
    /// remembers; see ``Machine/haveEqualState(_:_:)``.
    fileprivate func isLike(_ other: VMA) -> Bool {
        flags == other.flags && file == other.file && operations == other.operations
    }

    /// `is_mergeable_anon_vma()`: the area may take pages with this `anon_vma`.
    ///
    /// If one side has none, the area must not have links to the `anon_vma`s of parents: long chains make locks
    /// contended.
    private func fits(_ other: UInt32) -> Bool {
        if anonVMA == 0 || other == 0, anonLinks == 1 { return true }
        return anonVMA == other
    }
}
