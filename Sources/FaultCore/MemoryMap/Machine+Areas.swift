/// Areas of memory maps. Every change of an area goes through here.
extension Machine {
    /// The areas of a map, in address order.
    public func areas(of map: MapID) -> [VMA] { Array(maps[index(of: map)].areas.areas) }

    /// The first area that ends above `page`: `find_vma()`.
    public func area(endingAfter page: PageNumber, in map: MapID) -> VMA? {
        let areas = maps[index(of: map)].areas
        return areas.firstPosition(endingAfter: page).map { areas[$0] }
    }

    /// The area that contains `page`: `vma_lookup()`.
    public func area(containing page: PageNumber, in map: MapID) -> VMA? {
        guard let area = area(endingAfter: page, in: map), area.contains(page) else { return nil }
        return area
    }

    /// Looks up the first area that ends above `page`, for a fault: valid until its lock is dropped.
    @inline(__always)
    package func handle(endingAfter page: PageNumber, in map: MapID) -> (VMAHandle, VMA)? {
        guard let position = maps[map.index].areas.firstPosition(endingAfter: page) else { return nil }
        let area = maps[map.index].areas[position]
        let handle = VMAHandle(
            map: map, start: area.start, position: position, sequence: maps[map.index].areas.sequence)
        return (handle, area)
    }

    /// The area of a fault.
    ///
    /// Using it after the fault lock was dropped is a broken contract: the kernel would read freed memory.
    public mutating func area(of fault: VMFault) -> VMA {
        // If stacks grow under the read lock, another task can change the bounds of an area meanwhile. The area stays
        // valid.
        let staysValid = fault.lock != .none && model.stackGrowth == .underReadLock
        if recorder.isChecking, !staysValid, isStale(fault) {
            report(.staleArea, fault.task, "the area of \(fault.page) is used after the fault lock was dropped")
        }
        return currentArea(fault.area)
    }

    /// Whether the area of a fault may have been replaced. An area that the task reads under the area lock can't
    /// be replaced.
    private func isStale(_ fault: VMFault) -> Bool {
        switch fault.lock {
        case .none: true
        case .mmap: fault.area.sequence != maps[fault.map.index].areas.sequence
        case .area: maps[fault.map.index].areaLocks.area(readBy: fault.task) != fault.area.start
        }
    }

    /// The area that a handle names; if the handle is stale, the nearest one.
    @inline(__always)
    func currentArea(_ handle: VMAHandle) -> VMA {
        if handle.sequence == maps[handle.map.index].areas.sequence {
            return maps[handle.map.index].areas[handle.position]
        }
        let areas = maps[handle.map.index].areas
        guard let position = areas.firstPosition(endingAfter: handle.start) else {
            return VMA(start: handle.start, end: handle.start + 1, startIndex: 0, flags: [])
        }
        return areas[position]
    }

    /// Adds an area, which must not overlap another.
    @inline(__always)
    package mutating func insertArea(_ area: VMA, in map: MapID) {
        noteWrite(of: area, in: map)
        count(area, in: map, 1)
        maps[map.index].insert(area)
    }

    /// Adds an area, which must not overlap another, before the one at `next`, the first that ends above it.
    @inline(__always)
    mutating func insertArea(_ area: VMA, before next: AreaTree.Position?, in map: MapID) {
        count(area, in: map, 1)
        maps[map.index].insert(area, before: next)
    }

    /// Removes an area. Its entries must be gone, or must go before any other task can see them.
    mutating func removeArea(at position: AreaTree.Position, in map: MapID) {
        removeArea(maps[map.index].areas[position], at: position, in: map)
    }

    /// Removes `area`, which is at `position`. Its entries must be gone, or must go before any other task can see them.
    ///
    /// - Returns: The new position of the area that followed; `nil` if it was the last.
    @inline(__always)
    @discardableResult
    mutating func removeArea(_ area: VMA, at position: AreaTree.Position, in map: MapID) -> AreaTree.Position? {
        noteWrite(of: area, in: map)
        count(area, in: map, -1)
        return maps[map.index].remove(area, at: position)
    }

    /// Replaces an area by one in the same place in the order.
    mutating func replaceArea(at position: AreaTree.Position, in map: MapID, with area: VMA) {
        let old = maps[map.index].areas[position]
        noteWrite(of: old, in: map)
        noteWrite(of: area, in: map)
        // The new area is counted before the old one is uncounted: an `anon_vma` that no area has is freed at once.
        count(area, in: map, 1)
        count(old, in: map, -1)
        maps[map.index].replace(old, at: position, with: area)
    }

    /// Replaces `number` areas, the lowest at `position`, by one that reaches from the lowest to the highest.
    ///
    /// - Returns: Where the area is now.
    mutating func replaceAreas(
        _ number: Int, from position: AreaTree.Position, in map: MapID, with area: VMA
    ) -> AreaTree.Position {
        count(area, in: map, 1)
        var next: AreaTree.Position? = position
        for _ in 0..<number {
            guard let position = next else { break }
            next = removeArea(maps[map.index].areas[position], at: position, in: map)
        }
        noteWrite(of: area, in: map)
        return maps[map.index].insert(area)
    }

    /// Moves the end of the heap: `mm->brk`.
    mutating func setHeapEnd(of map: MapID, to page: PageNumber) {
        noteWrite(.areas(map))
        maps[map.index].heapEnd = page
    }

    /// Gives an area an `anon_vma`: in place, so that handles stay valid, as in the kernel.
    mutating func setAnonVMA(_ number: UInt32, links: UInt16, at position: AreaTree.Position, in map: MapID) {
        var area = maps[map.index].areas[position]
        count(area, in: map, -1)
        area.anonVMA = number
        area.anonLinks = links
        count(area, in: map, 1)
        maps[map.index].areas[position] = area
    }

    /// Changes what an area's handler remembers of it: in place, so that handles stay valid.
    mutating func setStateWord(_ word: UInt64, at position: AreaTree.Position, in map: MapID) {
        var area = maps[map.index].areas[position]
        area.stateWord = word
        // Counted before uncounted, as in ``replaceArea(at:in:with:)``.
        count(area, in: map, 1)
        count(maps[map.index].areas[position], in: map, -1)
        maps[map.index].areas[position] = area
    }

    /// Notes how far swap readahead has come in an area: in place, so that handles stay valid.
    mutating func setSwapReadahead(_ state: SwapReadaheadState, at position: AreaTree.Position, in map: MapID) {
        var area = maps[map.index].areas[position]
        guard area.swapReadahead != state.word else { return }
        area.swapReadahead = state.word
        // Counted before uncounted, as in ``replaceArea(at:in:with:)``.
        count(area, in: map, 1)
        count(maps[map.index].areas[position], in: map, -1)
        maps[map.index].areas[position] = area
    }

    /// Where the area of a fault is.
    func position(of fault: VMFault) -> AreaTree.Position? {
        let handle = fault.area
        if handle.sequence == maps[handle.map.index].areas.sequence { return handle.position }
        return maps[handle.map.index].areas.firstPosition(endingAfter: handle.start)
    }

    /// Counts an area in or out: fingerprint, `anon_vma`, mappings of its file.
    @inline(__always)
    private mutating func count(_ area: VMA, in map: MapID, _ sign: Int) {
        noteWrite(.areas(map))
        let (place, hash) = Self.contribution(of: area, in: map, state: stateHash(of: area))
        structuralHash = sign > 0 ? structuralHash &+ hash : structuralHash &- hash
        if area.anonVMA != 0 {
            structuralHash &+=
                sign > 0 ? anonVMAs.link(area.anonVMA, place) : anonVMAs.unlink(area.anonVMA, place)
        }
        if area.file != .none { countMapping(of: area.file, sign > 0 ? 1 : -1) }
    }

    /// The numbers of an area's pages that lie in `range`.
    func clip(_ range: Range<PageNumber>, to area: VMA) -> Range<PageNumber> {
        max(range.lowerBound, area.start)..<max(max(range.lowerBound, area.start), min(range.upperBound, area.end))
    }
}
