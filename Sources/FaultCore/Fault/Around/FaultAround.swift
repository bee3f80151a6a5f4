/// `do_fault_around()` (mm/memory.c, Linux 6.1): maps a page together with those of its neighbours that are ready.
///
/// The window begins at the page's address rounded down to the window size, but not before the area. It has that many
/// pages, within the area and the page table. If its start was clamped, it is not aligned.
enum FaultAround {
    static func run(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let area = machine.area(of: fault)
        let pages = machine.settings.faultAroundPages
        let operations = machine.configuration.vmOperations[Int(area.operations) - 1]
        let rule = machine.model.faultAround
        guard rule == .mapPages || rule == .mapPagesUncounted, pages > 1, operations.provides.contains(.mapPages),
            area.flags.isDisjoint(with: [.userfaultProtect, .userfaultMinor])  // uffd_disable_fault_around()
        else {
            return callHandler(&fault, area, &machine)
        }
        let (first, last) = window(around: fault.page, at: fault.index, of: area, pages: pages, machine.geometry)
        if !machine.hasTable(for: fault.page, in: fault.map), machine.allocationFails(.pageTable, for: fault.task) {
            return PageFault.end(.oom, &fault, &machine)
        }
        let task = fault.task
        let result = operations.mapPages(&fault, from: first, through: last, &machine)
        if machine.currentTask != task { machine.refuseReplacement(by: "\(operations.name).mapPages") }
        if result == [] { return callHandler(&fault, area, &machine) }
        let isServed = rule == .mapPagesUncounted && result == .noPage
        return PageFault.end(isServed ? [] : result, &fault, &machine)
    }

    private static func callHandler(
        _ fault: inout VMFault, _ area: VMA, _ machine: inout Machine
    ) -> PageFault.Step {
        PageFault.mayCallHandler(fault, area, machine)
            ? .next(.callHandler) : PageFault.needsMmapLock(&fault, &machine)
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
    /// Maps the ready pages from `first` to `last` of the fault's file, around the page of the fault, in one pass: what
    /// `filemap_map_pages()` does under the page-table lock.
    ///
    /// A page is ready if it is cached, uptodate, unlocked, without readahead mark and memory error, and within the
    /// file.
    ///
    /// - Returns: How many ready pages were looked at, how many of them were mapped, and whether the page of the fault is
    ///   mapped now.
    package mutating func mapReadyPages(
        _ fault: VMFault, from first: PageIndex, through last: PageIndex
    ) -> (visited: Int, mapped: Int, servedFault: Bool) {
        let file = fault.file.index
        let end = min(last.value, files[file].pages - 1) + 1
        guard let start = firstReady(in: file, from: first.value, before: end) else { return (0, 0, false) }
        if model.faultAroundTable == .notForLastPage, start == files[file].pages - 1,
            !files[file].traits.contains(.shmem), !hasTable(for: fault.page, in: fault.map)
        {
            return (0, 0, false)
        }
        guard let leaf = makeLeafTable(fault.map, fault.page, for: fault.task) else { return (0, 0, false) }
        let firstPage = fault.page + (start - fault.index.value)
        var run = ReadyRun(
            index: start, end: end, page: firstPage, faultIndex: fault.index.value,
            slot: geometry.slot(of: firstPage), map: fault.map,
            bits: entryBits(of: currentArea(fault.area), forWrite: false))
        while run.index < run.end {
            let cacheChunk = run.index >> 9
            guard cacheChunk < files[file].cache.chunks.count else { break }
            let slots = files[file].cache.chunks[cacheChunk]
            guard !slots.isEmpty else {
                run.skip(to: (cacheChunk + 1) << 9)
                continue
            }
            let frame = FrameNumber(rawValue: slots[run.index & 511])
            run.mapFrames(slots, &tables[node: leaf], &frames[chunkOf: frame], from: frame.rawValue & ~127)
        }
        if recorder.notesWrites { noteMapped(run, of: fault.file, from: start, at: firstPage) }
        structuralHash &+= run.hashChange
        maps[fault.map.index].rss.add(run.mapped, files[file].traits.contains(.shmem) ? .shmem : .file)
        if hasGroup, run.mapped > 0, currentArea(fault.area).flags.contains(.locked) {
            noteLockedPages(firstPage..<firstPage + (end - start), of: fault.map)
        }
        return (run.mapped &+ run.found, run.mapped, run.servedFault)
    }

    /// Notes the pages and entries that a run may have changed.
    @inline(never)
    private mutating func noteMapped(_ run: ReadyRun, of file: FileID, from first: Int, at page: PageNumber) {
        guard run.mapped > 0 else { return }
        for offset in 0..<(run.end - first) where files[file.index].cache[PageIndex(first + offset)] != .none {
            noteWrite(.cachedPage(file, PageIndex(first + offset)))
            noteWrite(.entry(run.map, page + offset))
        }
    }

    /// How many of the pages that are ready to be mapped came back after they were reclaimed: `PG_workingset`.
    package func refaultingPages(of file: FileID, from first: PageIndex, through last: PageIndex) -> Int {
        (first.value...max(first.value, min(last.value, files[file.index].pages - 1))).count { index in
            let folio = files[file.index].cache[PageIndex(index)]
            return isReadyToMap(folio) && frames[folio].flags.contains(.workingset)
        }
    }

    /// Whether a page of the page cache can be mapped at once.
    @inline(__always)
    func isReadyToMap(_ folio: FrameNumber) -> Bool { folio != .none && ReadyRun.isReady(frames[folio].flags) }

    /// The first page in a range of a file's pages that is ready to be mapped.
    @inline(__always)
    private func firstReady(in file: Int, from first: Int, before end: Int) -> Int? {
        var index = first
        while index < end {
            if isReadyToMap(files[file].cache[PageIndex(index)]) { return index }
            index &+= 1
        }
        return nil
    }
}

/// A run of pages that fault-around maps in one pass over cache slots, entries and frames.
///
/// It does to each page what ``Machine/mapFrame(_:_:at:in:leaf:)`` does, and gathers the changes to other state.
/// Checking uniqueness once for each array, not at each access, makes it several times as fast.
private struct ReadyRun {
    /// The page of the file that is next.
    var index: Int
    /// The first page of the file past the window.
    let end: Int
    /// The page of memory that belongs to ``index``.
    var page: PageNumber
    let faultIndex: Int
    /// The position in the page table that belongs to ``index``.
    var slot: Int
    let map: MapID
    let bits: PTE.Bits

    /// How many ready pages were mapped.
    var mapped = 0
    /// How many ready pages were not mapped, because their entries were not none.
    var found = 0
    /// Whether the page of the fault was mapped.
    var servedFault = false
    /// What the mapped frames add to the fingerprint.
    var hashChange: UInt64 = 0

    init(
        index: Int, end: Int, page: PageNumber, faultIndex: Int, slot: Int, map: MapID, bits: PTE.Bits
    ) {
        self.index = index
        self.end = end
        self.page = page
        self.faultIndex = faultIndex
        self.slot = slot
        self.map = map
        self.bits = bits
    }

    @inline(__always)
    static func isReady(_ flags: FrameFlags) -> Bool {
        flags.rawValue
            & (FrameFlags.uptodate.rawValue | FrameFlags.locked.rawValue
                | (mistaken(.aroundMapsMarkedPages) ? 0 : FrameFlags.readahead.rawValue)
                | FrameFlags.poisoned.rawValue) == FrameFlags.uptodate.rawValue
    }

    /// Skips the pages before `next`.
    @inline(__always)
    mutating func skip(to next: Int) {
        page = page + (next &- index)
        slot &+= next &- index
        index = next
    }

    /// Maps pages from ``index`` on, up to the end of the run, of the cache's chunk, or of the frames that lie in the
    /// chunk that begins with `first`.
    mutating func mapFrames(
        _ slots: borrowing [UInt32], _ entries: inout [UInt64], _ chunk: inout [PageFrame], from first: UInt32
    ) {
        let count = min(end, (index | 511) &+ 1) &- index
        let cached = slots.span.extracting((index & 511)..<(index & 511) &+ count)
        var table = entries.mutableSpan
        let slot = slot
        var frames = chunk.mutableSpan
        let bits = bits
        let map = map
        let page = page
        let wanted = faultIndex &- index
        let servesWanted = wanted >= 0 && wanted < count && table[slot &+ wanted] == 0
        var gained = Gain()
        var offset = 0
        while offset < count {
            let folio = cached[offset]
            if folio != 0 {
                let number = Int(folio &- first)
                guard number < frames.count else { break }
                let place = Mixing.entryPlace(map, page + offset, bits.rawValue)
                gained.map(folio, &frames[number], &table[slot &+ offset], place, bits)
            }
            offset &+= 1
        }
        mapped &+= gained.mapped
        found &+= gained.found
        hashChange &+= gained.hashChange &+ UInt64(gained.mapped) &* PageFrame.weightOfMapping
        if servesWanted, wanted < offset, table[slot &+ wanted] != 0 { servedFault = true }
        skip(to: index &+ offset)
    }

    /// The sums over the pages of one pass.
    private struct Gain {
        var mapped = 0
        var found = 0
        var hashChange: UInt64 = 0

        @inline(__always)
        mutating func map(
            _ number: UInt32, _ frame: inout PageFrame, _ entry: inout UInt64, _ place: UInt64, _ bits: PTE.Bits
        ) {
            guard ReadyRun.isReady(frame.flags) else { return }
            guard entry == 0 else {
                found &+= 1
                return
            }
            hashChange &+= frame.addMapping(at: place)
            entry = PTE(FrameNumber(rawValue: number), bits).rawValue
            mapped &+= 1
        }
    }
}
