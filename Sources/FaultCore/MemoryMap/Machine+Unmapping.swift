/// Unmapping: `do_mas_align_munmap()` and `unmap_region()` (mm/mmap.c, Linux 6.1), in the steps that others can see.
extension Machine {
    /// Whether an area has a page in `range`.
    func hasArea(in range: Range<PageNumber>, of map: MapID) -> Bool {
        guard let area = area(endingAfter: range.lowerBound, in: map) else { return false }
        return area.start < range.upperBound
    }

    /// Takes the areas in `range` away, split at both ends: `do_mas_align_munmap()` up to the point of no return.
    ///
    /// Needs the mmap lock for writing, and at least one area with a page in `range`. The entries stay until
    /// ``tearDown(_:_:of:by:)``.
    ///
    /// - Returns: What is left to do; `nil` (`ENOMEM`) if the splits would take too many areas.
    mutating func removeAreas(in range: Range<PageNumber>, of map: MapID) -> Unmapping? {
        guard var position = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound) else { return nil }
        let first = maps[map.index].areas[position]
        if first.start < range.lowerBound {
            // Unmapping may leave one area too many for a moment, so that it can free memory at the limit.
            if range.upperBound < first.end, maps[map.index].areas.count >= settings.mapCountLimit { return nil }
            guard let upper = splitBeyondLimit(at: range.lowerBound, position, in: map) else { return nil }
            position = upper
        }
        if let last = maps[map.index].areas.firstPosition(endingAfter: range.upperBound),
            maps[map.index].areas[last].start < range.upperBound
        {
            guard splitBeyondLimit(at: range.upperBound, last, in: map) != nil else { return nil }
        }

        var unmapping = Unmapping(tables: range, mayDowngrade: true, endsFile: false)
        while let next = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound) {
            let area = maps[map.index].areas[next]
            guard area.start < range.upperBound else {
                // A growing neighbour may reach into the range while only the read lock is held.
                if model.unmapDowngrade == .notBelowStacks { unmapping.mayDowngrade = !area.flags.contains(.growsDown) }
                break
            }
            if area.file != .none, files[area.file.index].traits.contains(.unnamed) { unmapping.endsFile = true }
            removeArea(at: next, in: map)
        }
        unmapping.tables = tablesAround(range, of: map)
        return unmapping
    }

    /// The pages whose tables only `range` can have, which has no areas any more: the floor and the ceiling of
    /// `free_pgtables()`, no farther away than the tables that cover the range reach.
    private func tablesAround(_ range: Range<PageNumber>, of map: MapID) -> Range<PageNumber> {
        let span = 1 << (UInt64(geometry.levels - 1) * UInt64(geometry.bitsPerLevel)) as UInt64
        var floor = PageNumber(range.lowerBound.rawValue & ~(span - 1))
        var ceiling = PageNumber((range.upperBound.rawValue + span - 1) & ~(span - 1))
        let areas = maps[map.index].areas
        let next = areas.firstPosition(endingAfter: range.upperBound)
        if let next { ceiling = min(ceiling, areas[next].start) }
        if let previous = next.map({ areas.position(before: $0) }) ?? areas.lastPosition {
            floor = max(floor, areas[previous].end)
        }
        return floor..<ceiling
    }

    /// Takes the entries in `range` away and frees the tables: `unmap_region()`. The mmap lock may be downgraded.
    mutating func tearDown(_ range: Range<PageNumber>, _ unmapping: Unmapping, of map: MapID, by task: TaskID) {
        zap(range, of: map, by: task)
        freeTables(map, in: unmapping.tables)
        if unmapping.endsFile { evictUnnamedFiles() }
    }

    /// Unmaps `range` for a caller that keeps the write lock: `do_munmap()`.
    ///
    /// - Returns: `nil`, or why it could not: `EINVAL` for a range that no map can have, `ENOMEM` for too many areas.
    mutating func unmap(_ range: Range<PageNumber>, of map: MapID, by task: TaskID) -> Errno? {
        guard !range.isEmpty, range.upperBound <= geometry.userLimit else { return .invalid }
        guard hasArea(in: range, of: map) else { return nil }
        guard let unmapping = removeAreas(in: range, of: map) else { return .noMemory }
        tearDown(range, unmapping, of: map, by: task)
        return nil
    }

    /// Drops the pages of shared anonymous memory that no area maps any more: the last `iput()` of its file.
    mutating func evictUnnamedFiles() {
        for index in files.indices
        where files[index].traits.contains(.unnamed) && files[index].mappings == 0 && files[index].pins == 0 {
            while let (_, folio) = firstCached(of: FileID(index), from: 0) { removeFromCache(folio) }
        }
    }
}

/// What is left to do for pages whose areas are gone.
struct Unmapping: Sendable {
    /// The pages whose page tables nobody else can have.
    var tables: Range<PageNumber>
    /// Whether entries and tables may be taken away under the read lock.
    var mayDowngrade: Bool
    /// Whether shared anonymous memory may have lost its last area.
    var endsFile: Bool

    init(tables: Range<PageNumber>, mayDowngrade: Bool, endsFile: Bool) {
        self.tables = tables
        self.mayDowngrade = mayDowngrade
        self.endsFile = endsFile
    }

    /// Takes it out of the words 2 to 4 of a call.
    init(from call: Activation) {
        tables = PageNumber(call.words.2)..<PageNumber(call.words.3)
        mayDowngrade = call.words.4 & 1 != 0
        endsFile = call.words.4 & 2 != 0
    }

    /// Keeps it in the words 2 to 4 of a call.
    func save(in call: inout Activation) {
        call.words.2 = tables.lowerBound.rawValue
        call.words.3 = tables.upperBound.rawValue
        call.words.4 = (mayDowngrade ? 1 : 0) | (endsFile ? 2 : 0)
    }
}
