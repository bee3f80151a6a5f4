/// A program's accesses to many pages, as far as they can be done at once.
///
/// A hit is what the processor does. A fault is done at once if it is the first access to a page of private anonymous
/// memory (what an exception, the mmap lock and ``AnonymousFault`` do stage by stage) or a read of a cached file page
/// (see ``UncontendedFileRead.swift``), if the mmap lock is free and neither a signal nor an injected failure waits. Then
/// nothing on the way can sleep or be refused, and what is left is what the stages leave: counts, frame, entry,
/// `anon_vma`, content and fingerprint. The first access that needs more is left to the stages.
struct TouchRun: BitwiseCopyable {
    /// Why a run ends.
    enum End: UInt8, BitwiseCopyable {
        /// All pages are touched, or as many accesses done as were allowed.
        case done
        /// The next access must go through the stages.
        case needsStages
        /// The next page would be handled if it had a table, and its area for a store an `anon_vma`.
        case unprepared
        /// The next access is a fault in an area that has handlers.
        case handlerArea
    }

    /// The next page.
    var page: PageNumber
    /// How many pages are left.
    var left: Int
    /// How far apart they are.
    let stride: Int
    /// What is done to each.
    let access: FaultException.Access
    /// An area must have one of these flags for a fault to be handled at once; none if no fault may be.
    let areaAccess: VMAFlags
    /// How many accesses may still be made: the one that faults counts, and the one that is made again.
    var budget: Int

    // What the last page has shown, so that its neighbours need not ask again.
    private var leaf: UInt32 = 0
    private var leafBase: UInt64 = .max
    private var area: VMA?

    init(
        _ access: FaultException.Access, _ page: PageNumber, pages: Int, stride: Int, areaAccess: VMAFlags, budget: Int
    ) {
        self.page = page
        left = pages
        self.stride = stride
        self.access = access
        self.areaAccess = areaAccess
        self.budget = budget
    }

    /// Goes on until an access can't be done; over the parts of the machine that it changes, each made sure to be
    /// unshared once.
    mutating func advance(
        _ task: inout TaskState, _ map: inout MemoryMap, _ tables: inout PageTables, _ frames: inout FrameTable,
        _ structuralHash: inout UInt64, userLimit: PageNumber, mayFault: Bool, _ policy: AreaLockPolicy
    ) -> End {
        let mayFault = mayFault && !areaAccess.isEmpty && map.lock.queue.isEmpty && map.lock.writer == .none
        var faults = 0
        var areaFaults = 0
        var newPages = 0
        var hash: UInt64 = 0
        var stamp = task.outcome.stamp
        defer {
            structuralHash &+= hash
            task.outcome.stamp = stamp
            if faults > 0 {
                // Of each fault: one exception, one lock taken for reading and released in the same instant, one attempt.
                task.counters.exceptions &+= faults
                task.counters.attempts &+= faults
                task.counters.minorFaults &+= faults
                task.counters.areaLockAttempts &+= areaFaults
                task.counters.mmapReadLocks &+= faults &- areaFaults
                map.lockStatistics.readWaits.recordInstants(faults &- areaFaults)
                map.lockStatistics.readHolds.recordInstants(faults &- areaFaults)
                map.rss.anonymous &+= newPages
            }
        }
        while left > 0, budget > 0 {
            guard page < userLimit else { return .needsStages }
            let base = tables.leafBase(of: page)
            if base != leafBase {
                leafBase = base
                leaf = tables.leaf(map.root, page)
            }
            let entry = leaf == 0 ? PTE.none : tables.entry(leaf, page)
            if entry.isNone {
                guard mayFault, budget > 1 else { return .needsStages }
                if area == nil || !area!.contains(page) {
                    guard let position = map.areas.firstPosition(endingAfter: page) else { return .needsStages }
                    area = map.areas[position]
                }
                let area = area!
                guard area.start <= page, !area.flags.isDisjoint(with: areaAccess) else { return .needsStages }
                guard area.isAnonymous else { return .handlerArea }
                guard !area.flags.contains(.shared) else { return .needsStages }
                guard leaf != 0 else { return .unprepared }
                var bits: PTE.Bits = [.present, .accessible, .young]
                if area.flags.contains(.execute) { bits.insert(.executable) }
                if access == .write {
                    guard area.anonVMA != 0 else { return .unprepared }
                    bits.formUnion([.writable, .dirty])
                    stamp = Machine.stamp(after: 0, writtenBy: task.id)
                    let frame = Frame(
                        flags: [.anonymous, .anonExclusive, .uptodate, .inUse], stamp: stamp, references: 1,
                        mappings: 1, owner: 0, index: UInt32(truncatingIfNeeded: area.fileIndex(of: page).rawValue),
                        places: Mixing.entryPlace(map.id, page, bits.rawValue))
                    let number = frames.allocate(frame)
                    tables.setEntry(leaf, page, PTE(number, bits))
                    hash &+= frame.contribution
                    newPages &+= 1
                } else {
                    let zeroPage = PTE(.none, bits.union(.special))
                    tables.setEntry(leaf, page, zeroPage)
                    hash &+= Mixing.entryPlace(map.id, page, zeroPage.rawValue)
                    guard access == .read || bits.contains(.executable) else {
                        faults &+= 1
                        if policy.guards(area) { areaFaults &+= 1 }
                        budget &-= 1
                        return .needsStages  // made again, the access is refused
                    }
                    stamp = 0
                }
                faults &+= 1
                if policy.guards(area) { areaFaults &+= 1 }
                budget &-= 2
            } else {
                guard entry.translates else { return .needsStages }
                switch access {
                case .read:
                    guard entry.bits.contains(.young) else { return .needsStages }
                    stamp = entry.isZeroPage ? 0 : frames[entry.frame].stamp
                case .write:
                    guard entry.isWritable, entry.isDirty, entry.bits.contains(.young) else { return .needsStages }
                    stamp = Self.store(&frames[entry.frame], by: task.id, &hash)
                case .execute:
                    guard entry.bits.contains(.executable) else { return .needsStages }
                    stamp = entry.isZeroPage ? 0 : frames[entry.frame].stamp
                }
                budget &-= 1
            }
            page = page + stride
            left &-= 1
        }
        return .done
    }

    @inline(__always)
    private static func store(_ frame: inout Frame, by task: TaskID, _ hash: inout UInt64) -> UInt32 {
        let before = frame.contribution
        frame.stamp = Machine.stamp(after: frame.stamp, writtenBy: task)
        hash &+= frame.contribution &- before
        return frame.stamp
    }

    /// Forgets what pages have shown, after something else has changed tables or areas.
    mutating func forget() {
        leafBase = .max
        area = nil
    }
}

extension Machine {
    /// Does the accesses of `run` as far as they can be done at once.
    ///
    /// Asked only while ``mayUseShortcut`` holds.
    mutating func touchAtOnce(_ run: inout TouchRun, by task: TaskID) {
        let map = tasks[task.index].map
        guard map != .none, tasks[task.index].archWords.first == 0, tasks[task.index].pendingSignals.isEmpty else {
            return
        }
        let mayFault = scheduler.failures.isEmpty && model.stackGuard == .gap
        let userLimit = geometry.userLimit
        let policy = AreaLockPolicy(model)
        while true {
            let before = tasks[task.index].counters
            let end = run.advance(
                &tasks[task.index], &maps[map.index], &tables, &frames, &structuralHash, userLimit: userLimit,
                mayFault: mayFault, policy)
            let faults = tasks[task.index].counters.minorFaults &- before.minorFaults
            events.pgfault &+= faults  // by either rule: each is one attempt
            if policy.isInUse {
                let areaFaults = tasks[task.index].counters.areaLockAttempts &- before.areaLockAttempts
                events.vmaLockSuccess &+= areaFaults
                events.vmaLockAbort &+= faults &- areaFaults
            }
            switch end {
            case .done, .needsStages: return
            case .unprepared:
                guard prepareFirstFault(at: run.page, in: map, by: task, isWrite: run.access == .write, policy) else {
                    return
                }
            case .handlerArea:
                guard run.access == .read,
                    handleUncontendedFileRead(run.areaAccess, at: run.page, in: map, by: task)
                else { return }
                run.budget &-= 1
            }
            run.forget()
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
        maps[map.index].lockStatistics.readWaits.recordInstants(1)
        maps[map.index].lockStatistics.readHolds.recordInstants(1)
    }
}
