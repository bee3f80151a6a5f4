/// What a machine's last scan has left, so that the next one only looks at what has changed. It belongs to the
/// observer: no fingerprint contains it, and no stage reads it.
struct ScanMemory: Sendable {
    /// The counts from the page tables, page caches and pins.
    var census: MemoryCensus
    /// How often the areas of each map had changed.
    var areas: [UInt32]
    /// The size of each file.
    var sizes: [Int]
    /// The frames to look at again, changed or not.
    var unsettled: [FrameNumber]
    /// Whether everything has to be looked at again.
    var needsAll: Bool
    /// Whether pages were pinned when everything was last looked at. The counts are no longer valid if that changes.
    let hasPins: Bool
    /// The budget for looking at everything. Each scan adds a share.
    var credit = 0

    /// The share that each scan adds, in frames or entries of tables.
    static let share = 8
    /// Up to this ``Machine/scanSize``, everything is looked at again whenever a change may have made something wrong
    /// that it did not touch.
    static let mostLookedAtAgain = 4_096

    /// Takes over the results of `scan`, a scan of the whole machine.
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
    /// How long it takes to look at everything, in the time that one frame takes.
    var scanSize: Int {
        Int(frames.count) + 64 * tables.nodesInUse + 8 * (tasks.count + maps.count + files.count)
    }

    /// Whether a scan may look only at what has changed. Pins and memory groups are counted as a whole.
    var scansByChange: Bool { !hasPins && !hasGroup }

    /// Whether any page is pinned.
    fileprivate var hasPins: Bool {
        !pins.pins.isEmpty || tasks.indices.contains { tasks[$0].pinsInBatch > 0 }
    }

    /// Whether there is so little besides memory (tasks, locks, areas, slots) that a scan of changes looks at all of
    /// it.
    private var isSmallBesideMemory: Bool {
        tasks.count <= 64 && maps.count <= 64 && files.count <= 64 && swap.slotsInUse <= 64
            && maps.indices.allSatisfy { maps[$0].areas.count <= 64 }
    }

    /// Checks the laws that hold between stages for what has changed since the last call. From time to time it checks
    /// them for everything, so rarely that this costs little on average.
    ///
    /// If a change breaks a law for what it changes, this is found at once. A change can also make something wrong that
    /// it does not touch: a mapping is outside of its area after the area was cut. In machines whose ``scanSize`` is at
    /// most ``ScanMemory/mostLookedAtAgain``, that is found at once, too.
    ///
    /// Other mistakes are found only when everything is looked at, after a number of scans that grows with the machine:
    ///
    /// - in larger machines, things that a change made wrong without touching them;
    /// - changes that bypassed the setters;
    /// - mistakes of tasks, locks and counts, if there are more than 64 tasks, maps, files, slots in use or areas of a
    ///   map;
    /// - every mistake while pages are pinned.
    ///
    /// - Complexity: O(*n*) in what has changed. On average, the scans of everything add no more than a constant to
    ///   each call.
    mutating func scan() -> [Violation] {
        // It is taken out, so that nothing else refers to it, and it is changed in place.
        guard var memory = recorder.scan.take() else { return scanAll() }
        memory.credit += ScanMemory.share
        guard memory.credit < scanSize else { return scanAll() }
        if scanSize <= ScanMemory.mostLookedAtAgain, mayBeWrongUnchanged(memory) { return scanAll() }
        defer { recorder.scan = memory }
        if hasPins || memory.hasPins { return [] }
        return violations(of: scanChanges(&memory))
    }

    /// Checks the same laws in a machine of any size. It looks at everything whenever a change may have made something
    /// wrong that it did not touch, and otherwise only at what has changed.
    package mutating func scanThoroughly() -> [Violation] {
        guard var memory = recorder.scan.take(), !mayBeWrongUnchanged(memory) else { return scanAll() }
        defer { recorder.scan = memory }
        return violations(of: scanChanges(&memory))
    }

    /// Whether something that has not changed since may be wrong.
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
            for number in maps.indices { scan.checkResident(MapID(number), self) }
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
