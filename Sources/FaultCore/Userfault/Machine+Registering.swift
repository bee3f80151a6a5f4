/// The result of changing the flags of a part of an area.
package enum FlagChange: Sendable {
    /// The part has the flags, and the area that now contains it ends here.
    case changed(PageNumber)
    /// Readers of an area must be waited for first; then call again.
    case mustWait(TaskWait)
    /// It would take too many areas.
    case noMemory
}

/// Changing the registration of areas: `vma_modify_flags_uffd()` and its siblings. All of it needs the mmap lock for
/// writing.
extension Machine {
    /// Changes the flags of `part` of the area that contains it, after ``waitToChange(_:in:to:)``. The area is split
    /// and merged as required.
    ///
    /// - Parameter merging: Whether the part may join neighbours. If not, the part must be the whole area.
    package mutating func setFlags(
        of part: Range<PageNumber>, in map: MapID, to flags: VMAFlags, merging: Bool = true
    ) -> FlagChange {
        if let wait = waitToChange(part, in: map, to: flags) { return .mustWait(wait) }
        guard let position = maps[map.index].areas.firstPosition(endingAfter: part.lowerBound) else {
            return .changed(part.upperBound)
        }
        guard merging else {
            var area = maps[map.index].areas[position]
            area.flags = flags
            replaceArea(at: position, in: map, with: area)
            return .changed(area.end)
        }
        guard let changed = changeFlags(of: part, at: position, in: map, to: flags) else { return .noMemory }
        return .changed(max(part.upperBound, maps[map.index].areas[changed].end))
    }

    /// Write-locks the area that contains `part`, and the areas that the part will join. Returns what to wait for
    /// first, if anything.
    package mutating func waitToChange(_ part: Range<PageNumber>, in map: MapID, to flags: VMAFlags) -> TaskWait? {
        guard let position = maps[map.index].areas.firstPosition(endingAfter: part.lowerBound) else { return nil }
        return waitToWrite(changing: part, at: position, in: map, to: flags)
    }
}
