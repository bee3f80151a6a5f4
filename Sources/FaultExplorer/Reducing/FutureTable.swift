import FaultCore

/// The states of a search by their fingerprints, with the row of what can follow; see ``FutureRows``.
///
/// Each state takes one word. The upper bits of a fingerprint give its home, the place where it is stored if that is free.
/// If it is not, the fingerprint is stored at a later place, so that the homes of the stored fingerprints ascend ("Robin
/// Hood hashing"). A word has the distance from the home, those bits of the fingerprint that the home does not give, and
/// the row. When the table grows, by an eighth, the words are moved in one pass over neighbouring memory.
struct FutureTable: Sendable {
    /// The bits of a fingerprint that count.
    private static let fingerprintBits = 60
    /// The bits of a word that say how far it is from its home, plus one; a free place is 0.
    private static let distanceBits = 6
    private static let mostDistance = 1 << distanceBits - 2
    private static let distanceShift = UInt64.bitWidth - distanceBits

    /// The words of all places: those of the homes, and as many more as a word can be away from the last home.
    private var words: [UInt64]
    /// How many homes there are.
    private var homes: Int
    /// How many bits of a word are the row.
    private var rowBits: UInt64
    /// How many states there are.
    private(set) var count = 0

    /// The row of a state while it is not known what can follow.
    static let unknown = UInt32.max

    init() { self.init(homes: 1024) }

    private init(homes: Int) {
        self.homes = homes
        words = [UInt64](repeating: 0, count: homes + Self.mostDistance)
        // How many bits of a fingerprint its home does not give.
        let own = Self.fingerprintBits - (Int.bitWidth - 1 - homes.leadingZeroBitCount)
        rowBits = UInt64(Self.distanceShift - own)
    }

    /// How many bytes it takes.
    var bytes: Int { words.count * 8 }

    /// The row that stands for ``unknown``.
    private var unknownRow: UInt64 { 1 << rowBits - 1 }

    // MARK: Places

    private static func short(_ fingerprint: UInt64) -> UInt64 { fingerprint >> UInt64(64 - fingerprintBits) }

    private func home(of short: UInt64) -> Int {
        let (high, low) = short.multipliedFullWidth(by: UInt64(homes))
        return Int(truncatingIfNeeded: high << UInt64(64 - Self.fingerprintBits) | low >> UInt64(Self.fingerprintBits))
    }

    /// The bits above the row in a fingerprint's word, if it is stored at its home.
    private func tag(of short: UInt64) -> UInt64 {
        let own = UInt64(Self.distanceShift) - rowBits
        return (1 << own) | short & (1 << own - 1)
    }

    /// What is added to these bits for each place further from the home.
    private var oneFurther: UInt64 { 1 << (UInt64(Self.distanceShift) - rowBits) }

    /// The place of a fingerprint, or the one where it is to be stored, and the bits above the row there.
    private func find(_ short: UInt64) -> (place: Int, tag: UInt64, isThere: Bool) {
        var place = home(of: short)
        var tag = tag(of: short)
        let step = oneFurther
        while true {
            let other = words[place] >> rowBits
            if other == tag { return (place, tag, true) }
            // A word that is nearer to its home has to be stored after this one.
            if other < tag & ~(step - 1) { return (place, tag, false) }
            place += 1
            tag += step
        }
    }

    private func row(at place: Int) -> UInt32 {
        let row = words[place] & unknownRow
        return row == unknownRow ? Self.unknown : UInt32(truncatingIfNeeded: row)
    }

    // MARK: States

    /// The row of a state; `nil` if there is no such state.
    func row(of fingerprint: UInt64) -> UInt32? {
        let found = find(Self.short(fingerprint))
        return found.isThere ? row(at: found.place) : nil
    }

    /// Adds a state, unless it is there. Returns its row, and whether it is new.
    mutating func insert(_ fingerprint: UInt64) -> (row: UInt32, isNew: Bool) {
        let short = Self.short(fingerprint)
        let found = find(short)
        if found.isThere { return (row(at: found.place), false) }
        count += 1
        if count * 20 > homes * 17 || !insert(found.tag, Self.unknown, at: found.place) {
            grow(to: homes + homes / 8)
            add(short, Self.unknown)
        }
        return (Self.unknown, true)
    }

    /// Sets the row of a state.
    mutating func set(_ row: UInt32, of fingerprint: UInt64) {
        let short = Self.short(fingerprint)
        while row != Self.unknown, UInt64(row) >= unknownRow { grow(to: homes * 2) }
        let place = find(short).place
        words[place] = words[place] & ~unknownRow | UInt64(row) & unknownRow
    }

    /// Puts a state at a place, and moves those behind it. Returns whether none is too far away from its home then; if one
    /// is, nothing is changed.
    private mutating func insert(_ tag: UInt64, _ row: UInt32, at place: Int) -> Bool {
        guard tag / oneFurther <= Self.mostDistance + 1 else { return false }
        var end = place
        while words[end] != 0 {
            if words[end] >> UInt64(Self.distanceShift) > Self.mostDistance { return false }
            end += 1
        }
        // The last place stays free, so that each search ends.
        guard end < words.count - 1 else { return false }
        while end > place {
            words[end] = words[end - 1] + 1 << UInt64(Self.distanceShift)
            end -= 1
        }
        words[place] = tag << rowBits | UInt64(row) & unknownRow
        return true
    }

    // MARK: Growing

    /// Adds a state that is not there.
    private mutating func add(_ short: UInt64, _ row: UInt32) {
        let found = find(short)
        if !insert(found.tag, row, at: found.place) {
            grow(to: homes + homes / 8)
            add(short, row)
        }
    }

    private mutating func grow(to size: Int) {
        let old = self
        self = Self(homes: size)
        count = old.count
        for place in old.words.indices where old.words[place] != 0 {
            add(old.fingerprint(at: place), old.row(at: place))
        }
    }

    /// The fingerprint of a place: the only one of its home that ends with the bits of its word.
    private func fingerprint(at place: Int) -> UInt64 {
        let word = words[place]
        let home = UInt64(place + 1) - word >> UInt64(Self.distanceShift)
        // The first fingerprint of this home.
        let (high, low) = (home >> UInt64(64 - Self.fingerprintBits), home << UInt64(Self.fingerprintBits))
        let (quotient, rest) = UInt64(homes).dividingFullWidth((high, low))
        let first = rest == 0 ? quotient : quotient + 1
        let own = oneFurther - 1
        return first + ((word >> rowBits) &- first) & own
    }
}
