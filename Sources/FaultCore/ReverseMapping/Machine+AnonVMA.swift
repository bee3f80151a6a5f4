/// `anon_vma`: which private areas belong together. Models the parts of mm/rmap.c that merging and fork look at.
extension Machine {
    /// Gives the fault's area an `anon_vma` if it has none: `anon_vma_prepare()`.
    ///
    /// - Returns: Whether it has one now; `false` if there is no memory.
    mutating func prepareAnonVMA(of fault: inout VMFault) -> Bool {
        let area = area(of: fault)
        if area.anonVMA != 0 { return true }
        guard let position = maps[fault.map.index].areas.firstPosition(endingAfter: area.start) else { return false }
        return prepareAnonVMA(at: position, in: fault.map, for: fault.task)
    }

    /// Gives the area at `position` an `anon_vma` if it has none; the area may share one with a neighbour.
    mutating func prepareAnonVMA(at position: AreaTree.Position, in map: MapID, for task: TaskID) -> Bool {
        let areas = maps[map.index].areas
        let area = areas[position]
        if area.anonVMA != 0 { return true }
        guard !allocationFails(.anonVMA, for: task) else { return false }
        let number = mergeableAnonVMA(of: area, at: position, in: map) ?? anonVMAs.allocate()
        setAnonVMA(number, links: 1, at: position, in: map)
        return true
    }

    /// `find_mergeable_anon_vma()`: that of the next area, else of the previous one, if only their access keeps the
    /// areas apart.
    private func mergeableAnonVMA(of area: VMA, at position: AreaTree.Position, in map: MapID) -> UInt32? {
        let areas = maps[map.index].areas
        if let next = areas.position(after: position), Self.areCompatible(area, areas[next]),
            areas[next].anonVMA != 0, areas[next].anonLinks == 1
        {
            return areas[next].anonVMA
        }
        if let previous = areas.position(before: position), Self.areCompatible(areas[previous], area),
            areas[previous].anonVMA != 0, areas[previous].anonLinks == 1
        {
            return areas[previous].anonVMA
        }
        return nil
    }

    /// `anon_vma_compatible()`.
    private static func areCompatible(_ a: VMA, _ b: VMA) -> Bool {
        a.end == b.start && a.file == b.file
            && a.flags.subtracting(.access).withoutDescriptor == b.flags.subtracting(.access).withoutDescriptor
            && b.startIndex == a.startIndex + a.pages
    }
}
