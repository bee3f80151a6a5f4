import FaultCore

/// Lists of numbers, all of one length, each kept once and known by its own number.
struct DistinctLists: Sendable {
    private let length: Int
    /// The lists, one after the other, and the one that is being added.
    private var cells: [UInt32] = []
    private var byHash = NumbersByHash()
    /// How many lists there are.
    private(set) var count = 0

    init(length: Int) { self.length = length }

    /// How many bytes they take.
    var bytes: Int { cells.count * 4 + byHash.bytes }

    subscript(list: UInt32, place: Int) -> UInt32 { cells[Int(list) * length + place] }

    /// Adds the next number of a list.
    mutating func add(_ number: UInt32) { cells.append(number) }

    /// Ends the list that was added. Returns its number, which it has already if the same list was added before.
    mutating func numberOfAdded() -> UInt32 {
        let first = count * length
        var hash: UInt64 = 0
        for place in first..<first + length { hash = Mixing.mix(hash, UInt64(cells[place])) }
        let known = byHash.first(hash) { list in
            let other = Int(list) * length
            for place in 0..<length where cells[first + place] != cells[other + place] { return false }
            return true
        }
        if let known {
            cells.removeLast(length)
            return known
        }
        count += 1
        return byHash.add(hash)
    }
}
