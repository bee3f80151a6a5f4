/// What became of a wish to give a part of an area other flags.
package enum FlagChange: Sendable {
    /// It has them, and the area that contains it now ends here.
    case changed(PageNumber)
    /// Readers of an area have to be waited for first; then ask again.
    case mustWait(TaskWait)
    /// It would take too many areas.
    case noMemory
}

/// Changing the registration of areas: `vma_modify_flags_uffd()` and its like. All of it needs the mmap lock for writing.
extension Machine {
    /// Gives `part` of the area that contains it other flags, after ``waitToChange(_:in:to:)``; the area is split and merged
    /// as that takes.
    ///
    /// - Parameter merging: Whether it may join neighbours. Else the part must be the whole area.
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

    /// Write-locks the area that contains `part`, and those that the part will join: what there is to wait for, if there is
    /// anything.
    package mutating func waitToChange(_ part: Range<PageNumber>, in map: MapID, to flags: VMAFlags) -> TaskWait? {
        guard let position = maps[map.index].areas.firstPosition(endingAfter: part.lowerBound) else { return nil }
        return waitToWrite(changing: part, at: position, in: map, to: flags)
    }
}
