/// The changes of memory since the last count.
struct MemoryChanges {
    /// The frames that changed, or whose entries changed, sorted by number, without duplicates.
    var frames: [FrameNumber] = []
    /// The entries that are new or changed, with their pages and maps.
    var entries: [(entry: PTE, page: PageNumber, map: MapID)] = []
    /// The places where a page cache holds a page whose frame no longer names that place.
    var misplaced: [(file: FileID, index: PageIndex)] = []
    /// Whether a page that stayed mapped has changed its kind, so that what maps hold must be counted anew.
    var movesKinds = false

    /// The frames that changed and `others`, sorted by number, without duplicates.
    func frames(and others: [FrameNumber]) -> [FrameNumber] { Self.sortedOnce(frames + others) }

    /// `frames`, sorted by number, without duplicates.
    static func sortedOnce(_ frames: [FrameNumber]) -> [FrameNumber] {
        var sorted = frames.sorted { $0.rawValue < $1.rawValue }
        var last: FrameNumber?
        sorted.removeAll { frame in
            defer { last = frame }
            return frame == last
        }
        return sorted
    }
}

extension MemoryCensus {
    /// Counts what has changed since the last count. Returns the changes.
    ///
    /// Changed tables and frames are recognised by the storage of their pieces, which machines share until one changes.
    ///
    /// - Complexity: O(*n*) in what has changed, and in the number of groups of 64 tables and of 4,096 frames.
    mutating func follow(_ machine: Machine) -> MemoryChanges {
        var changes = MemoryChanges()
        frames.grow(to: Int(machine.frames.count))
        while resident.count < machine.maps.count { resident.append(ResidentPages()) }
        followTables(machine, &changes)
        followFrames(machine, &changes)
        seenTables = machine.tables
        seenFrames = machine.frames
        changes.frames = MemoryChanges.sortedOnce(changes.frames)
        return changes
    }

    private mutating func followTables(_ machine: Machine, _ changes: inout MemoryChanges) {
        let changed = machine.tables.changedNodes(since: seenTables)
        guard !changed.isEmpty else { return }
        let before = leaves
        // A change of an upper table moves, makes or removes tables below it.
        if changed.contains(where: { $0 >= before.count || before[Int($0)].map == .none }) {
            findLeaves(machine)
            for node in leaves.indices where node < before.count && before[node] != leaves[node] {
                move(UInt32(node), from: before[node], machine, &changes)
            }
        }
        for node in changed {
            let leaf = leaves[Int(node)]
            guard leaf.map != .none else { continue }
            let isKnown = node < before.count && before[Int(node)] == leaf
            if isKnown { compare(node, leaf, machine, &changes) }
        }
        for node in leaves.indices.dropFirst(before.count) where leaves[node].map != .none {
            move(UInt32(node), from: Leaf(), machine, &changes)
        }
    }

    /// Handles a table that has moved: all entries at its old place are gone, and all entries at its new place are new.
    private mutating func move(
        _ node: UInt32, from before: Leaf, _ machine: Machine, _ changes: inout MemoryChanges
    ) {
        if before.map != .none {
            seenTables.forEachEntry(of: node) { slot, entry in
                remove(entry, at: slot, in: node, before, machine)
                if entry.mapsCountedFrame { changes.frames.append(entry.frame) }
            }
        }
        let leaf = leaves[Int(node)]
        guard leaf.map != .none else { return }
        machine.tables.forEachEntry(of: node) { slot, entry in
            add(entry, at: slot, in: node, leaf, machine)
            note(entry, at: leaf.base + slot, leaf.map, &changes)
        }
    }

    private mutating func compare(
        _ node: UInt32, _ leaf: Leaf, _ machine: Machine, _ changes: inout MemoryChanges
    ) {
        machine.tables.forEachDifference(of: node, since: seenTables) { slot, old, new in
            if old != .none {
                remove(old, at: slot, in: node, leaf, machine)
                if old.mapsCountedFrame { changes.frames.append(old.frame) }
            }
            guard new != .none else { return }
            add(new, at: slot, in: node, leaf, machine)
            note(new, at: leaf.base + slot, leaf.map, &changes)
        }
    }

    private func note(_ entry: PTE, at page: PageNumber, _ map: MapID, _ changes: inout MemoryChanges) {
        changes.entries.append((entry, page, map))
        if entry.mapsCountedFrame { changes.frames.append(entry.frame) }
    }

    private mutating func followFrames(_ machine: Machine, _ changes: inout MemoryChanges) {
        machine.frames.forEachChange(since: seenFrames) { number, old, new in
            count(old, -1)
            count(new, 1)
            if case .file(let file, let index)? = frames.recountSlots(of: number, before: old, machine) {
                changes.misplaced.append((file, index))
            }
            changes.frames.append(number)
            guard frames[number.index].entries > 0 else { return }
            if old.flags.kind != new.flags.kind { changes.movesKinds = true }
            if old.flags != new.flags || old.owner != new.owner || old.index != new.index {
                addEntries(of: number, machine, &changes)
            }
        }
    }

    /// Adds the entries that map a frame that has changed, because they must still suit it.
    private func addEntries(of number: FrameNumber, _ machine: Machine, _ changes: inout MemoryChanges) {
        if frames[number.index].entries == 1 {
            let (node, slot) = Self.place(of: frames[number.index].entryNames)
            guard Int(node) < leaves.count, leaves[Int(node)].map != .none else { return }
            let entry = PTE(rawValue: machine.tables.nodes[Int(node), slot])
            changes.entries.append((entry, leaves[Int(node)].base + slot, leaves[Int(node)].map))
        } else {
            for mapping in machine.reverseMappings(of: number) {
                changes.entries.append((mapping.entry, mapping.page, mapping.map))
            }
        }
    }
}
