/// `do_fault_around()` (mm/memory.c, Linux 6.1): the neighbours of a page that are ready are mapped with it.
///
/// The window begins at the page's address rounded down to the window size, but not before the area, and reaches that
/// many pages from there, within the area and the page table. After a clamp it is not aligned.
enum FaultAround {
    static func run(_ fault: inout VMFault, _ machine: inout Machine) -> Step<PageFault.Stage> {
        let area = machine.area(of: fault)
        let pages = machine.settings.faultAroundPages
        let operations = machine.configuration.vmOperations[Int(area.operations) - 1]
        guard machine.model.faultAround == .mapPages, pages > 1, operations.provides.contains(.mapPages) else {
            return .next(.callHandler)
        }
        let aligned = PageNumber(fault.page.rawValue & ~UInt64(pages - 1))
        let start = max(aligned, area.start)
        let first = fault.index - (fault.page - start)
        let tableEnd = machine.geometry.entriesPerTable - 1 - machine.geometry.slot(of: start)
        let last = min(first + tableEnd, min(area.fileIndex(of: area.end - 1), first + (pages - 1)))
        if !machine.hasTable(for: fault.page, in: fault.map), machine.allocationFails(.pageTable, for: fault.task) {
            return PageFault.end(.oom, &fault, &machine)
        }
        let result = operations.mapPages(&fault, from: first, through: last, &machine)
        return result == [] ? .next(.callHandler) : PageFault.end(result, &fault, &machine)
    }
}

extension Machine {
    /// Maps the pages `first` to `last` of the fault's file that are ready, around the page of the fault; what
    /// `filemap_map_pages()` does under the page-table lock, in one pass.
    ///
    /// A page is ready if it is cached, uptodate, unlocked, without readahead mark, and within the file.
    ///
    /// - Returns: How many ready pages were looked at, and whether the page of the fault is mapped now.
    package mutating func mapReadyPages(
        _ fault: VMFault, from first: PageIndex, through last: PageIndex
    ) -> (visited: Int, servedFault: Bool) {
        let end = min(last.value, files[fault.file.index].pages - 1)
        var index = first
        var leaf = leafTable(fault.map, fault.page)
        var visited = 0
        var served = false
        let area = currentArea(fault.area)
        let bits = entryBits(of: area, forWrite: false)
        while index.value <= end {
            let folio = files[fault.file.index].cache[index]
            if folio != .none, isReadyToMap(frames[folio].flags) {
                if leaf == 0 {
                    guard let made = makeLeafTable(fault.map, fault.page, for: fault.task) else { break }
                    leaf = made
                }
                visited &+= 1
                let page = fault.page + (index - fault.index)
                if tables.entry(leaf, page).isNone {
                    mapFrame(folio, bits, at: page, in: fault.map, leaf: leaf)
                    if index == fault.index { served = true }
                }
            }
            index = index + 1
        }
        return (visited, served)
    }

    @inline(__always)
    private func isReadyToMap(_ flags: FrameFlags) -> Bool {
        flags.rawValue
            & (FrameFlags.uptodate.rawValue | FrameFlags.locked.rawValue | FrameFlags.readahead.rawValue
                | FrameFlags.poisoned.rawValue) == FrameFlags.uptodate.rawValue
    }
}
