/// What a machine's last scan has left, so that the next one need look at what has changed only. It belongs to the observer:
/// no fingerprint sees it, no stage reads it.
struct ScanMemory: Sendable {
    /// What the page tables, page caches and pins said.
    var census: MemoryCensus
    /// Of each map, how often its areas had changed.
    var areas: [UInt32]
    /// Of each file, how large it was.
    var sizes: [Int]
    /// The frames to look at again, changed or not.
    var unsettled: [FrameNumber]
    /// Whether everything has to be looked at again.
    var needsAll: Bool
    /// Whether pages were pinned when everything was looked at last: how often is not known any more if that changes.
    let hasPins: Bool
    /// How much may be spent on looking at everything. Each scan earns a share.
    var credit = 0

    /// What a share of looking at everything is: so many frames or entries of tables a scan.
    static let share = 8
    /// Up to this size everything is looked at again whenever a change may have made wrong what it has left as it is.
    static let mostLookedAtAgain = 4_096

    /// What `scan` of the whole machine has left.
    init(of machine: Machine, after scan: InvariantScan) {
        census = scan.census
        areas = machine.maps.map(\.areas.sequence)
        sizes = machine.files.map(\.pages)
        unsettled = scan.unsettled
        needsAll = scan.hasExempted || !machine.scansByChange
        hasPins = machine.hasPins
    }
}

extension Machine {
    /// How much there is to look at: in frames, or what takes as long.
    var scanSize: Int {
        Int(frames.count) + 64 * tables.nodesInUse + 8 * (tasks.count + maps.count + files.count)
    }

    /// Whether a scan may go by what has changed. Pins and memory groups are counted as a whole.
    var scansByChange: Bool { !hasPins && !hasGroup }

    /// Whether any page is pinned.
    fileprivate var hasPins: Bool { !pins.pins.isEmpty || tasks.contains { $0.pinsInBatch > 0 } }

    /// Whether there is so little beside memory that a scan by change looks at all of it: tasks, locks, areas, slots.
    private var isSmallBesideMemory: Bool {
        tasks.count <= 64 && maps.count <= 64 && files.count <= 64 && swap.slotsInUse <= 64
            && maps.allSatisfy { $0.areas.count <= 64 }
    }

    /// Checks the laws that hold between stages: of what has changed since this was asked last, and so often that it costs
    /// little in all, of everything.
    ///
    /// A law that is broken by a change is found at once. So is what a change makes wrong without touching it (a mapping
    /// that lies outside of its area since the area was cut), but for machines of more than
    /// ``ScanMemory/mostLookedAtAgain`` pages. There it is found when everything is looked at, as are changes that were
    /// made past the setters, where there are more than 64 tasks, what these do wrong, and while pages are pinned all that is
    /// wrong: after a number of scans that grows with the machine.
    ///
    /// - Complexity: O(*n*) in what has changed; on average, no more for what has not.
    mutating func scan() -> [Violation] {
        guard var memory = recorder.scan else { return scanAll() }
        memory.credit += ScanMemory.share
        guard memory.credit < scanSize else { return scanAll() }
        recorder.scan = nil  // Nothing else refers to it now, so that it is changed in place.
        if scanSize <= ScanMemory.mostLookedAtAgain, mayBeWrongUnchanged(memory) { return scanAll() }
        defer { recorder.scan = memory }
        if hasPins || memory.hasPins { return [] }
        return violations(of: scanChanges(&memory))
    }

    /// The same, but looks at everything whenever a change may have made wrong what it has left as it is, and else at what
    /// has changed, however small the machine is.
    package mutating func scanThoroughly() -> [Violation] {
        guard var memory = recorder.scan, !mayBeWrongUnchanged(memory) else { return scanAll() }
        recorder.scan = nil
        defer { recorder.scan = memory }
        return violations(of: scanChanges(&memory))
    }

    /// Whether what has not changed since may be wrong all the same.
    private func mayBeWrongUnchanged(_ memory: ScanMemory) -> Bool {
        memory.needsAll || !scansByChange || memory.areas.count != maps.count || memory.sizes.count != files.count
            || maps.indices.contains { maps[$0].areas.sequence != memory.areas[$0] }
            || files.indices.contains { files[$0].pages != memory.sizes[$0] }
    }

    private mutating func scanAll() -> [Violation] {
        let scan = fullScan()
        recorder.scan = ScanMemory(of: self, after: scan)
        return violations(of: scan)
    }

    private func scanChanges(_ memory: inout ScanMemory) -> InvariantScan {
        let changes = memory.census.follow(self)
        let looksAtTasks = isSmallBesideMemory
        var scan = InvariantScan.begin(of: self, memory.census, looksAtTasks: looksAtTasks)
        let frames = looksAtTasks ? changes.frames(and: memory.unsettled) : changes.frames
        for frame in frames where frame != .none { scan.checkFrame(frame, self) }
        scan.checkZeroPage(self)
        for (file, index) in changes.misplaced { scan.reportMisplaced(file, index) }
        for (entry, page, map) in changes.entries {
            scan.checkEntry(entry, at: page, in: map, self)
            scan.checkStrays(of: map, self)
        }
        if !changes.movesKinds, scansByChange {
            for map in maps { scan.checkResident(map, self) }
            scan.checkFrameTotals(self)
        }
        if looksAtTasks {
            scan.checkMapTotals(self)
            scan.checkUnnamedFiles(self)
            scan.checkRunning(self)
            if scansByChange { scan.checkHash(self) }
        }
        memory.unsettled = scan.unsettled
        if scan.hasExempted || changes.movesKinds || !scansByChange { memory.needsAll = true }
        return scan
    }
}
