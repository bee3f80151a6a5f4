/// Unmapping: `do_mas_align_munmap()` and `unmap_region()` (mm/mmap.c, Linux 6.1), in the steps that others can see.
extension Machine {
    /// Whether an area has a page in `range`.
    func hasArea(in range: Range<PageNumber>, of map: MapID) -> Bool { firstArea(in: range, of: map) != nil }

    /// The position of the first area that has a page in `range`.
    @inline(__always)
    func firstArea(in range: Range<PageNumber>, of map: MapID) -> AreaTree.Position? {
        guard let position = maps[map.index].areas.firstPosition(nearLastChange: range.lowerBound),
            maps[map.index].areas[position].start < range.upperBound
        else { return nil }
        return position
    }

    /// Removes the areas in `range`, after splitting at both ends: `do_mas_align_munmap()` up to the point of no
    /// return.
    ///
    /// Needs the mmap lock for writing. The entries stay until ``tearDown(_:_:of:by:)``.
    ///
    /// - Parameter first: The result of ``firstArea(in:of:)``.
    /// - Returns: What is left to do; `nil` (`ENOMEM`) if the splits would take too many areas.
    mutating func removeAreas(
        in range: Range<PageNumber>, from first: AreaTree.Position, of map: MapID
    ) -> Unmapping? {
        defer { if hasUserfaults { endTelling(by: scheduler.current) } }
        var position = first
        var area = maps[map.index].areas[position]
        if area.start < range.lowerBound {
            // Unmapping may leave one area too many for a moment, so that it can free memory at the limit.
            if range.upperBound < area.end, maps[map.index].areas.count >= settings.mapCountLimit { return nil }
            guard let upper = splitBeyondLimit(at: range.lowerBound, position, in: map) else { return nil }
            position = upper
            area = maps[map.index].areas[position]
        }
        if area.end != range.upperBound,
            let last = maps[map.index].areas.firstPosition(endingAfter: range.upperBound),
            maps[map.index].areas[last].start < range.upperBound
        {
            guard splitBeyondLimit(at: range.upperBound, last, in: map) != nil,
                let first = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound)
            else { return nil }
            position = first
        }

        noteUnmapping(range, of: map, by: scheduler.current)
        var unmapping = Unmapping(
            tables: range, mayDowngrade: model.unmapDowngrade != .never, endsFile: false, isSequential: true)
        var next: AreaTree.Position? = position
        while let position = next {
            let area = maps[map.index].areas[position]
            guard area.start < range.upperBound else {
                // A neighbour that grows may reach into the range while only the read lock is held.
                if model.unmapDowngrade == .notBelowStacks { unmapping.mayDowngrade = !area.flags.contains(.growsDown) }
                break
            }
            if area.file != .none, files[area.file.index].traits.contains(.unnamed) { unmapping.endsFile = true }
            if hasRecency(area) { unmapping.isSequential = false }
            next = removeArea(area, at: position, in: map)
        }
        unmapping.tables = tablesAround(range, before: next, of: map)
        return unmapping
    }

    /// The pages whose page tables only `range` can use; it no longer has areas. Models the floor and the ceiling of
    /// `free_pgtables()`, cut off at the tables that cover the range.
    ///
    /// - Parameter next: The position of the first area after the range.
    @inline(__always)
    private func tablesAround(
        _ range: Range<PageNumber>, before next: AreaTree.Position?, of map: MapID
    ) -> Range<PageNumber> {
        let span = 1 << (UInt64(geometry.levels - 1) * UInt64(geometry.bitsPerLevel)) as UInt64
        var floor = PageNumber(range.lowerBound.rawValue & ~(span - 1))
        var ceiling = PageNumber((range.upperBound.rawValue + span - 1) & ~(span - 1))
        if let next { ceiling = min(ceiling, maps[map.index].areas[next].start) }
        let previous = next.map { maps[map.index].areas.position(before: $0) } ?? maps[map.index].areas.lastPosition
        if let previous { floor = max(floor, maps[map.index].areas[previous].end) }
        return floor..<ceiling
    }

    /// Removes the entries in `range` and frees the tables: `unmap_region()`. The mmap lock may be downgraded.
    mutating func tearDown(_ range: Range<PageNumber>, _ unmapping: Unmapping, of map: MapID, by task: TaskID) {
        drainOwnBatches()
        if tables.mayHaveTables(maps[map.index].root, in: unmapping.tables) {
            zap(range, of: map, isSequential: unmapping.isSequential, by: task)
            freeTables(map, in: unmapping.tables)
        }
        if unmapping.endsFile { evictUnnamedFiles() }
    }

    /// Unmaps `range` for a caller that keeps the write lock: `do_munmap()`.
    ///
    /// - Returns: `nil`, or why it could not: `EINVAL` for a range that no map can have, `ENOMEM` for too many areas.
    mutating func unmap(_ range: Range<PageNumber>, of map: MapID, by task: TaskID) -> Errno? {
        guard !range.isEmpty, range.upperBound <= geometry.userLimit else { return .invalid }
        guard let first = firstArea(in: range, of: map) else { return nil }
        guard let unmapping = removeAreas(in: range, from: first, of: map) else { return .noMemory }
        tearDown(range, unmapping, of: map, by: task)
        return nil
    }
}

/// What is left to do for pages whose areas are gone.
struct Unmapping: FieldList {
    /// The first of the pages whose page tables no other area can use.
    private var firstTable: PageNumber
    /// The page after the last of them.
    private var tablesEnd: PageNumber
    /// Whether entries and tables may be removed under the read lock.
    var mayDowngrade: Bool
    /// Whether shared anonymous memory may have lost its last area.
    var endsFile: Bool
    /// Whether all the areas were read sequentially. (The kernel looks at each area separately.)
    var isSequential: Bool

    init(tables: Range<PageNumber>, mayDowngrade: Bool, endsFile: Bool, isSequential: Bool) {
        firstTable = tables.lowerBound
        tablesEnd = tables.upperBound
        self.mayDowngrade = mayDowngrade
        self.endsFile = endsFile
        self.isSequential = isSequential
    }

    /// The pages whose page tables no other area can use.
    var tables: Range<PageNumber> {
        get { firstTable..<tablesEnd }
        set {
            firstTable = newValue.lowerBound
            tablesEnd = newValue.upperBound
        }
    }

    func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("firstTable", firstTable)
        visitor.visit("tablesEnd", tablesEnd)
        visitor.visit("mayDowngrade", mayDowngrade)
        visitor.visit("endsFile", endsFile)
        visitor.visit("isSequential", isSequential)
    }
}
