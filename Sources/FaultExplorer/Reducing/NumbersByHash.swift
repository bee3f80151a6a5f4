import FaultCore

/// Numbers of things by their hash.
struct NumbersByHash: Sendable {
    /// Numbers with one added; 0 for none.
    private var slots = [UInt32](repeating: 0, count: 1024)
    /// The upper halves of the hashes, by number.
    private var hashes: [UInt32] = []

    /// How many bytes it takes.
    var bytes: Int { (slots.count + hashes.count) * 4 }

    /// The first number with this hash for which the closure returns true.
    func first(_ hash: UInt64, where isMeant: (UInt32) -> Bool) -> UInt32? {
        let hash = UInt32(hash >> 32)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if hashes[Int(number)] == hash, isMeant(number) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a thing with this hash, and returns its number.
    mutating func add(_ hash: UInt64) -> UInt32 {
        let number = UInt32(hashes.count)
        hashes.append(UInt32(hash >> 32))
        insert(number)
        if hashes.count * 4 > slots.count * 3 {
            slots = [UInt32](repeating: 0, count: slots.count * 2)
            for number in hashes.indices { insert(UInt32(number)) }
        }
        return number
    }

    private mutating func insert(_ number: UInt32) {
        var slot = Int(hashes[Int(number)]) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = number + 1
    }
}

/// Results that were computed lately, in a table that grows up to a limit. If two share a place, the newer replaces the
/// older.
struct RememberedNumbers: Sendable {
    private struct Entry: BitwiseCopyable, Sendable {
        var key: UInt64
        var number: UInt32
    }

    private var entries = [Entry](repeating: Entry(key: .max, number: 0), count: 1 << 8)
    private var kept = 0
    private static let most = 1 << 16

    /// How many bytes it takes.
    var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

    private func place(_ key: UInt64) -> Int { Int(truncatingIfNeeded: Mixing.mix(key, 1)) & (entries.count - 1) }

    /// The number that was computed for a key; `nil` if it is not known any more.
    subscript(key: UInt64) -> UInt32? {
        let entry = entries[place(key)]
        return entry.key == key ? entry.number : nil
    }

    /// Keeps a number.
    mutating func keep(_ number: UInt32, for key: UInt64) {
        kept += 1
        if kept > entries.count, entries.count < Self.most { grow() }
        entries[place(key)] = Entry(key: key, number: number)
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(key: .max, number: 0), count: old.count * 4)
        for entry in old where entry.key != .max { entries[place(entry.key)] = entry }
        kept = 0
    }
}
