/// A recount of what refers to each frame: entries, page caches and pins, found by walking all of them.
struct FrameCensus {
    /// How many frame numbers there are.
    let count: Int
    /// How many entries map each frame.
    private(set) var entries: [Int32]
    /// How many cache slots hold each frame.
    private(set) var slots: [Int32]
    /// For how many references the pins of each frame count.
    private(set) var pins: [Int32]
    /// Which frames are pinned, not only referenced, by a pin or a task.
    private(set) var isPinned: [Bool]
    /// The sum over the places of those, as ``Frame/places`` has it without what tasks hold.
    private(set) var places: [UInt64]

    /// Counts.
    init(of machine: Machine) {
        count = Int(machine.frames.count)
        var entries = [Int32](repeating: 0, count: count)
        var slots = entries
        var pins = entries
        var isPinned = [Bool](repeating: false, count: count)
        var places = [UInt64](repeating: 0, count: count)
        for map in machine.maps {
            let all = PageNumber(0)..<machine.configuration.geometry.userLimit
            machine.tables.forEachLeaf(map.root, in: all) { base, node in
                for (slot, raw) in machine.tables.nodes[Int(node)].enumerated() where raw != 0 {
                    let entry = PTE(rawValue: raw)
                    guard entry.mapsCountedFrame else { continue }
                    entries[entry.frame.index] += 1
                    places[entry.frame.index] &+= Mixing.entryPlace(map.id, base + slot, entry.bits.rawValue)
                }
            }
        }
        for (number, file) in machine.files.enumerated() {
            var next: PageIndex = 0
            while let (index, frame) = file.cache.first(from: next) {
                slots[frame.index] += 1
                places[frame.index] &+= Mixing.cachePlace(FileID(number), index)
                next = index + 1
            }
        }
        machine.swap.forEachInUse { number, slot in
            guard slot.cached != .none else { return }
            slots[slot.cached.index] += 1
            places[slot.cached.index] &+= Mixing.swapPlace(number)
        }
        for pin in machine.pins.pins {
            for (position, folio) in pin.frames.enumerated() where folio != .none {
                pins[folio.index] += pin.kind.weight
                places[folio.index] &+= Mixing.pinPlace(pin.id, position)
                if pin.kind == .pin { isPinned[folio.index] = true }
            }
        }
        for task in machine.tasks where task.pinsInBatch > 0 {
            for folio in task.folioBatch.prefix(task.pinsInBatch) { isPinned[folio.index] = true }
        }
        self.entries = entries
        self.slots = slots
        self.pins = pins
        self.isPinned = isPinned
        self.places = places
    }
}
