/// A recount of page tables, page caches, swap cache and pins, against which the frames, the maps and the fingerprint
/// are checked.
///
/// It remembers the tables and frames that it has counted, so it can be updated with what has changed since:
/// ``follow(_:)``.
struct MemoryCensus: Sendable {
    /// The place of a lowest page table.
    struct Leaf: Equatable, BitwiseCopyable {
        /// The map; none for a node that is not a lowest table.
        var map = MapID.none
        /// The first page that it covers.
        var base = PageNumber(0)
    }

    /// The references to each frame.
    var frames = FrameCensus()
    /// The place of each node.
    private(set) var leaves: [Leaf] = []
    /// What each map maps.
    var resident: [ResidentPages]
    /// What entries that map no counted frame add to the fingerprint.
    var entryHash: UInt64 = 0
    /// What the existence of the lowest tables adds to the fingerprint.
    private(set) var tableHash: UInt64 = 0
    /// What frames in use add to the fingerprint.
    var frameHash: UInt64 = 0
    /// How many frames are in use.
    var inUse = 0
    /// How many pages of files are dirty or under writeback.
    var dirty = 0
    /// The tables and frames that were counted.
    var seenTables: PageTables
    var seenFrames: FrameTable

    /// Counts everything.
    init(of machine: Machine) {
        seenTables = machine.tables
        seenFrames = machine.frames
        resident = [ResidentPages](repeating: ResidentPages(), count: machine.maps.count)
        frames.grow(to: Int(machine.frames.count))
        findLeaves(machine)
        for (node, leaf) in leaves.enumerated() where leaf.map != .none {
            seenTables.forEachEntry(of: UInt32(node)) { add($1, at: $0, in: UInt32(node), leaf, machine) }
        }
        for number in 1..<max(1, Int(machine.frames.count)) { count(machine.frames[FrameNumber(number)], 1) }
        countSlots(machine)
        countPins(machine)
    }

    /// The name of an entry: its table and its slot.
    static func name(of slot: Int, in node: UInt32) -> UInt64 { UInt64(node) << 32 | UInt64(slot) }

    /// The table and the slot that ``name(of:in:)`` has encoded.
    static func place(of name: UInt64) -> (node: UInt32, slot: Int) {
        (UInt32(truncatingIfNeeded: name >> 32), Int(name & 0xFFFF_FFFF))
    }

    /// Finds the places of all lowest tables.
    mutating func findLeaves(_ machine: Machine) {
        leaves = [Leaf](repeating: Leaf(), count: machine.tables.nodes.count)
        tableHash = 0
        for map in machine.maps {
            machine.tables.forEachLeaf(map.root, in: PageNumber(0)..<machine.configuration.geometry.userLimit) {
                leaves[Int($1)] = Leaf(map: map.id, base: $0)
                tableHash &+= machine.tablePlace(map.id, $0)
            }
        }
    }

    /// Counts an entry.
    mutating func add(_ entry: PTE, at slot: Int, in node: UInt32, _ leaf: Leaf, _ machine: Machine) {
        let page = leaf.base + slot
        if entry.mapsCountedFrame {
            frames.addEntry(entry, named: Self.name(of: slot, in: node), at: page, in: leaf.map)
            resident[leaf.map.index].add(1, machine.frames[entry.frame].flags.kind)
        } else {
            if machine.swapSlot(of: entry) != nil { resident[leaf.map.index].swapEntries += 1 }
            entryHash &+= Mixing.entryPlace(leaf.map, page, entry.rawValue)
        }
    }

    /// Subtracts an entry; its page counts with the kind that it had when the entry was counted.
    mutating func remove(_ entry: PTE, at slot: Int, in node: UInt32, _ leaf: Leaf, _ machine: Machine) {
        let page = leaf.base + slot
        if entry.mapsCountedFrame {
            frames.removeEntry(entry, named: Self.name(of: slot, in: node), at: page, in: leaf.map)
            resident[leaf.map.index].add(-1, seenFrames[entry.frame].flags.kind)
        } else {
            if machine.swapSlot(of: entry) != nil { resident[leaf.map.index].swapEntries -= 1 }
            entryHash &-= Mixing.entryPlace(leaf.map, page, entry.rawValue)
        }
    }

    /// Adds what a frame says of itself; with a `sign` of -1, subtracts it.
    mutating func count(_ frame: PageFrame, _ sign: Int) {
        guard frame.flags.contains(.inUse) else { return }
        inUse += sign
        frameHash = sign > 0 ? frameHash &+ frame.contribution : frameHash &- frame.contribution
        if frame.flags.contains(.cached), !frame.flags.contains(.shmem),
            !frame.flags.isDisjoint(with: [.dirty, .writeback])
        {
            dirty += sign
        }
    }

    private mutating func countSlots(_ machine: Machine) {
        for (number, file) in machine.files.enumerated() {
            var next: PageIndex = 0
            while let (index, frame) = file.cache.first(from: next) {
                frames[frame.index].slots += 1
                frames[frame.index].slotPlaces &+= Mixing.cachePlace(FileID(number), index)
                next = index + 1
            }
        }
        machine.swap.forEachInUse { number, slot in
            guard slot.cached != .none else { return }
            frames[slot.cached.index].slots += 1
            frames[slot.cached.index].slotPlaces &+= Mixing.swapPlace(number)
        }
    }

    private mutating func countPins(_ machine: Machine) {
        for pin in machine.pins.pins {
            for (position, folio) in pin.frames.enumerated() where folio != .none {
                frames[folio.index].pins += pin.kind.weight
                frames[folio.index].pinPlaces &+= Mixing.pinPlace(pin.id, position)
                if pin.kind == .pin { frames[folio.index].isPinned = true }
            }
        }
        for index in machine.tasks.indices where machine.tasks[index].pinsInBatch > 0 {
            for folio in machine.tasks[index].folioBatch.prefix(machine.tasks[index].pinsInBatch) {
                frames[folio.index].isPinned = true
            }
        }
    }
}
