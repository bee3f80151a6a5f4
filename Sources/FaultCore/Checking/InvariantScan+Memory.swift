/// The laws of frames, page tables and page caches.
extension InvariantScan {
    /// Laws 15, 20, 22: what a frame says about itself.
    mutating func checkFrames(_ machine: Machine) {
        for number in 1..<max(1, census.count) {
            let folio = FrameNumber(number)
            let frame = machine.frames[folio]
            guard frame.flags.contains(.inUse) else {
                if census.entries[number] > 0 || census.slots[number] > 0 {
                    report(.referenceBalance, "\(folio) is free, but mapped or cached")
                }
                continue
            }
            checkReferences(of: folio, frame, machine)
            checkPageLock(of: folio, frame, machine)
            if frame.flags.contains(.anonExclusive), !frame.flags.contains(.anonymous) || frame.mappings > 1 {
                report(.anonymousExclusive, "\(folio) is exclusive, but has \(frame.mappings) mappings or a file")
            }
            if frame.flags.contains(.anonymous), frame.flags.contains(.cached) {
                report(.cachePosition, "\(folio) is anonymous and in a page cache")
            }
        }
        if machine.frames[.none].stamp != 0 {
            report(.contents, "the zero page has the content \(machine.frames[.none].stamp)")
        }
    }

    /// Law 15: the counts of a frame are what refers to it, and the rest is held by tasks that say so.
    private mutating func checkReferences(of folio: FrameNumber, _ frame: Frame, _ machine: Machine) {
        let entries = census.entries[folio.index]
        if frame.mappings != entries {
            report(.referenceBalance, "\(folio) counts \(frame.mappings) mappings, and \(entries) entries map it")
        }
        let known = entries + census.slots[folio.index]
        let held = Int(frame.references - known)
        let places = frame.places &- census.places[folio.index]
        if held < 0 || held == 0 && places != 0 {
            report(.referenceBalance, "\(folio) counts \(frame.references) references, and \(known) places refer to it")
        } else if held > 0, !isSum(places, of: held, among: holders(of: folio, machine)) {
            report(.referenceBalance, "\(folio) has \(held) references more than entries, caches and tasks hold")
        }
    }

    /// The places by which tasks may hold `folio`, because their fault, their batch or one of their calls names it.
    private func holders(of folio: FrameNumber, _ machine: Machine) -> [UInt64] {
        var places: [UInt64] = []
        for task in busy {
            if task.fault.folio == folio { places.append(Mixing.stackPlace(task.id, 1)) }
            if task.fault.copy == folio { places.append(Mixing.stackPlace(task.id, 2)) }
            if task.fault.keptFolio == folio { places.append(Mixing.stackPlace(task.id, 9)) }
            for (place, member) in task.aroundBatch.enumerated() where member == folio {
                places.append(Machine.aroundPlace(task.id, place))
            }
            for (place, member) in task.folioBatch.enumerated() where member == folio {
                places.append(Machine.batchPlace(task.id, place))
            }
            guard machine.works(task, on: folio) else { continue }
            for slot in 3...8 { places.append(Mixing.stackPlace(task.id, UInt64(slot))) }
        }
        return places
    }

    /// Whether `sum` is that of `count` of the places.
    private func isSum(_ sum: UInt64, of count: Int, among places: [UInt64], from first: Int = 0) -> Bool {
        if count == 0 { return sum == 0 }
        guard first < places.count else { return false }
        for index in first..<places.count {
            if isSum(sum &- places[index], of: count - 1, among: places, from: index + 1) { return true }
        }
        return false
    }

    /// Law 20: a locked page has one owner, or a read under way that will unlock it.
    private mutating func checkPageLock(of folio: FrameNumber, _ frame: Frame, _ machine: Machine) {
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
        guard isRead, !busy.contains(where: { $0.status == .runnable }) else { return }
        let isSwap = frame.flags.contains(.swapCache)
        let file = isSwap ? FileID.none : FileID(Int(frame.owner))
        let index = isSwap ? Int(frame.owner) : Int(frame.index)
        let isComing = machine.scheduler.requests.contains {
            $0.isRead && $0.file == file && $0.index.value <= index && index < $0.index.value + $0.pages
        }
        if !isComing { report(.pageLockOwner, "\(folio) waits for a read that is not under way") }
    }

    // MARK: Maps

    /// Laws 16, 18, 19, 21, 22, 23: every entry of a map against its page and its area; then the map's counts.
    mutating func checkMap(_ map: MemoryMap, _ machine: Machine) {
        if let broken = map.areas.brokenInvariant { report(.bookkeeping, "the areas of \(map.id): \(broken)") }
        var rss = ResidentPages()
        var outside = 0
        let all = PageNumber(0)..<machine.geometry.userLimit
        machine.tables.forEachLeaf(map.root, in: all) { base, node in
            for (slot, raw) in machine.tables.nodes[Int(node)].enumerated() where raw != 0 {
                let entry = PTE(rawValue: raw)
                if entry.mapsCountedFrame {
                    rss.add(1, machine.frames[entry.frame].flags.kind)
                } else if machine.swapSlot(of: entry) != nil {
                    rss.swapEntries += 1
                }
                guard let area = machine.area(containing: base + slot, in: map.id) else {
                    outside += 1
                    continue
                }
                checkEntry(entry, at: base + slot, area, machine)
            }
        }
        let isUnmapping = busy.contains { $0.unmaps && ($0.map == map.id || $0.map == .none) }
        if outside > 0, !isUnmapping { report(.strayEntry, "\(map.id) has \(outside) entries outside of its areas") }
        if rss != map.rss { report(.residentPages, "\(map.id) counts \(map.rss) and maps \(rss)") }
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
        _ entry: PTE, _ frame: Frame, at page: PageNumber, _ area: VMA, _ machine: Machine
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
        if index.value >= machine.pages(of: area.file), !busy.contains(where: { $0.truncates(area.file) }) {
            report(.beyondEndOfFile, "\(page) maps page \(index) of \(area.file), which is beyond its end")
        }
        guard entry.isWritable else { return }
        if !area.flags.contains(.shared) {
            report(.anonymousExclusive, "\(page) of a private mapping is writable and maps a page of \(area.file)")
        } else if machine.tracksWrites(area), !frame.flags.contains(.dirty),
            !busy.contains(where: { $0.faults(on: entry.frame) })
        {
            report(.writableIsDirty, "\(page) is writable and maps page \(index) of \(area.file), which is clean")
        }
    }

    // MARK: Files

    /// Laws 17 and 18: every slot of a cache, and the pins of its file.
    mutating func checkFile(_ file: FileID, _ machine: Machine) {
        let state = machine.files[file.index]
        var next: PageIndex = 0
        var cached = 0
        while let (index, folio) = state.cache.first(from: next) {
            cached += 1
            let frame = machine.frames[folio]
            if !frame.flags.contains(.cached) || Int(frame.owner) != file.index || Int(frame.index) != index.value {
                report(.cachePosition, "page \(index) of \(file) is a page of another place")
            }
            next = index + 1
        }
        if cached != state.cache.count {
            report(.bookkeeping, "\(file) counts \(state.cache.count) cached pages, and has \(cached)")
        }
        let pins = busy.reduce(0) { $0 + machine.pins(on: file, by: $1) }
        if Int(state.pins) != pins { report(.filePins, "\(file) has \(state.pins) pins, and tasks hold \(pins)") }
    }

    /// The counts that are kept beside the state, against a recount.
    mutating func checkTotals(_ machine: Machine) {
        var mappings = [Int](repeating: 0, count: machine.files.count)
        for map in machine.maps {
            var total = 0
            var locked = 0
            for area in map.areas.areas {
                total += area.pages
                if area.flags.contains(.locked) { locked += area.pages }
                if area.file != .none { mappings[area.file.index] += 1 }
            }
            let users = machine.tasks.reduce(0) {
                $0 + ($1.map == map.id ? 1 : 0) + machine.uses(of: map.id, by: $1)
            }
            if map.totalPages != total || map.lockedPages != locked || map.users != users {
                report(
                    .bookkeeping,
                    "\(map.id) counts \(map.totalPages) pages, \(map.lockedPages) locked, \(map.users) users; "
                        + "it has \(total), \(locked), \(users)")
            }
        }
        for (number, file) in machine.files.enumerated() where Int(file.mappings) != mappings[number] {
            report(.bookkeeping, "\(FileID(number)) counts \(file.mappings) mappings, and has \(mappings[number])")
        }
        var dirty = 0
        var used = 0
        for number in 1..<max(1, census.count) {
            let flags = machine.frames[FrameNumber(number)].flags
            if flags.contains(.inUse) { used += 1 }
            if flags.contains(.cached), !flags.contains(.shmem), !flags.isDisjoint(with: [.dirty, .writeback]) {
                dirty += 1
            }
        }
        if machine.dirtyPages != dirty { report(.bookkeeping, "\(machine.dirtyPages) dirty pages count, \(dirty) are") }
        if machine.frames.inUse != used {
            report(.bookkeeping, "\(machine.frames.inUse) frames count, \(used) are in use")
        }
    }
}
