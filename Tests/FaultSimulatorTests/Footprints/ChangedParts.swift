@testable import FaultCore
import FaultSimulator

/// What differs between two states of a machine, found by looking at all there is.
struct ChangedParts {
    private let before: Machine
    private let after: Machine
    private(set) var locations: [StateLocation] = []
    /// Tables that are new, each as all entries that it may have. It is noted with one of these.
    private(set) var newTables: [(map: MapID, pages: Range<PageNumber>)] = []

    /// Compares the states before and after a step of `task`, or of no task.
    init(from before: Machine, to after: Machine, by task: TaskID) {
        self.before = before
        self.after = after
        compareCounts()
        for map in before.maps.indices { compareMap(map) }
        for file in before.files.indices { compareFile(file) }
        compareFrames()
        compareSwap()
        compareMemory()
        compareDevices()
        for number in before.tasks.indices { compareTask(number, isOwn: TaskID(number) == task) }
        for number in before.tasks.indices {
            let id = TaskID(number)
            let isChanged =
                before.pagePins(of: id) != after.pagePins(of: id)
                || before.pins.taken(by: id) != after.pins.taken(by: id)
            add(.pins(id), if: isChanged)
        }
    }

    private mutating func add(_ location: StateLocation, if isChanged: Bool) {
        if isChanged { locations.append(location) }
    }

    private mutating func compareCounts() {
        let isChanged =
            before.tasks.count != after.tasks.count || before.maps.count != after.maps.count
            || before.files.count != after.files.count || before.devices.count != after.devices.count
        add(.world, if: isChanged)
    }

    // MARK: Memory maps

    private mutating func compareMap(_ number: Int) {
        let id = MapID(number)
        let (old, new) = (before.maps[number], after.maps[number])
        add(.lock(.mmap(id)), if: old.lock != new.lock || old.writeLockCount != new.writeLockCount)
        add(.users(id), if: old.users != new.users)
        let areasChanged =
            Array(old.areas.areas) != Array(new.areas.areas) || old.heapStart != new.heapStart
            || old.heapEnd != new.heapEnd || old.mmapBase != new.mmapBase || old.defaultFlags != new.defaultFlags
            || old.hasPinned != new.hasPinned || old.isReaped != new.isReaped
        add(.areas(id), if: areasChanged)
        let locksChanged =
            old.areaLocks.marks != new.areaLocks.marks
            || !old.areaLocks.readers.elementsEqual(new.areaLocks.readers) {
                $0.task == $1.task && $0.area == $1.area && $0.isAwaited == $1.isAwaited
            }
        add(.areaLocks(id), if: locksChanged)
        let (oldTables, oldEntries) = Self.entries(of: number, before)
        let (newTables, newEntries) = Self.entries(of: number, after)
        add(.entries(id), if: !oldTables.allSatisfy(newTables.contains) || (old.root != 0 && new.root == 0))
        for base in newTables where !oldTables.contains(base) {
            self.newTables.append((id, base..<base + 1 << Int(before.geometry.bitsPerLevel)))
        }
        for (page, entry) in oldEntries { add(.entry(id, page), if: newEntries[page] != entry) }
        for page in newEntries.keys { add(.entry(id, page), if: oldEntries[page] == nil) }
    }

    private static func entries(of map: Int, _ machine: Machine) -> ([PageNumber], [PageNumber: UInt64]) {
        var tables: [PageNumber] = []
        var entries: [PageNumber: UInt64] = [:]
        machine.tables.forEachLeaf(machine.maps[map].root, in: PageNumber(0)..<machine.geometry.userLimit) {
            base, leaf in
            tables.append(base)
            for (slot, raw) in machine.tables.nodes[Int(leaf)].enumerated() where raw != 0 {
                entries[base + slot] = raw
            }
        }
        return (tables, entries)
    }

    // MARK: Files and pages

    private mutating func compareFile(_ number: Int) {
        let id = FileID(number)
        let (old, new) = (before.files[number], after.files[number])
        add(.lock(.inode(id)), if: old.inodeLock != new.inodeLock)
        add(.lock(.invalidate(id)), if: old.invalidateLock != new.invalidateLock)
        let isChanged =
            old.pages != new.pages || old.blocks != new.blocks || old.badBlocks != new.badBlocks
            || old.writeErrors != new.writeErrors || old.isReadRandomly != new.isReadRandomly
            || old.readahead != new.readahead || old.state.words != new.state.words
            || old.storedStamps != new.storedStamps || old.shadows != new.shadows || old.traits != new.traits
        add(.file(id), if: isChanged)
        add(before.pinLocation(of: id), if: old.pins != new.pins)
        compareCache(of: id, old.cache, new.cache)
        compareCache(of: id, new.cache, old.cache)
    }

    private mutating func compareCache(of file: FileID, _ one: PageCache, _ other: PageCache) {
        var next: PageIndex = 0
        while let (index, folio) = one.first(from: next) {
            add(.cachedPage(file, index), if: other[index] != folio)
            next = index + 1
        }
    }

    private mutating func compareFrames() {
        for number in 1..<max(1, Int(before.frames.count)) {
            let folio = FrameNumber(number)
            let (old, new) = (before.frames[folio], after.frames[folio])
            guard old.flags.contains(.inUse) else { continue }  // a new page is nobody else's
            let isChanged =
                old.flags != new.flags || old.stamp != new.stamp || old.references != new.references
                || old.mappings != new.mappings || old.owner != new.owner || old.index != new.index
                || old.places != new.places || before.lockOwner(of: folio) != after.lockOwner(of: folio)
            add(before.location(of: folio), if: isChanged)
        }
    }

    private mutating func compareSwap() {
        add(.swap, if: before.swap != after.swap)
    }

    private mutating func compareMemory() {
        add(.memory, if: before.scheduler.failures != after.scheduler.failures)
        add(.dirtyPages, if: before.dirtyPages != after.dirtyPages && before.settings.dirtyLimitPages != .max)
        guard before.configuration.limitsFrames else { return }
        add(.memory, if: before.frames.inUse != after.frames.inUse)
        add(.memory, if: before.lists.nonresidentAge != after.lists.nonresidentAge)
        for list in LRULists.List.allCases {
            add(.memory, if: before.lists.pages(of: list) != after.lists.pages(of: list))
        }
    }

    private mutating func compareDevices() {
        for number in before.devices.indices {
            let id = DeviceID(number)
            let (old, new) = (before.devices[number], after.devices[number])
            let isChanged =
                old.holdsReads != new.holdsReads || old.holdsWrites != new.holdsWrites
                || old.refusesReadahead != new.refusesReadahead || old.state.words != new.state.words
            add(.device(id), if: isChanged || Self.requests(on: id, before) != Self.requests(on: id, after))
        }
        let wasThrottled = before.scheduler.submissionThrottle > before.clock
        add(.submission, if: wasThrottled != (after.scheduler.submissionThrottle > after.clock))
    }

    private static func requests(on device: DeviceID, _ machine: Machine) -> [UInt64] {
        machine.scheduler.requests.filter { $0.device == device }.map(\.id.rawValue)
    }

    // MARK: Tasks

    private mutating func compareTask(_ number: Int, isOwn: Bool) {
        let (old, new) = (before.tasks[number], after.tasks[number])
        guard !isOwn else {
            return add(.task(old.id), if: old.status != new.status || old.pendingSignals != new.pendingSignals)
        }
        add(.task(old.id), if: Self.words(of: number, before) != Self.words(of: number, after))
    }

    private static func words(of task: Int, _ machine: Machine) -> UInt64 {
        var hash = HashSink()
        machine.addTask(task, to: &hash, isTimed: false)
        return hash.value
    }
}
