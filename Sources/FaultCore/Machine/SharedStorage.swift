extension Array {
    /// Whether both arrays share their storage, as copies do until one is changed. If so, they are equal; if not, they
    /// may be.
    func sharesStorage(with other: Self) -> Bool {
        withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress && mine.count == $0.count }
        }
    }
}

extension [UInt64] {
    /// Calls `body` with each index at which `other`, which has as many words, has a different word.
    ///
    /// - Complexity: O(*n*), eight words at a time where they are the same.
    func forEachDifference(to other: Self, _ body: (Int) -> Void) {
        guard count == other.count else {
            misuse("forEachDifference: \(count) words can't be compared with \(other.count)")
        }
        withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { others in
                var place = 0
                while place < mine.count {
                    let end = Swift.min(place + 8, mine.count)
                    var difference: UInt64 = 0
                    for word in place..<end { difference |= mine[word] ^ others[word] }
                    if difference != 0 {
                        for word in place..<end where mine[word] != others[word] { body(word) }
                    }
                    place = end
                }
            }
        }
    }
}
