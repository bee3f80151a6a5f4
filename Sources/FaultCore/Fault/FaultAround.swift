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
        let (first, last) = window(around: fault.page, at: fault.index, of: area, pages: pages, machine.geometry)
        if !machine.hasTable(for: fault.page, in: fault.map), machine.allocationFails(.pageTable, for: fault.task) {
            return PageFault.end(.oom, &fault, &machine)
        }
        let result = operations.mapPages(&fault, from: first, through: last, &machine)
        return result == [] ? .next(.callHandler) : PageFault.end(result, &fault, &machine)
    }

    /// The first and the last page of the file that are looked at.
    @inline(__always)
    static func window(
        around page: PageNumber, at index: PageIndex, of area: VMA, pages: Int, _ geometry: PageGeometry
    ) -> (PageIndex, PageIndex) {
        let aligned = PageNumber(page.rawValue & ~UInt64(pages - 1))
        let start = max(aligned, area.start)
        let first = index - (page - start)
        let tableEnd = geometry.entriesPerTable - 1 - geometry.slot(of: start)
        return (first, min(first + tableEnd, min(area.fileIndex(of: area.end - 1), first + (pages - 1))))
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
        let file = fault.file.index
        let end = min(last.value, files[file].pages - 1)
        var index = first.value
        var leaf = leafTable(fault.map, fault.page)
        if leaf == 0 {
            while index <= end, !isReadyToMap(files[file].cache[PageIndex(index)]) { index &+= 1 }
            guard index <= end, let made = makeLeafTable(fault.map, fault.page, for: fault.task) else {
                return (0, false)
            }
            leaf = made
        }
        var run = ReadyRun(
            map: fault.map, bits: entryBits(of: currentArea(fault.area), forWrite: false), leaf: leaf,
            fault: fault.index.value, base: fault.page - fault.index.value)
        while index <= end {
            let chunk = files[file].cache.chunk(of: PageIndex(index))
            guard chunk < files[file].cache.chunks.count else { break }
            let stop = min(end, chunk << 9 | 511)
            if !files[file].cache.chunks[chunk].isEmpty {
                Self.map(
                    files[file].cache.chunks[chunk], index...stop, &run, &frames, &tables, &maps[fault.map.index].rss)
            }
            index = stop &+ 1
        }
        structuralHash &+= run.hash
        return (run.visited, run.servedFault)
    }

    /// Maps the ready ones of the pages `indexes`, which all lie in the chunk `slots` of the page cache.
    private static func map(
        _ slots: borrowing [UInt32], _ indexes: ClosedRange<Int>, _ run: inout ReadyRun, _ frames: inout FrameTable,
        _ tables: inout PageTables, _ rss: inout ResidentPages
    ) {
        tables.withNode(run.leaf) { node in
            let mask = UInt64(node.count &- 1)
            for index in indexes {
                let folio = FrameNumber(rawValue: slots[index & 511])
                guard folio != .none else { continue }
                let flags = frames[folio].flags
                guard flags.isReadyToMap else { continue }
                run.visited &+= 1
                let page = run.base + index
                let slot = Int(truncatingIfNeeded: page.rawValue & mask)
                guard node[slot] == 0 else { continue }
                node[slot] = PTE(folio, run.bits).rawValue
                let place = Mixing.entryPlace(run.map, page, run.bits.rawValue)
                run.hash &+= changed(&frames[folio]) {
                    $0.mappings &+= 1
                    $0.references &+= 1
                    $0.places &+= place
                }
                rss.add(1, flags.kind)
                if index == run.fault { run.servedFault = true }
            }
        }
    }

    /// Whether a page of the page cache can be mapped at once.
    @inline(__always)
    func isReadyToMap(_ folio: FrameNumber) -> Bool { folio != .none && frames[folio].flags.isReadyToMap }
}

/// A run of ready pages that is mapped in one pass: where to, and what came of it.
private struct ReadyRun {
    let map: MapID
    let bits: PTE.Bits
    let leaf: UInt32
    /// The page of the file that the fault is about.
    let fault: Int
    /// The page of the map at which page 0 of the file would be.
    let base: PageNumber
    var visited = 0
    var servedFault = false
    /// By how much the fingerprint changes.
    var hash: UInt64 = 0
}

extension FrameFlags {
    /// Whether a page can be mapped at once: uptodate, unlocked, without readahead mark, sound.
    @inline(__always)
    fileprivate var isReadyToMap: Bool {
        rawValue
            & (FrameFlags.uptodate.rawValue | FrameFlags.locked.rawValue | FrameFlags.readahead.rawValue
                | FrameFlags.poisoned.rawValue) == FrameFlags.uptodate.rawValue
    }
}
