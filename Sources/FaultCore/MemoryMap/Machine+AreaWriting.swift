/// Write-locking areas before they change: `vma_start_write()` (include/linux/mm.h, Linux 6.12).
///
/// A stage that changes areas holds the mmap lock for writing. Before the change, it asks one of these functions what
/// it has to wait for. They mark the areas one after the other, in the kernel's order, up to the first that still has
/// readers. The stage sleeps until those are gone, and asks again. There is nothing to wait for in kernels whose areas
/// have no locks, or while no area has readers.
extension Machine {
    /// Write-locks all areas that have a page in `range`, by address.
    ///
    /// - Returns: What to sleep for before asking again; `nil` if all are locked.
    @inline(__always)
    mutating func waitToWrite(areasIn range: Range<PageNumber>, of map: MapID) -> TaskWait? {
        guard model.areaLocks != .none, !range.isEmpty else { return nil }
        return waitToWriteAll(in: range, of: map)
    }

    private mutating func waitToWriteAll(in range: Range<PageNumber>, of map: MapID) -> TaskWait? {
        var next = maps[map.index].areas.firstPosition(endingAfter: range.lowerBound)
        while let position = next {
            let area = maps[map.index].areas[position]
            guard area.start < range.upperBound else { return nil }
            if let wait = waitToWrite(area, in: map) { return wait }
            next = maps[map.index].areas.position(after: position)
        }
        return nil
    }

    /// Write-locks one area.
    @inline(__always)
    mutating func waitToWrite(_ area: VMA, in map: MapID) -> TaskWait? {
        guard model.areaLocks != .none else { return nil }
        noteWrite(.areaLocks(map))
        maps[map.index].areaLocks.mark(area.start..<area.end)
        note(.writesArea(scheduler.current, map, area.start, pages: area.end - area.start))
        guard maps[map.index].areaLocks.awaitReaders(of: area.start), !mistaken(.writesReadArea) else { return nil }
        return TaskWait(.areaReaders, .uninterruptible, value: UInt64(map.index))
    }

    /// Write-locks what `vma_modify_flags()` locks: the area at `position`, of which `range` is to get `flags`, and the
    /// neighbours that the range will then join. Locks nothing if the area has these flags already.
    mutating func waitToWrite(
        changing range: Range<PageNumber>, at position: AreaTree.Position, in map: MapID, to flags: VMAFlags
    ) -> TaskWait? {
        guard model.areaLocks != .none else { return nil }
        let area = maps[map.index].areas[position]
        guard area.flags != flags else { return nil }
        if let wait = waitToWrite(area, in: map) { return wait }
        var changed = area.part(range)
        changed.flags = flags
        return waitToWrite(partnersOf: changed, isNew: false, in: map)
    }

    /// Write-locks the neighbours that `range` will join by ``merge(_:in:)``, or by ``addArea(_:in:for:)`` if it is
    /// new.
    @inline(__always)
    mutating func waitToWrite(partnersOf range: VMA, isNew: Bool, in map: MapID) -> TaskWait? {
        model.areaLocks == .none ? nil : waitToWriteAll(partnersOf: range, isNew: isNew, in: map)
    }

    private mutating func waitToWriteAll(partnersOf range: VMA, isNew: Bool, in map: MapID) -> TaskWait? {
        for partner in isNew ? newPartners(of: range, in: map) : partners(of: range, in: map) {
            if let wait = waitToWrite(partner, in: map) { return wait }
        }
        return nil
    }

    /// Write-locks the area that would grow down to the page of a fault: `expand_downwards()`.
    package mutating func waitToGrow(_ fault: VMFault) -> TaskWait? {
        guard model.areaLocks != .none, !mistaken(.stackGrowsBesideReaders),
            let area = area(endingAfter: fault.page, in: fault.map), area.start > fault.page,
            area.flags.contains(.growsDown)
        else { return nil }
        return waitToWrite(area, in: fault.map)
    }

    /// Marks an area that a setter changes. It has no readers: the change would have waited for them.
    @inline(__always)
    mutating func noteWrite(of area: VMA, in map: MapID) {
        guard model.areaLocks != .none else { return }
        noteWriteOfLocked(area, in: map)
    }

    /// Reports an area that changes, or is copied, while a task reads under its lock.
    mutating func checkNobodyReads(_ area: VMA, in map: MapID) {
        guard maps[map.index].areaLocks.isRead(area.start) else { return }
        report(.staleArea, scheduler.current, "the area at \(area.start) changes while a task reads under its lock")
    }

    @inline(never)
    private mutating func noteWriteOfLocked(_ area: VMA, in map: MapID) {
        checkNobodyReads(area, in: map)
        // Tests put maps together without any lock.
        guard maps[map.index].lock.writer != .none else { return }
        noteWrite(.areaLocks(map))
        maps[map.index].areaLocks.mark(area.start..<area.end)
        note(.writesArea(scheduler.current, map, area.start, pages: area.end - area.start))
    }
}
