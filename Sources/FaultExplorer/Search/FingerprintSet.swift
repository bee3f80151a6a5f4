/// A set of fingerprints: open addressing with linear probing, which grows when five eighths are full. Two runs fill it
/// in the same way.
struct FingerprintSet: Sendable {
    private var slots: [UInt64]
    private var mask: Int
    private(set) var count = 0
    /// 0 marks an empty slot, so its membership is kept beside the slots.
    private var hasZero = false

    /// Makes an empty set.
    init() {
        slots = [UInt64](repeating: 0, count: 1024)
        mask = 1023
    }

    /// How many bytes it takes.
    var bytes: Int { slots.count * 8 }

    /// Whether a fingerprint is in it.
    @inline(__always)
    func contains(_ fingerprint: UInt64) -> Bool {
        guard fingerprint != 0 else { return hasZero }
        var slot = Int(truncatingIfNeeded: fingerprint) & mask
        while slots[slot] != 0 {
            if slots[slot] == fingerprint { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    /// Inserts a fingerprint, and returns whether it is new.
    mutating func insert(_ fingerprint: UInt64) -> Bool {
        guard fingerprint != 0 else {
            defer { hasZero = true }
            if !hasZero { count += 1 }
            return !hasZero
        }
        var slot = Int(truncatingIfNeeded: fingerprint) & mask
        while slots[slot] != 0 {
            if slots[slot] == fingerprint { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = fingerprint
        count += 1
        if count * 8 > slots.count * 5 { grow() }
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        mask = slots.count - 1
        for fingerprint in old where fingerprint != 0 {
            var slot = Int(truncatingIfNeeded: fingerprint) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = fingerprint
        }
    }
}
