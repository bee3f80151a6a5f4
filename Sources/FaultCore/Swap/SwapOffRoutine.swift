/// `swapoff(2)`: `try_to_unuse()` and what surrounds it (mm/swapfile.c, Linux 6.1). All pages of a swap area come back.
///
///     begin ─▶ nextFile ◀─▶ fileReturned                                pages of tmpfs, file by file
///                 └─▶ nextMap ─▶ mapLocked ─▶ findEntry ◀─▶ ... pageLocked ─▶ unlockMap ─▶ nextMap
///                        └─▶ nextCached ◀─▶ cachedLocked ─▶ [another round, or end]
///
/// The mmap lock of each memory map is held for reading while its pages are read, uninterruptibly, one window after the
/// other. A signal is noticed only between two maps. Pages of tmpfs only come back into their file.
///
/// Differs: if a round has not emptied the area, the kernel begins the next round at once, and the simulator begins it
/// after a tick.
enum SwapOffRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case nextFile
        case fileReturned
        case nextMap
        case mapLocked
        case findEntry
        case lockPage
        case pageLocked
        case unlockMap
        case nextCached
        case cachedLocked
        case endRound
        case end
    }

    struct Frame: RoutineFrame {
        /// The next page of the map, or of the file.
        var next: UInt64 = 0
        /// The number of the area.
        private let number: UInt32
        /// The slot of ``folio``; in `nextCached` the last slot that was looked at.
        private var lastSlot: UInt32 = 0
        /// The file that is worked on; none before the first.
        var file = FileID.none
        /// The map that is worked on; none before the first.
        var map = MapID.none
        /// Keeps that map alive.
        var use = MapUse.none
        /// The page that is locked, referenced.
        var folio = FrameNumber.none
        /// The error with which the call fails.
        var error: Errno?

        init(area: Int) { number = UInt32(clamping: area) }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("next", Int(truncatingIfNeeded: next))
            visitor.visit("number", Int(number))
            visitor.visit("lastSlot", Int(lastSlot))
            visitor.visit("file", file)
            visitor.visit("map", map)
            visitor.visit("use", use)
            visitor.visit("folio", folio)
            visitor.visit("error", error)
        }

        /// The number of the area.
        fileprivate var area: Int { Int(number) }

        /// The slot of ``folio``; in `nextCached` the last slot that was looked at.
        fileprivate var slot: Int {
            get { Int(lastSlot) }
            set { lastSlot = UInt32(truncatingIfNeeded: newValue) }
        }

        /// The next page of the map.
        fileprivate var page: PageNumber {
            get { PageNumber(next) }
            set { next = newValue.rawValue }
        }

        /// The next page of the file.
        fileprivate var index: PageIndex {
            get { PageIndex(rawValue: next) }
            set { next = newValue.rawValue }
        }
    }

    static var number: RoutineNumber { .swapOff }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        switch stage {
        case .begin:
            guard machine.swap.areas.indices.contains(frame.area), machine.swap.areas[frame.area].isWritable else {
                return .failed(.invalid)
            }
            machine.noteWrite(.swap)
            machine.swap.closeArea(frame.area)
            machine.swap.slotCache.isEnabled = false
            machine.drainSlotCache()
            return .next(isEmpty(frame, machine) ? .end : .nextFile)

        case .nextFile:
            return nextFile(&frame, &machine)

        case .fileReturned:
            switch resumed.result(FileResult.self) {
            case .pages:
                machine.unlock(machine.folioBatch(of: task).last ?? .none)
                machine.cutBatch(of: task, to: machine.folioBatch(of: task).count - 1)
            case .failed(.noMemory):
                frame.error = .noMemory
                return .next(.end)
            case .done, .ready, .failed: break
            }
            return .next(.nextFile)

        case .nextMap:
            return nextMap(&frame, task, &machine)

        case .mapLocked:
            frame.page = PageNumber(0)
            return .next(.findEntry)

        case .findEntry:
            return findEntry(&frame, task, &machine)

        case .lockPage:
            return .call(machine.locking(frame.folio), then: .pageLocked)

        case .pageLocked:
            if machine.flags(of: frame.folio).contains(.writeback) {
                return .sleep(.folioWriteback(frame.folio), then: .pageLocked)
            }
            machine.mapSwapped(frame.folio, of: frame.slot, at: frame.page, in: frame.map)
            release(&frame, task, &machine)
            frame.page = frame.page + 1
            return .next(.findEntry)

        case .unlockMap:
            machine.unlock(.mmap(frame.map), by: task)
            return .next(frame.error == nil ? .nextMap : .end)

        case .nextCached:
            return nextCached(&frame, task, &machine)

        case .cachedLocked:
            if machine.flags(of: frame.folio).contains(.writeback) {
                return .sleep(.folioWriteback(frame.folio), then: .cachedLocked)
            }
            release(&frame, task, &machine)
            return .next(.nextCached)

        case .endRound:
            if isEmpty(frame, machine) { return .next(.end) }
            if machine.hasSignal(task) {
                frame.error = .interrupted
                return .next(.end)
            }
            frame.file = .none
            frame.map = .none
            return .sleep(machine.tick(for: 0), then: .nextFile)

        case .end:
            if frame.use.map != .none { return .call(machine.dropping(&frame.use), then: .end) }
            machine.noteWrite(.swap)
            if frame.error == nil {
                machine.swap.removeArea(frame.area)
            } else {
                machine.swap.reopenArea(frame.area)
            }
            machine.swap.slotCache.isEnabled = machine.swap.areas.contains { $0.isWritable }
            return frame.error.map { .failed($0) } ?? .done
        }
    }

    private static func isEmpty(_ frame: Frame, _ machine: Machine) -> Bool {
        machine.swap.areas[frame.area].slotsInUse == 0
    }

    /// `shmem_unuse()`: has the next page of a tmpfs file brought back.
    private static func nextFile(_ frame: inout Frame, _ machine: inout Machine) -> RoutineStep<Stage, CallResult> {
        let files = machine.swap.files
        while true {
            if frame.file != .none {
                while let (index, slot) = machine.firstSwapped(of: frame.file, from: frame.index) {
                    frame.index = index + 1
                    guard machine.swap.area(of: slot) == frame.area else { continue }
                    return .call(machine.calling(.swapIn(index), on: frame.file), then: .fileReturned)
                }
            }
            let next = frame.file == .none ? 0 : (files.firstIndex(of: frame.file) ?? files.count) + 1
            guard next < files.count else {
                frame.map = .none
                return .next(.nextMap)
            }
            frame.file = files[next]
            frame.index = 0
        }
    }

    /// Continues with the next map of `mmlist`, as long as there is something left to do.
    private static func nextMap(
        _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        if frame.use.map != .none { return .call(machine.dropping(&frame.use), then: .nextMap) }
        let maps = machine.swap.maps
        var next = frame.map == .none ? 0 : (maps.firstIndex(of: frame.map) ?? maps.count) + 1
        while next < maps.count, !machine.isInUse(maps[next]) { next += 1 }
        guard next < maps.count, !isEmpty(frame, machine), !machine.hasSignal(task) else {
            frame.slot = machine.swap.areas[frame.area].first - 1
            return .next(.nextCached)
        }
        frame.map = maps[next]
        frame.use = machine.using(frame.map)
        return .call(machine.taking(.mmap(frame.map), .read), then: .mapLocked)
    }

    /// `unuse_pte_range()`: has the page read for the next entry that names a slot of the area.
    private static func findEntry(
        _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let rest = frame.page..<machine.geometry.userLimit
        guard let (page, entry) = machine.firstSwapEntry(in: rest, of: frame.map, naming: frame.area),
            let position = machine.maps[frame.map.index].areas.firstPosition(endingAfter: page)
        else { return .next(.unlockMap) }
        if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .findEntry) }
        frame.page = page
        frame.slot = entry.frame.index
        if let folio = machine.swapCachedFolio(of: frame.slot) {
            machine.noteSwapCacheHit(folio, for: (page, position, frame.map))
            machine.hold(folio, for: task, in: .call)
            frame.folio = folio
            return .next(.lockPage)
        }
        if machine.swap[frame.slot].isReserved { return .sleep(machine.tick(for: frame.slot), then: .findEntry) }
        let read = machine.readSwap(frame.slot, for: page, at: position, in: frame.map, by: task)
        guard let folio = read.folio else {
            frame.error = .noMemory
            return .next(.unlockMap)
        }
        machine.hold(folio, for: task, in: .call)
        frame.folio = folio
        let wait = machine.takeSubmissionWait() ?? read.request.map { .request($0) }
        return wait.map { .sleep($0, then: .lockPage) } ?? .next(.lockPage)
    }

    /// Continues with the next page that is only in the swap cache.
    private static func nextCached(
        _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let area = machine.swap.areas[frame.area]
        guard !isEmpty(frame, machine), !machine.hasSignal(task),
            let slot = machine.swap.firstInUse(after: frame.slot, through: area.end - 1)
        else { return .next(.endRound) }
        frame.slot = slot
        guard let folio = machine.swapCachedFolio(of: slot) else { return .next(.nextCached) }
        machine.hold(folio, for: task, in: .call)
        frame.folio = folio
        return .call(machine.locking(folio), then: .cachedLocked)
    }

    /// Frees the slot of the locked page, and unlocks and drops the page.
    private static func release(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) {
        let folio = frame.folio
        frame.folio = .none
        machine.freeSwap(of: folio)
        machine.unlock(folio)
        machine.unhold(folio, for: task, in: .call)
    }
}

extension Machine {
    /// Maps a page in the place of the entry that names its slot, old and write-protected, if the entry still names it:
    /// `unuse_pte()`.
    fileprivate mutating func mapSwapped(_ folio: FrameNumber, of slot: Int, at page: PageNumber, in map: MapID) {
        let leaf = leafTable(map, page)
        guard leaf != 0, swapCachedFolio(of: slot) == folio, let area = area(containing: page, in: map) else { return }
        let entry = tables.entry(leaf, page)
        guard swapSlot(of: entry) == slot || mistaken(.swapOffUncompared) else { return }
        clearSwapEntry(entry, at: page, in: map, leaf: leaf)
        guard frames[folio].flags.contains(.uptodate) else {
            setSpecialEntry(PTE(.none, .lost), at: page, in: map, leaf: leaf)
            return freeSwap(slot: slot)
        }
        setAnonymousIndex(of: folio, area.fileIndex(of: page))
        if entry.bits.contains(.swapExclusive) { setFlags(of: folio, adding: .anonExclusive) }
        let kept = entry.bits.intersection(.userfaultProtected)
        let bits = entryBits(of: area, forWrite: false).subtracting(.young).union(kept)
        mapFrame(folio, bits, at: page, in: map, leaf: leaf)
        if hasGroup { noteSwappedIn(folio, areaIsLocked: area.flags.contains(.locked)) }
        freeSwap(slot: slot)
    }
}

// MARK: - What it reads and holds

extension SwapOffRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .lockPage, .mapLocked: []
        default: .everything
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .mapLocked, .findEntry, .lockPage, .pageLocked, .unlockMap: .lock(.mmap(frame.map), .read)
        default: .nothing
        }
    }
}
