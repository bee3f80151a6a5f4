/// A table that numbers fingerprints in the order in which they first occur.
struct StateTable: Sendable {
    private var slots: [UInt32]
    private var mask: Int
    /// The fingerprints by number.
    private(set) var words: [UInt64] = []

    init() {
        slots = [UInt32](repeating: .max, count: 1024)
        mask = 1023
    }

    var count: Int { words.count }
    /// How many bytes it takes.
    var bytes: Int { slots.count * 4 + words.count * 8 }

    /// The number of a fingerprint, and whether it is new.
    mutating func number(of word: UInt64) -> (number: Int, isNew: Bool) {
        var slot = Int(truncatingIfNeeded: word) & mask
        while slots[slot] != .max {
            let number = Int(slots[slot])
            if words[number] == word { return (number, false) }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(words.count)
        words.append(word)
        if words.count * 8 > slots.count * 5 { grow() }
        return (words.count - 1, true)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: .max, count: slots.count * 2)
        mask = slots.count - 1
        for (number, word) in words.enumerated() {
            var slot = Int(truncatingIfNeeded: word) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }
}
