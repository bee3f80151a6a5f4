extension Machine {
    /// The differences of this machine from `other`, a line for each: `what: other's -> this one's`. Empty if the two
    /// are equal and have counted the same.
    ///
    /// Numbers of frames do not count: an entry is compared by what it maps, a page by its content. Neighbouring pages
    /// with the same difference share a line. Counters come last. Neither they nor the clock alone make machines
    /// unequal.
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public func differences(from other: Machine) -> [String] {
        var list = DifferenceList()
        list.addConfiguration(self, other)
        list.compare("clock", "\(clock) ns", "\(other.clock) ns")
        list.compare("tasks", tasks.count, other.tasks.count)
        for index in 0..<min(tasks.count, other.tasks.count) { list.addTask(index, self, other) }
        list.compare("maps", maps.count, other.maps.count)
        for index in 0..<min(maps.count, other.maps.count) { list.addMap(MapID(index), self, other) }
        list.compare("files", files.count, other.files.count)
        for index in 0..<min(files.count, other.files.count) { list.addFile(FileID(index), self, other) }
        list.addPins(self, other)
        list.addDevices(self, other)
        if list.lines.isEmpty, self != other {
            list.add("state that has no words here: the canonical forms differ")
        }
        list.addCounters(self, other)
        return list.lines.map { names.applied(to: $0) }
    }
}

/// Collects the differences of a machine from another.
private struct DifferenceList {
    private(set) var lines: [String] = []

    mutating func add(_ line: String) { lines.append(line) }

    /// The text for a group, without its counts.
    private func text(of group: MemoryGroup?) -> String {
        guard var group else { return "none" }
        group.events = MemoryGroupEvents()
        return "\(group)"
    }

    /// Adds a line if the texts for both differ.
    mutating func compare<Value>(_ what: String, _ mine: Value, _ others: Value) {
        let (mine, others) = ("\(mine)", "\(others)")
        if mine != others { lines.append("\(what): \(others) -> \(mine)") }
    }

    mutating func addConfiguration(_ mine: Machine, _ other: Machine) {
        guard !mine.configuration.isEqual(to: other.configuration) else { return }
        compare("model", mine.model.name, other.model.name)
        lines += mine.model.differences(from: other.model).map { "model, \($0)" }
        lines += mine.settings.differences(from: other.settings).map { "settings, \($0)" }
        lines += mine.configuration.costs.differences(from: other.configuration.costs).map { "costs, \($0)" }
        compare("architecture", mine.entry.name, other.entry.name)
        if lines.isEmpty { add("plug-ins: their types or their fields differ") }
    }

    private mutating func compareLock(_ lock: LockName, _ machine: Machine, _ other: Machine, of what: String = "") {
        compare("\(what)\(lock)", machine.lockView(lock).text, other.lockView(lock).text)
    }

    // MARK: Tasks

    mutating func addTask(_ index: Int, _ machine: Machine, _ other: Machine) {
        let (mine, others) = (machine.tasks[index], other.tasks[index])
        let name = "\(mine.id)"
        func operation(_ task: TaskState) -> String { task.hasOperation ? "\(task.operation)" : "none" }
        func wait(_ task: TaskState, _ machine: Machine) -> String {
            task.status == .sleeping ? machine.link(of: task).waiting : "\(task.status)"
        }
        func stack(_ machine: Machine) -> String {
            let stages = machine.backtrace(of: mine.id).map(\.description)
            return stages.isEmpty ? "none" : stages.joined(separator: " > ")
        }
        compare("\(name), map", mine.map, others.map)
        compare("\(name), operation", operation(mine), operation(others))
        compare("\(name), status", wait(mine, machine), wait(others, other))
        compare("\(name), stages", stack(machine), stack(other))
        compare("\(name), outcome", mine.outcome, others.outcome)
        compare("\(name), stamp", mine.outcome.stamp, others.outcome.stamp)
        compare("\(name), locks", Holdings(machine.heldLocks(of: mine.id)), Holdings(other.heldLocks(of: mine.id)))
        compare("\(name), pending signals", mine.pendingSignals.rawValue, others.pendingSignals.rawValue)
        compare("\(name), next operation of its program", mine.programCounter, others.programCounter)
        compare("\(name), arch words", mine.archWords, others.archWords)
        if !mine.stack.isEmpty || !others.stack.isEmpty { compare("\(name), fault", mine.fault, others.fault) }
    }

    // MARK: Maps

    mutating func addMap(_ map: MapID, _ machine: Machine, _ other: Machine) {
        let (mine, others) = (machine.maps[map.index], other.maps[map.index])
        addAreas(map, Array(mine.areas.areas), Array(others.areas.areas))
        addPages(
            "\(map)", { FieldText.hex(UInt64($0)) }, machine.entryWords(of: map), other.entryWords(of: map),
            none: "no entry")
        compareLock(.mmap(map), machine, other, of: "\(map), ")
        func readers(_ map: MemoryMap) -> String {
            FieldText.list(map.areaLocks.readers.map { "\($0.area) by \($0.task)" }, atMost: 4)
        }
        compare("\(map), area locks read", readers(mine), readers(others))
        compare("\(map), resident", mine.rss, others.rss)
        compare("\(map), pages", mine.totalPages, others.totalPages)
        compare("\(map), locked pages", mine.lockedPages, others.lockedPages)
        compare("\(map), users", mine.users, others.users)
        compare("\(map), ever pinned", mine.hasPinned, others.hasPinned)
        compare("\(map), reaped", mine.isReaped, others.isReaped)
        compare("\(map), end of the heap", mine.heapEnd, others.heapEnd)
    }

    private mutating func addAreas(_ map: MapID, _ mine: [VMA], _ others: [VMA]) {
        for area in others {
            let mine = mine.first { $0.start == area.start }
            if mine == nil { add("\(map), area: \(area) -> none") }
            if let mine, mine != area || mine.stateWord != area.stateWord {
                let state = mine == area ? ", other state of its handler" : ""
                add("\(map), area: \(area) -> \(mine)\(state)")
            }
        }
        for area in mine where !others.contains(where: { $0.start == area.start }) {
            add("\(map), area: none -> \(area)")
        }
    }

    /// Adds the pages that differ; `mine` and `others` describe each page, in order. Neighbours with the same
    /// difference share a line.
    private mutating func addPages(
        _ what: String, _ number: (Int) -> String, _ mine: [PageWords], _ others: [PageWords], none: String
    ) {
        var runs: [(pages: ClosedRange<Int>, mine: String, others: String)] = []
        func add(_ page: Int, _ mine: PageWords?, _ others: PageWords?) {
            guard mine?.exact != others?.exact else { return }
            var (new, old) = (mine?.words ?? none, others?.words ?? none)
            if new == old { (new, old) = (mine?.exact ?? none, others?.exact ?? none) }
            if let last = runs.last, last.pages.upperBound + 1 == page, last.mine == new, last.others == old {
                runs[runs.count - 1].pages = last.pages.lowerBound...page
            } else {
                runs.append((page...page, new, old))
            }
        }
        var (i, j) = (0, 0)
        while i < mine.count || j < others.count {
            let page = min(i < mine.count ? mine[i].page : .max, j < others.count ? others[j].page : .max)
            let new = i < mine.count && mine[i].page == page ? mine[i] : nil
            let old = j < others.count && others[j].page == page ? others[j] : nil
            add(page, new, old)
            if new != nil { i += 1 }
            if old != nil { j += 1 }
        }
        lines += runs.map { run in
            let pages =
                "\(number(run.pages.lowerBound))\(run.pages.count == 1 ? "" : "-\(number(run.pages.upperBound))")"
            return "\(what), \(run.pages.count == 1 ? "page" : "pages") \(pages): \(run.others) -> \(run.mine)"
        }
    }

    // MARK: Files and devices

    mutating func addFile(_ file: FileID, _ machine: Machine, _ other: Machine) {
        let (mine, others) = (machine.files[file.index], other.files[file.index])
        compare("\(file), pages", mine.pages, others.pages)
        compare("\(file), bytes", machine.bytes(of: file), other.bytes(of: file))
        addPages(
            "\(file)", { "\($0)" }, machine.cacheWords(of: file), other.cacheWords(of: file), none: "not cached")
        compare("\(file), readahead", mine.readahead, others.readahead)
        compare("\(file), blocks", mine.blocks, others.blocks)
        compare("\(file), bad blocks", mine.badBlocks, others.badBlocks)
        compareLock(.inode(file), machine, other)
        compareLock(.invalidate(file), machine, other)
        compare("\(file), pins", mine.pins, others.pins)
        compare("\(file), mappings", mine.mappings, others.mappings)
    }

    /// Adds the pins that only one machine has, or that hold pages with different contents.
    mutating func addPins(_ machine: Machine, _ other: Machine) {
        func words(_ pin: PagePin, _ machine: Machine) -> String {
            "\(pin), stamps \(FieldText.list(pin.frames.map { "\(machine.frames[$0].stamp)" }, atMost: 6))"
        }
        for pin in other.pins.pins {
            guard let mine = machine.pins[pin.id] else {
                add("\(pin) -> none")
                continue
            }
            compare("\(pin.id)", words(mine, machine), words(pin, other))
        }
        for pin in machine.pins.pins where other.pins[pin.id] == nil { add("none -> \(pin)") }
        for index in 0..<min(machine.tasks.count, other.tasks.count) {
            let task = TaskID(index)
            compare("\(task), pins taken", machine.pins.taken(by: task), other.pins.taken(by: task))
        }
    }

    mutating func addDevices(_ machine: Machine, _ other: Machine) {
        func words(_ machine: Machine) -> [String] {
            machine.scheduler.requests.map { request in
                // The number and the time of submission are not state.
                let pages = FieldText.pages(request.pages, from: request.index, of: request.file)
                return "\(request.kind) \(pages) on \(request.device), by \(request.task)"
            }
        }
        var (mine, others) = (words(machine), words(other))
        for request in mine {
            guard let place = others.firstIndex(of: request), let own = mine.firstIndex(of: request) else { continue }
            others.remove(at: place)
            mine.remove(at: own)
        }
        for request in others { add("request: \(request) -> none") }
        for request in mine { add("request: none -> \(request)") }
        compare("devices", machine.devices.count, other.devices.count)
        for (number, (one, two)) in zip(machine.devices, other.devices).enumerated() {
            compare("\(DeviceID(number)) holds reads", one.holdsReads, two.holdsReads)
            compare("\(DeviceID(number)) holds writes", one.holdsWrites, two.holdsWrites)
            compare("\(DeviceID(number)) refuses readahead", one.refusesReadahead, two.refusesReadahead)
        }
        compare("memory group", text(of: machine.memoryGroup), text(of: other.memoryGroup))
        compare("swap slots in use", machine.swap.slotsInUse, other.swap.slotsInUse)
        compare("dirty pages", machine.dirtyPages, other.dirtyPages)
        compare("pages in use", machine.frames.inUse, other.frames.inUse)
    }

    // MARK: Counters

    mutating func addCounters(_ machine: Machine, _ other: Machine) {
        for (mine, others) in zip(machine.tasks, other.tasks) {
            lines += mine.counters.differences(from: others.counters).map { "\(mine.id), counter \($0)" }
        }
        lines += machine.events.differences(from: other.events).map { "counter \($0)" }
        for (mine, others) in zip(machine.maps, other.maps) {
            lines += FieldText.changes(of: mine.lockStatistics, from: others.lockStatistics).map {
                "\(mine.id), lock statistics \($0)"
            }
        }
    }
}

/// A description of a page.
private struct PageWords {
    let page: Int
    /// The part that can be the same for neighbours.
    let words: String
    /// The full description.
    let exact: String
}

extension Machine {
    /// The entries of a map, by page.
    fileprivate func entryWords(of map: MapID) -> [PageWords] {
        var list: [PageWords] = []
        tables.forEachLeaf(maps[map.index].root, in: PageNumber(0)..<geometry.userLimit) { start, leaf in
            for (slot, raw) in tables.nodes[Int(leaf)].enumerated() where raw != 0 {
                let entry = PTE(rawValue: raw)
                let page = Int(truncatingIfNeeded: (start + slot).rawValue)
                guard entry.mapsCountedFrame else {
                    let what = entry.isZeroPage ? "\(entry.bits), zero page" : "\(entry.bits), \(raw >> 16)"
                    list.append(PageWords(page: page, words: what, exact: what))
                    continue
                }
                let (kind, exact) = words(for: entry.frame)
                list.append(PageWords(page: page, words: "\(entry.bits), \(kind)", exact: "\(entry.bits), \(exact)"))
            }
        }
        return list
    }

    /// The pages of a file that are cached, by index.
    fileprivate func cacheWords(of file: FileID) -> [PageWords] {
        var list: [PageWords] = []
        var next: PageIndex = 0
        while let (index, frame) = files[file.index].cache.first(from: next) {
            let words = "\(frames[frame].flags)"
            // One reference belongs to the cache, and one to each entry, which is listed with its map.
            let holders = frames[frame].references - frames[frame].mappings - 1
            let exact = "\(words), stamp \(frames[frame].stamp), held by \(holders)"
            list.append(PageWords(page: index.value, words: words, exact: exact))
            next = index + 1
        }
        return list
    }

    /// The description of a mapped page: of a file, or anonymous with this content.
    private func words(for frame: FrameNumber) -> (kind: String, exact: String) {
        if let (file, index) = cachePosition(of: frame) { return ("\(file)", "page \(index) of \(file)") }
        let state = frames[frame]
        let kind = state.flags.contains(.anonymous) ? "anonymous page" : "page of no file"
        return (kind, "\(kind), stamp \(state.stamp), \(state.mappings) mappings, \(state.flags)")
    }
}
