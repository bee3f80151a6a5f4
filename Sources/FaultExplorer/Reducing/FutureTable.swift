import FaultCore

/// The states of a search by their fingerprints, with the row of what can follow; see ``FutureRows``.
///
/// It is a table with open addressing whose places are in the order of the fingerprints. So it can grow by a quarter, in one
/// pass over neighbouring memory, and four fifths of it may be full.
struct FutureTable: Sendable {
    /// The fingerprints; 0 for a free place.
    private var words = [UInt64](repeating: 0, count: 1024)
    private var rows = [UInt32](repeating: unknown, count: 1024)
    /// How many states there are.
    private(set) var count = 0

    /// The row of a state while it is not known what can follow.
    static let unknown = UInt32.max

    /// How many bytes it takes.
    var bytes: Int { words.count * 12 }

    /// The place of a fingerprint, or the free one where it belongs. The fingerprint 0 counts as 1.
    private func place(of word: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: word.multipliedFullWidth(by: UInt64(words.count)).high)
        while words[place] != 0, words[place] != word {
            place += 1
            if place == words.count { place = 0 }
        }
        return place
    }

    /// The row of a state; `nil` if there is no such state.
    func row(of fingerprint: UInt64) -> UInt32? {
        let place = place(of: max(1, fingerprint))
        return words[place] == 0 ? nil : rows[place]
    }

    /// Adds a state, unless it is there. Returns its row, and whether it is new.
    mutating func insert(_ fingerprint: UInt64) -> (row: UInt32, isNew: Bool) {
        let word = max(1, fingerprint)
        let place = place(of: word)
        guard words[place] == 0 else { return (rows[place], false) }
        words[place] = word
        count += 1
        if count * 5 > words.count * 4 { grow() }
        return (Self.unknown, true)
    }

    /// Sets the row of a state.
    mutating func set(_ row: UInt32, of fingerprint: UInt64) { rows[place(of: max(1, fingerprint))] = row }

    private mutating func grow() {
        let old = (words, rows)
        let size = words.count + words.count / 4
        words = [UInt64](repeating: 0, count: size)
        rows = [UInt32](repeating: Self.unknown, count: size)
        for (word, row) in zip(old.0, old.1) where word != 0 {
            let place = place(of: word)
            words[place] = word
            rows[place] = row
        }
    }
}
