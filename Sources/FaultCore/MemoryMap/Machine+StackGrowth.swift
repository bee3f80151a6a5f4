/// Growing stacks. Models `expand_downwards()` and `acct_stack_growth()` (mm/mmap.c, Linux 6.1).
extension Machine {
    /// Moves the start of the fault's area down to the fault's page, if the area grows and its limits allow it.
    ///
    /// The mmap lock must be held for writing, or for reading where ``KernelModel/StackGrowth`` says so, and the area
    /// must end above the page. On success, ``VMFault/area`` names the grown area. An `anon_vma` that was made for the
    /// area stays even if the growth is then refused.
    ///
    /// - Returns: `nil` if the area covers the page now, else why not. Callers treat all reasons alike.
    package mutating func expandStack(of fault: inout VMFault) -> Errno? {
        let areas = maps[fault.map.index].areas
        guard let position = areas.firstPosition(endingAfter: fault.page) else { return .badAddress }
        guard maps[fault.map.index].areas[position].flags.contains(.growsDown) else { return .badAddress }
        guard fault.page >= geometry.lowestUserPage else { return .notPermitted }
        if model.stackGuard == .gap, let below = maps[fault.map.index].areas.position(before: position) {
            let previous = maps[fault.map.index].areas[below]
            let keepsDistance = previous.flags.contains(.growsDown) || previous.flags.isDisjoint(with: .access)
            guard keepsDistance || mistaken(.stackGapIgnored) || fault.page - previous.end >= settings.stackGuardPages
            else { return .noMemory }
        }
        guard prepareAnonVMA(at: position, in: fault.map, for: fault.task) else { return .noMemory }

        var area = maps[fault.map.index].areas[position]
        let growth = area.start - fault.page
        if growth > 0 {
            guard growth <= area.startIndex.value, mayGrow(area, by: growth, in: fault.map) else { return .noMemory }
            area.start = fault.page
            area.startIndex = area.startIndex - growth
            replaceArea(at: position, in: fault.map, with: area)
        }
        return findArea(of: &fault) == nil ? .badAddress : nil
    }

    /// `acct_stack_growth()`: the limits of the address space, of stacks and of locked memory, in this order.
    private func mayGrow(_ area: VMA, by growth: Int, in map: MapID) -> Bool {
        guard mayExpand(map, area.flags, by: growth) else { return false }
        guard area.pages + growth <= settings.stackLimitPages || mistaken(.stackLimitIgnored) else { return false }
        return !area.flags.contains(.locked) || maps[map.index].lockedPages + growth <= settings.lockedLimitPages
    }
}
