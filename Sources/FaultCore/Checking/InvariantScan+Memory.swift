/// The laws of frames, page tables and page caches.
extension InvariantScan {
    /// Laws 15, 18, 20, 22, 53, 54: whether each frame is consistent.
    mutating func checkFrames(_ machine: Machine) {
        for number in 1..<max(1, census.frames.count) { checkFrame(FrameNumber(number), machine) }
        checkZeroPage(machine)
    }

    /// Law 47: the zero page is all zeroes.
    mutating func checkZeroPage(_ machine: Machine) {
        guard machine.frames[.none].stamp != 0 else { return }
        report(.contents, "the zero page has the content \(machine.frames[.none].stamp)")
    }

    /// Checks the same laws for one frame.
    mutating func checkFrame(_ folio: FrameNumber, _ machine: Machine) {
        let uses = census.frames[folio.index]
        let frame = machine.frames[folio]
        guard frame.flags.contains(.inUse) else {
            if uses.references > 0 { report(.referenceBalance, "\(folio) is free, but mapped, cached or pinned") }
            return
        }
        checkReferences(of: folio, frame, uses, machine)
        checkPageLock(of: folio, frame, machine)
        checkContent(of: folio, frame, uses, machine)
        if frame.flags.contains(.anonExclusive), !frame.flags.contains(.anonymous) || frame.mappings > 1 {
            report(.anonymousExclusive, "\(folio) is exclusive, but has \(frame.mappings) mappings or a file")
        }
        if uses.isPinned, frame.flags.contains(.anonymous), !frame.flags.contains(.anonExclusive),
            machine.model.keepsPinnedPagesExclusive
        {
            report(.pinnedExclusive, "\(folio) is pinned, and may be shared")
        }
        if frame.flags.contains(.anonymous), frame.flags.contains(.cached) {
            report(.cachePosition, "\(folio) is anonymous and in a page cache")
        }
    }

    /// Law 51: the counters of the memory group equal what is charged.
    mutating func checkGroup(_ machine: Machine) {
        guard let group = machine.group else { return }
        var charged = 0
        for number in 1..<max(1, census.frames.count) where group.pages.isCharged(FrameNumber(number)) {
            charged += 1
            if !machine.frames[FrameNumber(number)].flags.contains(.inUse) {
                report(.bookkeeping, "\(FrameNumber(number)) is free and charged")
            }
        }
        if group.usage != charged + group.stock {
            report(.bookkeeping, "\(group.usage) pages are charged, \(group.stock) in stock, and \(charged) are in use")
        }
        let slots = group.chargedSlots.reduce(0) { $0 + $1.nonzeroBitCount }
        if group.swapUsage != slots {
            report(.bookkeeping, "\(group.swapUsage) slots are counted as charged, and \(slots) are")
        }
        guard machine.keepsGenerations else { return }
        for type in PageType.allCases {
            var known = 0
            var listed = 0
            for place in 0..<Generations.most {
                known += group.generations.count(place, type)
                listed += group.pages.count(GroupPages.List(type, generation: place))
            }
            if known != listed {
                report(.bookkeeping, "generations count \(known) pages, and their lists have \(listed)")
            }
        }
    }

    /// Law 15: the counts of a frame equal the references to it. Tasks account for the rest.
    private mutating func checkReferences(
        of folio: FrameNumber, _ frame: PageFrame, _ uses: FrameUses, _ machine: Machine
    ) {
        if frame.mappings != uses.entries {
            report(.referenceBalance, "\(folio) counts \(frame.mappings) mappings, and \(uses.entries) entries map it")
        }
        let held = Int(frame.references - uses.references)
        let places = frame.places &- uses.places
        if held != 0 { noteUnsettled(folio) }
        if held < 0 || held == 0 && places != 0 {
            report(
                .referenceBalance,
                "\(folio) counts \(frame.references) references, and \(uses.references) places refer to it")
        } else if held > 0, looksAtTasks, !isSum(places, of: held, among: claims(on: folio, machine)) {
            report(.referenceBalance, "\(folio) has \(held) references more than entries, caches, pins and tasks hold")
        }
    }

    /// Whether `sum` is the sum of some of the places, which count as `references` in all.
    private func isSum(_ sum: UInt64, of references: Int, among places: ArraySlice<FrameClaim>, from first: Int? = nil)
        -> Bool
    {
        if references == 0 { return sum == 0 }
        let first = first ?? places.startIndex
        guard references > 0, first < places.endIndex else { return false }
        for index in first..<places.endIndex {
            let rest = references - Int(places[index].weight)
            if isSum(sum &- places[index].place, of: rest, among: places, from: index + 1) { return true }
        }
        return false
    }

    /// Law 20: a locked page has one owner, or a read under way that will unlock it.
    private mutating func checkPageLock(of folio: FrameNumber, _ frame: PageFrame, _ machine: Machine) {
        let owners = machine.scheduler.pageLocks.filter { $0.folio == folio }.map(\.task)
        let isRead = frame.flags.contains(.underRead)
        guard frame.flags.contains(.locked) else {
            if !owners.isEmpty || isRead {
                report(.pageLockOwner, owners.first ?? .none, "\(folio) is not locked, but owned")
            }
            return
        }
        if owners.count + (isRead ? 1 : 0) != 1 {
            report(
                .pageLockOwner, owners.first ?? .none,
                "\(folio) is locked and has \(owners.count) owners"
                    + (isRead ? " beside the read under way" : ""))
        }
        noteUnsettled(folio)
        guard isRead, looksAtTasks, !canRun else { return }
        let isSwap = frame.flags.contains(.swapCache)
        let file = isSwap ? FileID.none : FileID(Int(frame.owner))
        let index = isSwap ? Int(frame.owner) : Int(frame.index)
        if !isComing(file, index, machine) { report(.pageLockOwner, "\(folio) waits for a read that is not under way") }
    }

    // MARK: Maps

    /// Laws 16, 18, 19, 21, 22, 23, 47, 49: checks every entry of a map against its page and its area, and then the
    /// map's counts.
    mutating func checkMap(_ map: MemoryMap, _ machine: Machine) {
        if let broken = map.areas.brokenInvariant { report(.bookkeeping, "the areas of \(map.id): \(broken)") }
        machine.tables.forEachLeaf(map.root, in: PageNumber(0)..<machine.geometry.userLimit) { base, node in
            machine.tables.forEachEntry(of: node) { checkEntry($1, at: base + $0, in: map.id, machine) }
        }
        checkStrays(of: map.id, machine)
        checkResident(map.id, machine)
    }

    /// Law 49: an entry outside of all areas is just being removed.
    mutating func checkStrays(of map: MapID, _ machine: Machine) {
        let outside = strays
        guard outside > 0 else { return }
        strays = 0
        let isUnmapping = isAtWork(machine) { $0.unmaps && ($0.map == map || $0.map == .none) }
        if !isUnmapping { report(.strayEntry, "\(map) has \(outside) entries outside of its areas") }
        hasExempted = true
    }

    /// Law 16: a map's counts equal what it maps.
    mutating func checkResident(_ map: MapID, _ machine: Machine) {
        let resident = census.resident[map.index]
        let counted = machine.maps[map.index].rss
        if resident != counted { report(.residentPages, "\(map) counts \(counted) and maps \(resident)") }
    }

    /// Laws 18, 19, 21, 22, 23 and 47 for one entry. Counts it as a stray if it is in no area.
    mutating func checkEntry(_ entry: PTE, at page: PageNumber, in map: MapID, _ machine: Machine) {
        if let area = machine.area(containing: page, in: map) {
            checkEntry(entry, at: page, area, machine)
        } else {
            strays += 1
        }
    }

    private mutating func checkEntry(_ entry: PTE, at page: PageNumber, _ area: VMA, _ machine: Machine) {
        guard entry.isPresent else { return }
        guard entry.mapsCountedFrame else {
            if entry.isWritable { report(.contents, "\(page) maps the zero page writable") }
            return
        }
        let frame = machine.frames[entry.frame]
        if !frame.flags.contains(.uptodate) { report(.mappedUptodate, "\(page) maps a page that is not uptodate") }
        if frame.flags.contains(.anonymous) {
            if area.flags.contains(.shared) {
                report(.cachePosition, "\(page) of a shared mapping maps a private copy")
            }
            if entry.isWritable, !frame.flags.contains(.anonExclusive) {
                report(.anonymousExclusive, "\(page) is writable and maps a page that may be shared")
            }
            return
        }
        checkFileEntry(entry, frame, at: page, area, machine)
    }

    private mutating func checkFileEntry(
        _ entry: PTE, _ frame: PageFrame, at page: PageNumber, _ area: VMA, _ machine: Machine
    ) {
        if frame.flags.contains(.handlerOwned) { return }
        let index = area.fileIndex(of: page)
        guard frame.flags.contains(.cached), area.file != .none else {
            report(.cachePosition, "\(page) maps a page that is in no page cache")
            return
        }
        if Int(frame.owner) != area.file.index || Int(frame.index) != index.value {
            report(
                .cachePosition, "\(page) maps page \(frame.index) of file \(frame.owner), not \(index) of \(area.file)")
        }
        if index.value >= machine.pages(of: area.file) {
            hasExempted = true
            if !isAtWork(machine, { $0.truncates(area.file) }) {
                report(.beyondEndOfFile, "\(page) maps page \(index) of \(area.file), which is beyond its end")
            }
        }
        guard entry.isWritable else { return }
        if !area.flags.contains(.shared) {
            report(.anonymousExclusive, "\(page) of a private mapping is writable and maps a page of \(area.file)")
        } else if machine.tracksWrites(area), !frame.flags.contains(.dirty) {
            hasExempted = true
            if !isAtWork(machine, { $0.faults(on: entry.frame) }) {
                report(.writableIsDirty, "\(page) is writable and maps page \(index) of \(area.file), which is clean")
            }
        }
    }

    // MARK: Files

    /// Law 18: every slot of a cache.
    mutating func checkFile(_ file: FileID, _ machine: Machine) {
        let state = machine.files[file.index]
        var next: PageIndex = 0
        var cached = 0
        while let (index, folio) = state.cache.first(from: next) {
            cached += 1
            let frame = machine.frames[folio]
            if !frame.flags.contains(.cached) || Int(frame.owner) != file.index || Int(frame.index) != index.value {
                reportMisplaced(file, index)
            }
            next = index + 1
        }
        if cached != state.cache.count {
            report(.bookkeeping, "\(file) counts \(state.cache.count) cached pages, and has \(cached)")
        }
    }

    /// Law 18: reports a page cache that holds a page whose frame names another place.
    mutating func reportMisplaced(_ file: FileID, _ index: PageIndex) {
        report(.cachePosition, "page \(index) of \(file) is a page of another place")
    }

    /// Law 17: the pins of files equal those that tasks hold.
    mutating func checkFilePins(_ machine: Machine) {
        for number in holdings.pins.indices {
            let (counted, held) = (machine.files[number].pins, holdings.pins[number])
            if counted != held { report(.filePins, "\(FileID(number)) has \(counted) pins, and tasks hold \(held)") }
        }
    }

    /// Checks the counts of maps and files that are kept in addition to the state against a recount.
    mutating func checkMapTotals(_ machine: Machine) {
        var mappings = [Int](repeating: 0, count: machine.files.count)
        var users = [Int](repeating: 0, count: machine.maps.count)
        // By number, because iterating over tasks, maps and files would copy each of them.
        for task in machine.tasks.indices where machine.tasks[task].map != .none {
            users[machine.tasks[task].map.index] += 1
        }
        for number in machine.maps.indices {
            var total = 0
            var locked = 0
            for area in machine.maps[number].areas.areas {
                total += area.pages
                if area.flags.contains(.locked) { locked += area.pages }
                if area.file != .none { mappings[area.file.index] += 1 }
            }
            let counted = (
                total: machine.maps[number].totalPages, locked: machine.maps[number].lockedPages,
                users: machine.maps[number].users
            )
            let users = users[number] + Int(holdings.uses[number])
            if counted.total != total || counted.locked != locked || counted.users != users {
                report(
                    .bookkeeping,
                    "\(MapID(number)) counts \(counted.total) pages, \(counted.locked) locked, \(counted.users) users; "
                        + "it has \(total), \(locked), \(users)")
            }
        }
        for number in machine.files.indices where Int(machine.files[number].mappings) != mappings[number] {
            report(
                .bookkeeping,
                "\(FileID(number)) counts \(machine.files[number].mappings) mappings, and has \(mappings[number])")
        }
    }

    /// Checks the lists of files that nothing uses, which are kept in addition to the state.
    mutating func checkUnnamedFiles(_ machine: Machine) {
        let kept = machine.unnamedFiles
        let unnamed = machine.files.indices.filter { machine.files[$0].traits.contains(.unnamed) }
        if unnamed.isEmpty, kept == UnnamedFiles() { return }
        let idle = unnamed.filter { machine.files[$0].mappings == 0 && machine.files[$0].pins == 0 }
        if kept.count != unnamed.count || (kept.ended + kept.free).map(\.index).sorted() != idle {
            report(
                .bookkeeping,
                "\(kept.count) files of shared memory are counted, of which \(kept.ended) have ended and \(kept.free) are "
                    + "free; there are \(unnamed.count), and nothing uses \(idle.map { FileID($0) })")
        }
    }

    /// Checks the counts of frames that are kept in addition to the state.
    mutating func checkFrameTotals(_ machine: Machine) {
        let (dirty, inUse) = (census.dirty, census.inUse)
        if machine.dirtyPages != dirty {
            report(.bookkeeping, "\(machine.dirtyPages) pages are counted as dirty, and \(dirty) are")
        }
        if machine.frames.inUse != inUse {
            report(.bookkeeping, "\(machine.frames.inUse) frames are counted as in use, and \(inUse) are")
        }
    }
}
