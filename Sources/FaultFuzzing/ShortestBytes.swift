/// A search for the shortest bytes that still do what some bytes do.
struct ShortestBytes {
    /// The shortest bytes found.
    private(set) var least: [UInt8]
    private var triesLeft: Int
    /// The bytes that were used, if they do it; else `nil`.
    private let does: ([UInt8]) -> [UInt8]?

    init(_ bytes: [UInt8], mostTries: Int, does: @escaping ([UInt8]) -> [UInt8]?) {
        least = bytes
        triesLeft = mostTries
        self.does = does
    }

    /// Goes on from `bytes`, if they do it and are not longer.
    ///
    /// - Returns: Whether they do.
    @discardableResult
    mutating func tryInstead(_ bytes: [UInt8]) -> Bool {
        guard triesLeft > 0 else { return false }
        triesLeft -= 1
        guard let used = does(bytes), used.count <= least.count else { return false }
        least = used
        return true
    }

    /// Leaves out whatever is not needed after the first `kept` bytes: halves, quarters, and at last single bytes. Then
    /// it sets to zero what need not be another number.
    mutating func dropBytes(after kept: Int) {
        var size = max(least.count - kept, 1)
        while size > 0, triesLeft > 0 {
            let before = least.count
            var end = least.count
            while end > kept, triesLeft > 0 {
                let start = max(end - size, kept)
                var fewer = least
                fewer.removeSubrange(start..<min(end, fewer.count))
                tryInstead(fewer)
                end = min(start, least.count)
            }
            // At the last size it goes on while it helps: a byte may be needed only for one after it.
            if size > 1 || least.count == before { size /= 2 }
        }
        for place in kept..<max(least.count, kept) where place < least.count && least[place] != 0 {
            var lower = least
            lower[place] = 0
            tryInstead(lower)
        }
    }
}
