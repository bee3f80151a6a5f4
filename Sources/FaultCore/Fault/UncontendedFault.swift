/// The first access to a page of private anonymous memory, or a read of a cached file page, start to end in one call,
/// when nobody is in the way.
extension Machine {
    /// Does what an exception, the mmap lock and ``AnonymousFault`` do stage by stage, or nothing at all.
    ///
    /// It does the fault if the mmap lock is free, an area covers the page and has `access`, is private and anonymous,
    /// the page has no entry, and neither a signal nor an injected failure waits. Then nothing on the way can sleep or
    /// be refused, and what is left is what the stages leave: counts, frame, entry, `anon_vma` and fingerprint. The same
    /// goes for a read of a file page that ``FaultAround`` is sure to map. Anything else takes the stages. Asked only
    /// while nobody watches and everything is free.
    ///
    /// - Parameters:
    ///   - access: The area must have one of these flags.
    ///   - isWrite: Whether the access is a store.
    /// - Returns: Whether the fault is handled; `false` leaves the machine as it was.
    package mutating func handleUncontendedFault(
        _ access: VMAFlags, isWrite: Bool, at page: PageNumber, in map: MapID, by task: TaskID
    ) -> Bool {
        guard maps[map.index].lock.queue.isEmpty, maps[map.index].lock.writer == .none else { return false }
        guard tasks[task.index].pendingSignals.isEmpty, scheduler.failures.isEmpty else { return false }
        guard let position = maps[map.index].areas.firstPosition(endingAfter: page) else { return false }
        let area = maps[map.index].areas[position]
        guard area.start <= page, !area.flags.isDisjoint(with: access) else { return false }
        guard area.isAnonymous else {
            return !isWrite && handleCachedRead(of: area, at: position, page, in: map, by: task)
        }
        guard !area.flags.contains(.shared) else { return false }
        var leaf = tables.leaf(maps[map.index].root, page)
        guard leaf == 0 || tables.entry(leaf, page).isNone else { return false }
        if leaf == 0 || (isWrite && area.anonVMA == 0) {
            leaf = prepareFirstFault(at: position, page, in: map, by: task, isWrite: isWrite)
        }

        if isWrite {
            structuralHash &+= Self.mapZeroedFrame(
                entryBits(of: area, forWrite: true), area.fileIndex(of: page), at: page, map, leaf, &frames, &tables)
        } else {
            let bits = entryBits(of: area, forWrite: false).subtracting(.writable)
            setSpecialEntry(PTE(.none, bits.union(.special)), at: page, in: map, leaf: leaf)
        }
        events.pgfault &+= 1  // by either rule: the one attempt is the fault
        Self.count(&tasks[task.index].counters)
        Self.count(&maps[map.index], anonymousPages: isWrite ? 1 : 0)
        return true
    }

    /// A read of a file page that ``FaultAround`` is sure to map: it is ready, and the handler maps what is ready.
    private mutating func handleCachedRead(
        of area: VMA, at position: AreaTree.Position, _ page: PageNumber, in map: MapID, by task: TaskID
    ) -> Bool {
        let pages = settings.faultAroundPages
        let index = area.fileIndex(of: page)
        guard model.faultAround == .mapPages, pages > 1, area.operations != 0, area.file != .none,
            index.value < files[area.file.index].pages, isReadyToMap(files[area.file.index].cache[index])
        else { return false }
        let operations = configuration.vmOperations[Int(area.operations) - 1]
        guard operations.provides.isSuperset(of: [.mapPages, .mapsReadyPages]) else { return false }
        let leaf = tables.leaf(maps[map.index].root, page)
        guard leaf == 0 || tables.entry(leaf, page).isNone else { return false }

        var fault = VMFault()
        fault.task = task
        fault.map = map
        fault.page = page
        fault.flags = .default.union(.user)
        fault.isException = true
        fault.lock = .mmap
        fault.area = VMAHandle(
            map: map, start: area.start, position: position, sequence: maps[map.index].areas.sequence)
        fault.file = area.file
        fault.index = index
        let (first, last) = FaultAround.window(around: page, at: index, of: area, pages: pages, geometry)
        _ = operations.mapPages(&fault, from: first, through: last, &self)
        events.pgfault &+= 1  // by either rule: the one attempt is the fault
        Self.count(&tasks[task.index].counters)
        Self.count(&maps[map.index], anonymousPages: 0)
        return true
    }

    /// What only the first fault in a table or an area has to do, in the stages' order. No failure is injected, so it
    /// succeeds.
    @inline(never)
    private mutating func prepareFirstFault(
        at position: AreaTree.Position, _ page: PageNumber, in map: MapID, by task: TaskID, isWrite: Bool
    ) -> UInt32 {
        let leaf = makeLeafTable(map, page, for: task) ?? 0
        if isWrite { _ = prepareAnonVMA(at: position, in: map, for: task) }
        return leaf
    }

    /// Maps a new page; the task never holds it on its own. Answers the change of the fingerprint.
    @inline(__always)
    private static func mapZeroedFrame(
        _ bits: PTE.Bits, _ index: PageIndex, at page: PageNumber, _ map: MapID, _ leaf: UInt32,
        _ frames: inout FrameTable, _ tables: inout PageTables
    ) -> UInt64 {
        let number = frames.allocate()
        let frame = Frame(
            flags: [.anonymous, .anonExclusive, .uptodate, .inUse], references: 1, mappings: 1, owner: 0,
            index: UInt32(truncatingIfNeeded: index.rawValue), stamp: 0,
            places: Mixing.entryPlace(map, page, bits.rawValue))
        frames[number] = frame
        tables.setEntry(leaf, page, PTE(number, bits))
        return frame.contribution
    }

    /// One exception, one read lock, one attempt, one minor fault.
    @inline(__always)
    private static func count(_ counters: inout TaskCounters) {
        counters.exceptions &+= 1
        counters.mmapReadLocks &+= 1
        counters.attempts &+= 1
        counters.minorFaults &+= 1
    }

    /// The mmap lock was taken for reading without a wait, and released in the same instant.
    @inline(__always)
    private static func count(_ map: inout MemoryMap, anonymousPages: Int) {
        map.rss.anonymous &+= anonymousPages
        map.lockStatistics.readWaits.record(0)
        map.lockStatistics.readHolds.record(0)
    }
}
