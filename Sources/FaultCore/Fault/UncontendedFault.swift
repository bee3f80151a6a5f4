/// The first access to a page of private anonymous memory, start to end in one call, when nobody is in the way.
extension Machine {
    /// Does what an exception, the mmap lock and ``AnonymousFault`` do stage by stage, or nothing at all.
    ///
    /// It does the fault if the mmap lock is free, an area covers the page and has `access`, is private and anonymous,
    /// the page has no entry, and neither a signal nor an injected failure waits. Then nothing on the way can sleep or
    /// be refused, and what is left is what the stages leave: counts, frame, entry, `anon_vma` and fingerprint. Anything
    /// else takes the stages. Asked only while nobody watches and everything is free.
    ///
    /// - Parameters:
    ///   - access: The area must have one of these flags.
    ///   - isWrite: Whether the access is a store.
    /// - Returns: Whether the fault is handled; `false` leaves the machine as it was.
    package mutating func handleUncontendedAnonymousFault(
        _ access: VMAFlags, isWrite: Bool, at page: PageNumber, in map: MapID, by task: TaskID
    ) -> Bool {
        guard scheduler.failures.isEmpty, model.stackGuard == .gap else { return false }
        let policy = AreaLockPolicy(model)
        while true {
            let answer = UncontendedFault.handle(
                access, isWrite: isWrite, at: page, in: &maps[map.index], by: &tasks[task.index], &tables, &frames,
                &structuralHash, policy)
            switch answer {
            case .handled:
                events.pgfault &+= 1  // by either rule: the one attempt is the fault
                if policy.isInUse { events.vmaLockAbort &+= 1 }
                return true
            case .handledUnderAreaLock:
                events.pgfault &+= 1
                events.vmaLockSuccess &+= 1
                return true
            case .declined: return false
            case .unprepared:
                guard prepareFirstFault(at: page, in: map, by: task, isWrite: isWrite, policy) else { return false }
            }
        }
    }

    /// What only the first fault in a table or an area has to do, in the order of the stages. No failure is injected, so
    /// it succeeds.
    ///
    /// - Returns: `false` if the fault has to begin under one lock and end under another, which the stages do.
    @inline(never)
    private mutating func prepareFirstFault(
        at page: PageNumber, in map: MapID, by task: TaskID, isWrite: Bool, _ policy: AreaLockPolicy
    ) -> Bool {
        let position = maps[map.index].areas.firstPosition(endingAfter: page)
        if isWrite, policy.isInUse, let position, maps[map.index].areas[position].anonVMA == 0 {
            guard policy.allowsAnonVMA else { return false }
            noteUncontendedRead(of: map, by: task)  // the trylock of prepareAnonymous(of:)
        }
        _ = makeLeafTable(map, page, for: task)
        if isWrite, let position { _ = prepareAnonVMA(at: position, in: map, for: task) }
        return true
    }

    /// Counts a read lock of a map that was taken and released in the same instant.
    mutating func noteUncontendedRead(of map: MapID, by task: TaskID) {
        tasks[task.index].counters.mmapReadLocks &+= 1
        maps[map.index].lockStatistics.readWaits.record(0)
        maps[map.index].lockStatistics.readHolds.record(0)
    }
}

/// The fault itself, over the parts of the machine that it changes: each is made sure to be unshared once.
private enum UncontendedFault {
    enum Answer {
        case handled
        case handledUnderAreaLock
        case declined
        /// It would be handled if the page had a table, and the area for a store an `anon_vma`.
        case unprepared
    }

    @inline(__always)
    static func handle(
        _ access: VMAFlags, isWrite: Bool, at page: PageNumber, in map: inout MemoryMap, by task: inout TaskState,
        _ tables: inout PageTables, _ frames: inout FrameTable, _ structuralHash: inout UInt64,
        _ policy: AreaLockPolicy
    ) -> Answer {
        guard map.lock.queue.isEmpty, map.lock.writer == .none, task.pendingSignals.isEmpty else { return .declined }
        guard let position = map.areas.firstPosition(endingAfter: page) else { return .declined }
        let area = map.areas[position]
        guard area.start <= page, area.isAnonymous, !area.flags.contains(.shared), !area.flags.isDisjoint(with: access)
        else { return .declined }
        let leaf = tables.leaf(map.root, page)
        guard leaf != 0 else { return .unprepared }
        guard tables.entry(leaf, page).isNone else { return .declined }

        var bits: PTE.Bits = [.present, .accessible, .young]
        if area.flags.contains(.execute) { bits.insert(.executable) }
        if isWrite {
            guard area.anonVMA != 0 else { return .unprepared }
            bits.formUnion([.writable, .dirty])
            let frame = Frame(
                flags: [.anonymous, .anonExclusive, .uptodate, .inUse], references: 1, mappings: 1, owner: 0,
                index: UInt32(truncatingIfNeeded: area.fileIndex(of: page).rawValue), stamp: 0,
                places: Mixing.entryPlace(map.id, page, bits.rawValue))
            let number = frames.allocate()
            frames[number] = frame
            tables.setEntry(leaf, page, PTE(number, bits))
            structuralHash &+= frame.contribution
            map.rss.anonymous &+= 1
        } else {
            let zeroPage = PTE(.none, bits.union(.special))
            tables.setEntry(leaf, page, zeroPage)
            structuralHash &+= Mixing.entryPlace(map.id, page, zeroPage.rawValue)
        }

        // One exception, one lock taken and released in the same instant, one attempt, one minor fault.
        task.counters.exceptions &+= 1
        task.counters.attempts &+= 1
        task.counters.minorFaults &+= 1
        if policy.guards(area) {
            task.counters.areaLockAttempts &+= 1
            return .handledUnderAreaLock
        }
        task.counters.mmapReadLocks &+= 1
        map.lockStatistics.readWaits.record(0)
        map.lockStatistics.readHolds.record(0)
        return .handled
    }
}
