/// The `anon_vma`s of a machine, which decide which areas may merge. Models `struct anon_vma`, without its tree.
///
/// Only which areas share an `anon_vma` is state, not its number: the fingerprint mixes the places of the areas that
/// have it.
struct AnonVMATable: Sendable {
    private struct Entry: BitwiseCopyable {
        var areas: Int32 = 0
        var nextFree: UInt32 = 0
        var places: UInt64 = 0
    }

    private var entries: [Entry] = [Entry()]
    private var firstFree: UInt32 = 0

    /// Allocates a number for a new `anon_vma`, which no area has yet.
    mutating func allocate() -> UInt32 {
        if firstFree != 0 {
            let number = firstFree
            firstFree = entries[Int(number)].nextFree
            entries[Int(number)] = Entry()
            return number
        }
        entries.append(Entry())
        return UInt32(entries.count - 1)
    }

    /// Notes that an area at `place` has it. Returns the change of the fingerprint.
    mutating func link(_ number: UInt32, _ place: UInt64) -> UInt64 {
        let before = contribution(number)
        entries[Int(number)].areas += 1
        entries[Int(number)].places &+= place
        return contribution(number) &- before
    }

    /// Notes that the area at `place` no longer has it. Returns the change of the fingerprint.
    mutating func unlink(_ number: UInt32, _ place: UInt64) -> UInt64 {
        let before = contribution(number)
        entries[Int(number)].areas -= 1
        entries[Int(number)].places &-= place
        if entries[Int(number)].areas == 0 {
            entries[Int(number)] = Entry(areas: 0, nextFree: firstFree, places: 0)
            firstFree = number
        }
        return contribution(number) &- before
    }

    private func contribution(_ number: UInt32) -> UInt64 {
        let entry = entries[Int(number)]
        return entry.areas == 0 ? 0 : Mixing.mix(entry.places, UInt64(UInt32(bitPattern: entry.areas)))
    }
}
