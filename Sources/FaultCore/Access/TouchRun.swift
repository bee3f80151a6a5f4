/// A program's accesses to many pages, as many as can be done at once.
///
/// A hit is what the processor does. A fault is done at once if ``AtOnce`` allows it and it is one of two kinds. The
/// first kind is the first access to a page of private anonymous memory, which an exception, the mmap lock and
/// ``AnonymousFault`` do stage by stage. The second is a read of a cached file page (see `UncontendedFileRead.swift`).
/// Then nothing on the way can sleep or be refused, and the result is the same as that of the stages: counts, frame,
/// entry, `anon_vma`, content and fingerprint. The first access that needs more is left to the stages.
struct TouchRun: BitwiseCopyable {
    /// Why a run ends.
    enum End: UInt8, BitwiseCopyable {
        /// All pages are touched, or as many accesses done as were allowed.
        case done
        /// The next access must go through the stages.
        case needsStages
        /// The next page could be handled if it had a table and, for a store, its area had an `anon_vma`.
        case unprepared
        /// The next access is a fault in an area that has handlers.
        case handlerArea
    }

    /// The next page.
    private(set) var page: PageNumber
    /// How many pages are left.
    private(set) var left: Int
    /// How far apart they are.
    private(set) var stride: Int
    /// What is done to each.
    private(set) var access: FaultException.Access
    /// How many accesses may still be made. A fault counts as two: the access that faults, and the one that is made
    /// again.
    var budget: Int
    /// The number of the next operation in the list that the run continues with.
    private(set) var next: Int

    private let uncontended: UncontendedAccess
    /// An area must have one of these flags, or it refuses the access.
    private var areaAccess: VMAFlags

    // What the last page has shown, so that the next page need not look it up again.
    private var walk = WalkCache()
    /// The area of the last page that was not mapped.
    private(set) var area = VMA(start: PageNumber(0), end: PageNumber(0), startIndex: 0, flags: [])
    /// The position of that area.
    private(set) var areaPosition = AreaTree.Position(0, 0)
    /// The bits of a new entry in it after a store, if its memory is private and anonymous.
    private var storedBits = PTE.Bits()

    /// - Parameter next: The number of the operation after this one, in the list that the run may continue with.
    init(
        _ access: FaultException.Access, _ page: PageNumber, pages: Int, stride: Int, _ uncontended: UncontendedAccess,
        budget: Int, next: Int = 0
    ) {
        self.page = page
        left = pages
        self.stride = stride
        self.access = access
        self.uncontended = uncontended
        areaAccess = uncontended[access]
        self.budget = budget
        self.next = next
    }

    /// Begins the next operation of a list, if it touches pages.
    @inline(__always)
    private mutating func beginNext(of list: [TaskOperation]) -> Bool {
        guard next < list.count, case .touch(let access, let page, let pages, let stride) = list[next], pages > 0 else {
            return false
        }
        next &+= 1
        self.page = page
        left = pages
        self.stride = stride
        self.access = access
        areaAccess = uncontended[access]
        return true
    }

    /// Goes on until an access can't be done at once, or none is left. It is given the parts of the machine that it
    /// changes, so that their uniqueness is checked once and not for each access.
    ///
    /// - Parameters:
    ///   - faults: The faults that it has done; empty before.
    ///   - list: The operations that the task does next, from number ``next`` on. Those that touch pages belong to the
    ///     run. A task keeps the outcome and the counters of one operation: in the end, those of the last one.
    mutating func advance(
        _ task: inout TaskState, _ map: inout MemoryMap, _ tables: inout PageTables, _ frames: inout FrameTable,
        _ structuralHash: inout UInt64, _ faults: inout InstantFaults, then list: [TaskOperation], _ rules: AtOnce
    ) -> End {
        let mayFault = rules.allowsFaults && map.mayBeReadAtOnce
        let mapID = map.id
        let first = next
        var faultsBefore = InstantFaults()  // of the operations that are done
        var newPages = 0
        var hash: UInt64 = 0
        var stamp = task.outcome.stamp
        defer {
            structuralHash &+= hash
            task.outcome.stamp = stamp
            if next != first {
                task.counters.add(faultsBefore)
                task.countersAtStart = task.counters
                task.counters.add(faults - faultsBefore)
            } else if faults.all > 0 {
                task.counters.add(faults)
            }
            if faults.all > 0 {
                map.lockStatistics.add(faults)
                map.rss.anonymous &+= newPages
            }
        }
        while true {
            while left > 0, budget > 0 {
                guard page < rules.userLimit else { return .needsStages }
                let leaf = tables.leaf(map.root, page, &walk)
                let entry = leaf == 0 ? PTE.none : tables.entry(leaf, page)
                if entry.isNone {
                    guard mayFault, budget > 1 else { return .needsStages }
                    if !area.contains(page) {
                        guard let position = map.areas.firstPosition(endingAfter: page) else { return .needsStages }
                        areaPosition = position
                        area = map.areas[position]
                        storedBits = area.flags.entryBits(forWrite: true)
                    }
                    switch AtOnce.way(of: area, at: page, wanting: areaAccess) {
                    case .stages: return .needsStages
                    case .handler: return .handlerArea
                    case .anonymousPage: break
                    }
                    guard leaf != 0 else { return .unprepared }
                    if access == .write {
                        guard area.anonVMA != 0 else { return .unprepared }
                        let bits = storedBits
                        stamp = Machine.stamp(after: 0, writtenBy: task.id)
                        var frame = PageFrame(
                            new: AnonymousFault.frameFlags, index: area.fileIndex(of: page), stamp: stamp,
                            place: Mixing.entryPlace(mapID, page, bits.rawValue))
                        frame.mappings = 1
                        let number = frames.allocate(frame)
                        tables.setEntry(leaf, page, PTE(number, bits))
                        hash &+= frame.contribution
                        newPages &+= 1
                        faults.count(areaLock: rules.areaLocks.guards(area))
                    } else {
                        let zeroPage = AnonymousFault.zeroPage(of: area.flags)
                        tables.setEntry(leaf, page, zeroPage)
                        hash &+= Mixing.entryPlace(mapID, page, zeroPage.rawValue)
                        faults.count(areaLock: rules.areaLocks.guards(area))
                        guard access == .read || zeroPage.bits.contains(.executable) else {
                            budget &-= 1
                            return .needsStages  // the repeated access is refused
                        }
                        stamp = 0
                    }
                    budget &-= 2
                } else {
                    guard entry.translates else { return .needsStages }
                    switch access {
                    case .read, .execute:
                        guard access == .read || entry.bits.contains(.executable), entry.bits.contains(.young) else {
                            return .needsStages
                        }
                        stamp = entry.isZeroPage ? 0 : frames[entry.frame].stamp
                    case .write:
                        guard entry.isWritable, entry.isDirty, entry.bits.contains(.young) else { return .needsStages }
                        stamp = Self.store(&frames[entry.frame], by: task.id, &hash)
                    }
                    budget &-= 1
                }
                page = page + stride
                left &-= 1
            }
            guard left == 0, budget > 0, beginNext(of: list) else { return .done }
            stamp = 0
            faultsBefore = faults
        }
    }

    @inline(__always)
    private static func store(_ frame: inout PageFrame, by task: TaskID, _ hash: inout UInt64) -> UInt32 {
        let before = frame.contribution
        frame.stamp = Machine.stamp(after: frame.stamp, writtenBy: task)
        hash &+= frame.contribution &- before
        return frame.stamp
    }

    /// Forgets what pages have shown, after other code has changed areas.
    mutating func forget() {
        walk = WalkCache()
        area = VMA(start: PageNumber(0), end: PageNumber(0), startIndex: 0, flags: [])
    }

    /// Notes that the fault of the next page was done, as one access. The fault may have made the page's table.
    mutating func noteFault() {
        if !walk.hasLeaf { walk = WalkCache() }
        budget &-= 1
    }
}

/// For each access, the result of ``FaultEntry/uncontendedAccess(_:)``. A store needs `write`, because otherwise the
/// entry of a new page would not be writable.
struct UncontendedAccess: BitwiseCopyable, Sendable {
    private let read: VMAFlags
    private let write: VMAFlags
    private let execute: VMAFlags

    init(of entry: any FaultEntry) {
        read = VMAFlags(entry.uncontendedAccess(.read))
        write = VMAFlags(entry.uncontendedAccess(.write)).intersection(.write)
        execute = VMAFlags(entry.uncontendedAccess(.execute))
    }

    /// The flags of which an area must have at least one.
    @inline(__always)
    subscript(access: FaultException.Access) -> VMAFlags {
        switch access {
        case .read: read
        case .write: write
        case .execute: execute
        }
    }
}

extension Machine {
    /// Does as many accesses of `run` as can be done at once.
    ///
    /// Called only while ``mayUseShortcut`` holds.
    ///
    /// - Parameter list: The operations that the task does next, from number ``TouchRun/next`` on; the run goes on with
    ///   those that touch pages.
    mutating func touchAtOnce(_ run: inout TouchRun, by task: TaskID, then list: [TaskOperation] = []) {
        guard let rules = accessesAtOnce(by: task) else { return }
        let map = tasks[task.index].map
        while true {
            var faults = InstantFaults()
            let end = run.advance(
                &tasks[task.index], &maps[map.index], &tables, &frames, &structuralHash, &faults, then: list,
                rules)
            countEvents(of: faults, rules.areaLocks)
            switch end {
            case .done, .needsStages: return
            case .unprepared:
                guard prepareFirstFault(at: run.page, in: map, by: task, isWrite: run.access == .write, rules) else {
                    return
                }
                run.forget()
            case .handlerArea:
                guard readAtOnce(&run, in: map, by: task, rules.areaLocks) else { return }
            }
        }
    }

    /// Does what only the first fault in a table or an area has to do, in the order of the stages. No failure is
    /// injected, so it succeeds.
    ///
    /// - Returns: `false` if the fault has to begin under one lock and end under another, which the stages do.
    @inline(never)
    private mutating func prepareFirstFault(
        at page: PageNumber, in map: MapID, by task: TaskID, isWrite: Bool, _ rules: AtOnce
    ) -> Bool {
        guard let position = maps[map.index].areas.firstPosition(endingAfter: page) else { return false }
        switch rules.preparation(of: maps[map.index].areas[position], isWrite: isWrite) {
        case .stages: return false
        case .underItsLock: break
        case .takesMmapLock: countInstantHold(of: map, .read, by: task)  // the trylock of prepareAnonymous(of:)
        }
        _ = makeLeafTable(map, page, for: task)
        if isWrite { _ = prepareAnonVMA(at: position, in: map, for: task) }
        return true
    }
}
